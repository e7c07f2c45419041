"""The story of a household, told in the same small district as the stories of cases."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from typing import Any

from domain.decider import SYSTEM, Act, Actor, Recorded
from domain.household import Household, LapseHousehold, RegisterHousehold
from domain.rules import Rules
from domain.tests.hanbin import RULES
from domain.tests.story import ORG, OpenVault, actor, at


@dataclass(frozen=True, kw_only=True)
class Home:
    """A household, and what happened to it so far."""

    household: Household = field(default=Household(id="HH-1"))
    history: tuple[Recorded[Any], ...] = ()
    rules: Rules = RULES

    def step(self, moment: str, by: str, command: Any) -> "Home":
        """Deadlines that passed come first, as in the ledger."""
        now = at(moment)
        return self.until(now)._decided(command, actor(by, ORG, now), now)

    def until(self, now: datetime) -> "Home":
        home = self
        while (due := home.household.next_deadline) is not None and due <= now:
            before = home.household.version
            home = home._decided(LapseHousehold(), SYSTEM, due)
            assert home.household.version > before, "a deadline lapsed without an event"
        return home

    def play(self, steps: Iterable[tuple[str, str, Any]]) -> "Home":
        return reduce(lambda home, step: home.step(*step), steps, self)

    def events(self) -> list[str]:
        return [getattr(type(one.event), "__event__").removeprefix("household.") for one in self.history]

    def _decided(self, command: Any, by: Actor, now: datetime) -> "Home":
        act = Act(by=by, at=now, rules=self.rules, org=ORG, vault=OpenVault())
        home = self
        for event in list(command.decide(self.household, act)):
            version = home.household.version + 1
            one = Recorded(stream="HH-1", version=version, at=now, recorded_at=now, by=by.id, event=event)
            home = replace(home, household=home.household.evolve(one), history=(*home.history, one))
        return home


REGISTERED = Home().step("01-06 09:00", "cadre:V0101", RegisterHousehold(village="V0101", head="A villager"))
