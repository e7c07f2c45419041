"""The story of a household, told in the same small district as the stories of cases, and homes to begin with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from typing import Any

import pytest

from domain.decider import SYSTEM, Act, Actor, Entry, Recorded
from domain.household import Helper, Household, LapseHousehold, RecordFacts, RecordVisit, RegisterHousehold
from domain.household.decisions import OverrideClass, SignOverride
from domain.household.terms import HouseholdClass
from domain.refusals import Refused
from domain.rules import Rules
from domain.tests.hanbin import RULES
from domain.tests.story import ORG, OpenVault, actor, at


@dataclass(frozen=True, kw_only=True)
class Home:
    """A household, and what happened to it so far."""

    household: Household = field(default=Household(id="HH-1"))
    history: tuple[Recorded[Any], ...] = ()
    rules: Rules = RULES
    others: Mapping[str, Any] = field(default_factory=dict)

    def step(self, moment: str, by: str, command: Any) -> "Home":
        """Deadlines that passed come first, as in the ledger."""
        now = at(moment)
        return self.until(now).asked(now, actor(by, ORG, now), command)

    def until(self, now: datetime) -> "Home":
        home = self
        while (due := home.household.next_deadline) is not None and due <= now:
            before = home.household.version
            home = home.asked(due, SYSTEM, LapseHousehold())
            assert home.household.version > before, "a deadline lapsed without an event"
        return home

    def play(self, steps: Iterable[tuple[str, str, Any]]) -> "Home":
        return reduce(lambda home, step: home.step(*step), steps, self)

    def events(self) -> list[str]:
        return [getattr(type(one.event), "__event__").removeprefix("household.") for one in self.history]

    def act(self, by: Actor, now: datetime) -> Act:
        return Act(by=by, at=now, rules=self.rules, org=ORG, vault=OpenVault())

    def asked(self, now: datetime, by: Actor, command: Any) -> "Home":
        also = command.also(self.household) if hasattr(command, "also") else ()
        others = {stream: self.other(stream) for stream in also}
        home = self
        for item in list(command.decide(self.household, replace(self.act(by, now), others=others))):
            home = home._happened(item if isinstance(item, Entry) else Entry(event=item), by, now)
        return home

    def other(self, stream: str) -> Any:
        """What another stream adds up to: a helper's, or another household's."""
        kind, _, id = stream.partition(":")
        return self.others.get(stream) or (Household(id=id) if kind == "household" else Helper(id=id))

    def _happened(self, entry: Entry[Any], by: Actor, now: datetime) -> "Home":
        def after(stream: str, state: Any) -> tuple[Recorded[Any], Any]:
            envelope = {"stream": stream, "version": state.version + 1, "at": now, "recorded_at": now, "by": by.id}
            one = Recorded(event=entry.event, **envelope)
            return one, state.evolve(one)

        if entry.stream is not None:
            _, other = after(entry.stream, self.other(entry.stream))
            return replace(self, others={**self.others, entry.stream: other})
        one, household = after(self.household.id, self.household)
        return replace(self, household=household, history=(*self.history, one))


REGISTERED = Home().step("01-06 09:00", "cadre:V0101", RegisterHousehold(village="V0101", head="A villager"))


CADRE, VILLAGE_HEAD, HEAD = "cadre:V0101", "head:V0101", "head:T01"
POOR = RecordFacts(members=4, income_per_head=3400, debt_total=26000)
MEAGRE = RecordFacts(members=4, income_per_head=8000)
WELL = RecordFacts(members=4, income_per_head=20000)
VISIT = RecordVisit(met=("grandmother",), countersigned=True)
PRIORITY, ATTENTION, SECURE = HouseholdClass.PRIORITY, HouseholdClass.ATTENTION, HouseholdClass.SECURE
MEETING = OverrideClass(to=PRIORITY, minutes="no. 7", reason="seen by all")

POOR_HOME = REGISTERED.step("01-07 09:00", CADRE, POOR)
RECOVERED = POOR_HOME.play([("02-03 09:00", CADRE, WELL), ("03-03 09:00", CADRE, VISIT), ("05-12 09:00", CADRE, WELL)])


def refused(home: Home, moment: str, by: str, command: object, kind: type[Refused]) -> None:
    with pytest.raises(kind):
        home.step(moment, by, command)


def overridden(home: Home, moment: str, to: HouseholdClass) -> Home:
    proposal = OverrideClass(to=to, minutes="no. 7", reason="seen by all")
    signed = SignOverride(to=to, minutes="no. 7")
    return home.play([(moment, VILLAGE_HEAD, proposal), (moment, HEAD, signed)])
