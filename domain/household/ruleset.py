"""A new ruleset: its effect is recorded first; once in force, each household is assessed under it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from domain.decider import Act, Recorded, altered, command, event
from domain.household import events as e
from domain.household.classes import reassessed
from domain.household.facts import counted
from domain.household.protection import as_known
from domain.household.state import Household
from domain.household.terms import ClassBasis, HouseholdClass


@dataclass(frozen=True, kw_only=True)
class Way:
    """How many go from one class to another."""

    was: HouseholdClass
    now: HouseholdClass
    households: int


@event("register.ruleset_compared")
class RulesetCompared:
    """The whole register, assessed under another ruleset on the facts of that day: a shadow, which changed nothing.

    It finds another class for `moved` of them; `ways` says from which to which. Into need they go when it is in force, out
    of need the slow way.
    """

    old: str
    new: str
    households: int
    moved: int
    ways: tuple[Way, ...]


@dataclass(frozen=True, kw_only=True)
class Register:
    """Which rulesets have been compared."""

    version: int = 0
    compared: frozenset[str] = frozenset()

    def evolve(self, recorded: Recorded[RulesetCompared], /) -> Self:
        return altered(self, version=recorded.version, compared=self.compared | {recorded.event.new})


@command
class CompareRuleset:
    """Write down what a ruleset would change. Once is enough."""

    old: str
    new: str
    households: int
    ways: tuple[Way, ...]

    def decide(self, register: Register, _act: Act, /) -> Iterator[RulesetCompared]:
        if self.new not in register.compared:
            moved = sum(way.households for way in self.ways)
            yield RulesetCompared(old=self.old, new=self.new, households=self.households, moved=moved, ways=self.ways)


class Reassess:
    """Assess a household under the ruleset in force, if that is another than it was assessed under last."""

    def decide(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        current = household.ruleset == act.rules.policy_label
        if current or as_known(household) is None or household.merged_into is not None:
            return
        yield from counted(household, household.lost_since, act)
        yield from reassessed(household, act, ClassBasis.RULESET)
