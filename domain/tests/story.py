"""given(commands).when(command).then(events): the language our specifications are written in.

A story is played in a small district: town T01 with its land office and villages V0101 and V0102, town T02 with V0201,
departments D-TRANSPORT and D-MASSWORK. Times are wall-clock times in the district's zone; the calendars are those of
2025 and 2026.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import reduce
from typing import Any
from zlib import crc32

import pytest

from domain.case import Case, Lapse
from domain.decider import SYSTEM, Act, Actor, Command, Entry, Recorded, Sealed
from domain.household import Household
from domain.household.terms import HouseholdClass
from domain.org import Official, Org, Post, Role, Unit, UnitKind
from domain.org.units import Duty
from domain.refusals import Refused
from domain.rules import Rules
from domain.streams import CASE, case_stream, household_stream
from domain.tests.hanbin import RULES
from domain.zone import DISTRICT


def at(text: str) -> datetime:
    """`03-03 09:10` is that moment of 2025 in the district; a leading year is taken as given."""
    text = text if text.count("-") == 2 else f"2025-{text}"
    return datetime.fromisoformat(text).replace(tzinfo=DISTRICT).astimezone(UTC)


UNITS = (
    Unit(id="D", name="District", kind=UnitKind.DISTRICT),
    Unit(id="D-MASSWORK", name="Mass work", kind=UnitKind.DEPARTMENT, parent="D", duties=frozenset({Duty.MASS_WORK})),
    Unit(id="D-DISPATCH", name="Dispatch", kind=UnitKind.DEPARTMENT, parent="D", duties=frozenset({Duty.DISPATCH})),
    Unit(id="D-TRANSPORT", name="Transport", kind=UnitKind.DEPARTMENT, parent="D"),
    Unit(id="D-FOLLOWUP", name="Follow-up", kind=UnitKind.BODY, duties=frozenset({Duty.FOLLOW_UP})),
    Unit(id="D-DISCIPLINE", name="Discipline", kind=UnitKind.BODY, duties=frozenset({Duty.DISCIPLINE})),
    Unit(id="D-GOV", name="Review", kind=UnitKind.BODY, duties=frozenset({Duty.REVIEW})),
    Unit(id="CITY-GOV", name="Final review", kind=UnitKind.BODY, duties=frozenset({Duty.FINAL_REVIEW})),
    Unit(id="T01", name="Town 1", kind=UnitKind.TOWN, parent="D"),
    Unit(id="T01-LAND", name="Land office", kind=UnitKind.OFFICE, parent="T01"),
    Unit(id="T02", name="Town 2", kind=UnitKind.TOWN, parent="D"),
    Unit(id="T02-LAND", name="Land office", kind=UnitKind.OFFICE, parent="T02"),
    Unit(id="V0101", name="Village 1", kind=UnitKind.VILLAGE, parent="T01"),
    Unit(id="V0102", name="Village 2", kind=UnitKind.VILLAGE, parent="T01"),
    Unit(id="V0201", name="Village 3", kind=UnitKind.VILLAGE, parent="T02"),
)
POSTS = {
    "cadre:V0101": ("V0101", Role.CADRE),
    "head:V0101": ("V0101", Role.VILLAGE_HEAD),
    "head:V0102": ("V0102", Role.VILLAGE_HEAD),
    "head:V0201": ("V0201", Role.VILLAGE_HEAD),
    "clerk:T01": ("T01", Role.TOWN_CLERK),
    "officer:T01-LAND": ("T01-LAND", Role.TOWN_OFFICER),
    "head:T01": ("T01", Role.TOWN_HEAD),
    "leader:T01": ("T01", Role.DISTRICT_LEADER),
    "clerk:T02": ("T02", Role.TOWN_CLERK),
    "head:T02": ("T02", Role.TOWN_HEAD),
    "officer:T02-LAND": ("T02-LAND", Role.TOWN_OFFICER),
    "clerk:D-DISPATCH": ("D-DISPATCH", Role.DISPATCHER),
    "dispatcher": ("D-DISPATCH", Role.DISPATCHER),
    "adjudicator": ("D-MASSWORK", Role.ADJUDICATOR),
    "officer:D-MASSWORK": ("D-MASSWORK", Role.DEPARTMENT_OFFICER),
    "leader:D-MASSWORK": ("D-MASSWORK", Role.DISTRICT_LEADER),
    "officer:D-TRANSPORT": ("D-TRANSPORT", Role.DEPARTMENT_OFFICER),
    "leader:D-TRANSPORT": ("D-TRANSPORT", Role.DISTRICT_LEADER),
    "discipline": ("D-DISCIPLINE", Role.DISCIPLINE),
    "follow-up": ("D-FOLLOWUP", Role.FOLLOW_UP),
    "reviewer": ("D-GOV", Role.ADJUDICATOR),
    "final-reviewer": ("CITY-GOV", Role.ADJUDICATOR),
    "auditor": ("D", Role.AUDITOR),
    "gateway": ("T01", Role.INTEGRATOR),
}
ORG = Org(
    units={unit.id: unit for unit in UNITS},
    officials={
        who: Official(id=who, name=who, posts=(Post(unit=unit, role=role, since=date(2020, 1, 1)),))
        for who, (unit, role) in POSTS.items()
    },
)


class OpenVault:
    """Seals nothing, so that a test can see what would be sealed."""

    def seal(self, place: str, fields: Mapping[str, str], *, findable: bool = False) -> Sealed:  # noqa: ARG002
        return Sealed(person=f"person-of-{place}", box=repr(sorted(fields.items())))

    def receipt(self, stream: str) -> str:
        return f"receipt-of-{stream}"

    def lot(self, of: str) -> int:
        return crc32(of.encode())


def actor(who: str, org: Org = ORG, moment: datetime | None = None) -> Actor:
    if who == "system":
        return SYSTEM
    return org.actor(who, moment or at("03-03 09:00")) or Actor(id=who)


@dataclass(frozen=True)
class Step:
    """Somebody asks something at a moment."""

    at: str
    by: str
    command: Any


HOMES = {
    household_stream("HH-1"): Household(id="HH-1", version=1, village="V0101"),
    household_stream("HH-2"): Household(id="HH-2", version=1, village="V0101", klass=HouseholdClass.PRIORITY),
}
"""Two households of the register, the second of key support."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """A case, and what happened to it so far. Deadlines that passed come first, as in the ledger."""

    case: Case = field(default=Case(id="case-1"))
    history: tuple[Recorded[Any], ...] = ()
    rules: Rules = RULES
    org: Org = ORG
    others: Mapping[str, "Story"] = field(default_factory=dict)

    def turn_to(self, case_id: str) -> "Story":
        """The same district, and from here on the story of another case."""
        others = {**self.others, self.case.id: replace(self, others={})}
        told = others.pop(case_id, None) or Story(case=Case(id=case_id))
        return replace(told, rules=self.rules, org=self.org, others=others)

    def until(self, moment: str | datetime) -> "Story":
        """Time passes: every deadline up to this moment lapses, in due order."""
        now = at(moment) if isinstance(moment, str) else moment
        story = self
        while (due := story.case.next_deadline) is not None and due <= now:
            before = story.case.version
            story = story.decided(Lapse(), self.act(SYSTEM, due))
            assert story.case.version > before, "a deadline lapsed without an event"
        return story

    def act(self, by: Actor, moment: datetime) -> Act:
        others = {case_stream(case_id): other.case for case_id, other in self.others.items()} | HOMES
        return Act(by=by, at=moment, rules=self.rules, org=self.org, vault=OpenVault(), others=others)

    def step(self, step: Step) -> "Story":
        now = at(step.at)
        story = self.until(now)
        story = replace(story, others={case_id: other.until(now) for case_id, other in self.others.items()})
        return story.decided(step.command, story.act(actor(step.by, self.org, now), now))

    def step_by(self, moment: str, by: str, command: Any) -> "Story":
        return self.step(Step(moment, by, command))

    def decided(self, command: Command[Case], act: Act) -> "Story":
        story = self
        for item in list(command.decide(self.case, act)):
            entry = item if isinstance(item, Entry) else Entry(event=item)
            if entry.stream is None:
                story = story.happened(entry, act)
            else:
                case_id = entry.stream.removeprefix(CASE)
                other = story.others[case_id].happened(entry, act)
                story = replace(story, others={**story.others, case_id: other})
        return story

    def happened(self, entry: Entry[Any], act: Act) -> "Story":
        recorded = Recorded(
            stream=self.case.id,
            version=self.case.version + 1,
            at=entry.at or act.at,
            recorded_at=act.at,
            by=entry.by or act.by.id,
            event=entry.event,
        )
        return replace(self, case=self.case.evolve(recorded), history=(*self.history, recorded))

    def when(self, moment: str, by: str, command: Any) -> "When":
        return When(self, Step(moment, by, command))

    def events(self) -> list[str]:
        return [getattr(type(one.event), "__event__") for one in self.history]


@dataclass(frozen=True)
class When:
    story: Story
    asked: Step

    def then(self, *names: str) -> Story:
        """These events happen, named as they are stored, lapsed deadlines included."""
        after = self.story.step(self.asked)
        assert after.events()[len(self.story.history) :] == list(names)
        return after

    def refused(self, kind: type[Refused], match: str | None = None) -> Story:
        with pytest.raises(kind, match=match):
            self.story.step(self.asked)
        return self.story


def given(*steps: Step, story: Story | None = None) -> Story:
    return reduce(Story.step, steps, story or Story())


def play(story: Story, steps: Iterable[tuple[str, str, Any]]) -> Story:
    return reduce(lambda told, step: told.step(Step(*step)), steps, story)
