"""Five kinds of places to go to, five kinds of people to visit (五必去, 五必访): who is flagged, since when, visited by whom.

Quarterly for places and for the poor and five-guarantees households, half-yearly for the others [P] (domain.md 5.3).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, Self, assert_never

from annotated_types import MaxLen, MinLen

from domain.decider import Act, Recorded, Sealed, altered, command, event
from domain.org import Role, Tier
from domain.org.units import UnitKind
from domain.refusals import Invalid, NotFound, NotPermitted, TooLate, WrongStatus

NO_SUCH_TARGET: Final = ("there is no such place or person", "没有这个走访对象")


class Duty(StrEnum):
    MUST_GO = "must_go"
    MUST_VISIT = "must_visit"


class TargetKind(StrEnum):
    """The first five are places, the others people. `petition_intensive` is worked out from counts, never flagged."""

    EXTREME_POVERTY = "extreme_poverty"
    REMOTE = "remote"
    PETITION_INTENSIVE = "petition_intensive"
    WORK_DIFFICULTY = "work_difficulty"
    DISASTER_AFFECTED = "disaster_affected"
    POOR_HOUSEHOLD = "poor_household"
    FIVE_GUARANTEES = "five_guarantees"
    VETERAN_PARTY_MEMBER = "veteran_party_member"
    DEPUTY = "deputy"
    VILLAGE_GROUP_CADRE = "village_group_cadre"

    @property
    def duty(self) -> Duty:
        return Duty.MUST_GO if self in PLACES else Duty.MUST_VISIT

    @property
    def quarterly(self) -> bool:
        return self in PLACES or self in (TargetKind.POOR_HOUSEHOLD, TargetKind.FIVE_GUARANTEES)


PLACES = frozenset(list(TargetKind)[:5])
FLAGGED_DAYS = 15
"""So many days of a period a target must be flagged to be owed a visit; a disaster counts from the first."""
HEAD_WITHIN, LEADER_WITHIN = timedelta(hours=24), timedelta(hours=72)
"""After a disaster: the town head, and a district leader."""
LATE = timedelta(days=30)

_LOCAL = frozenset({Role.CADRE, Role.VILLAGE_HEAD, Role.TOWN_CLERK, Role.TOWN_OFFICER, Role.TOWN_HEAD})
_FLAGGING = frozenset({Role.TOWN_CLERK, Role.TOWN_HEAD})
_DISTRICT = frozenset({Role.ADMIN, Role.DISPATCHER, Role.DISTRICT_LEADER, Role.ORGANISATION_OFFICER})
_READING = _DISTRICT | {Role.AUDITOR}


@event("target.flagged")
class Flagged:
    """It is owed visits from now on. `village` is where."""

    kind: TargetKind
    village: str
    town: str | None


@event("target.unflagged")
class Unflagged:
    kind: TargetKind


@event("target.visited")
class Visited:
    """Somebody was there, holding these roles. `seen_at` is when, if it was written down later."""

    duty: Duty
    visitor: str
    roles: tuple[Role, ...]
    countersigned: bool
    seen_at: datetime
    notes: str = ""
    told: Sealed | None = None
    """What was noted; before it was sealed it stood in `notes`."""


TargetEvent = Flagged | Unflagged | Visited


@dataclass(frozen=True, kw_only=True)
class Target:
    """A place or a person that must be visited."""

    id: str
    version: int = 0
    village: str = ""
    flags: frozenset[TargetKind] = frozenset()

    def evolve(self, recorded: Recorded[TargetEvent], /) -> Self:
        match event := recorded.event:
            case Flagged():
                flags = self.flags | {event.kind}
                return altered(self, version=recorded.version, village=event.village, flags=flags)
            case Unflagged():
                return altered(self, version=recorded.version, flags=self.flags - {event.kind})
            case Visited():
                return altered(self, version=recorded.version)
            case _:
                assert_never(event)


def sees(target: Target, act: Act) -> bool:
    return target.version > 0 and _may(target.village, act, _LOCAL, _READING)


def reads_coverage(act: Act) -> bool:
    """Counts are for everybody in office."""
    return any(post.role is not Role.INTEGRATOR for post in act.by.posts)


def _may(village: str, act: Act, near: frozenset[Role], anywhere: frozenset[Role]) -> bool:
    return any(
        post.role in anywhere or (post.role in near and _local(act, post.unit) and act.org.lies_in(village, post.unit))
        for post in act.by.posts
    )


def _local(act: Act, unit: str) -> bool:
    place = act.org.unit(act.org.acts_for(unit))
    return place is not None and place.tier in (Tier.VILLAGE, Tier.TOWN)


@command
class FlagTarget:
    """Say that a place or a person must be visited, or no longer. A place is a village or community; a person lives in one."""

    target: Annotated[str, MinLen(1), MaxLen(64)]
    kind: TargetKind
    village: Annotated[str, MaxLen(64)] | None = None
    """Where a person lives."""
    flagged: bool = True

    def decide(self, target: Target, act: Act, /) -> Iterator[Any]:
        village = self.target if self.kind in PLACES else self.village or target.village
        unit = act.org.unit(village)
        if unit is None or unit.kind not in (UnitKind.VILLAGE, UnitKind.COMMUNITY):
            raise Invalid("name the village or community", "须指明所在村或社区")
        if not _may(village, act, _FLAGGING, _DISTRICT):
            raise NotPermitted("this needs a post in the town or the district", "须由镇或区有关岗位办理")
        if self.kind is TargetKind.PETITION_INTENSIVE:
            raise Invalid("petition_intensive follows from counts", "信访集中地由统计得出，不能指定")
        if self.flagged == (self.kind in target.flags):
            raise WrongStatus("it is flagged like that already", "该对象已是此状态")
        if self.flagged:
            yield Flagged(kind=self.kind, village=village, town=act.org.town_of(village))
        else:
            yield Unflagged(kind=self.kind)


@command
class VisitTarget:
    """Write down that one was there. A visit counts for every flag of its target; of a person, if he signed for it."""

    target: Annotated[str, MinLen(1), MaxLen(64)]
    duty: Duty
    countersigned: bool = True
    """False where nobody signed for it."""
    seen_at: datetime | None = None
    notes: Annotated[str, MaxLen(4000)] = ""

    def decide(self, target: Target, act: Act, /) -> Iterator[Any]:
        public = bool(target.flags & PLACES) and reads_coverage(act)
        if not public and not sees(target, act):
            raise NotFound(*NO_SUCH_TARGET)
        if not any(post.role in _LOCAL | _DISTRICT | {Role.DEPARTMENT_OFFICER} for post in act.by.posts):
            raise NotPermitted("visits are paid by officials", "走访须由干部进行")
        seen = self.seen_at or act.at
        if seen.utcoffset() is None or seen > act.at:
            raise Invalid("seen_at is an instant that has passed", "seen_at 须为已过去的时刻")
        if act.at - seen > LATE:
            raise TooLate(f"a visit is recorded within {LATE.days} days", f"走访须在{LATE.days}日内登记")
        yield Visited(
            duty=self.duty,
            visitor=act.by.id,
            roles=tuple(sorted({post.role for post in act.by.posts})),
            countersigned=self.countersigned,
            seen_at=seen,
            told=act.vault.seal(f"target:{target.id}/told", {"notes": self.notes}) if self.notes else None,
        )


@dataclass(frozen=True, kw_only=True)
class Quarter:
    """Three months of the district's calendar: `2025-Q2`."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(year=day.year, number=(day.month + 2) // 3)

    def period(self, kind: TargetKind) -> tuple[date, date]:
        """From its first day up to, but not including, another: the quarter, or the half-year it lies in."""
        months, first = (3, self.number * 3 - 2) if kind.quarterly else (6, 1 if self.number < 3 else 7)
        after = first + months
        return date(self.year, first, 1), date(self.year + after // 13, (after - 1) % 12 + 1, 1)

    @property
    def next(self) -> Self:
        return type(self)(year=self.year + self.number // 4, number=self.number % 4 + 1)

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"
