"""A place or a person that must be visited: its events, its state, and who may see and change it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self, assert_never

from domain.decider import Act, Recorded, Sealed, altered, event
from domain.duties.terms import PLACES, CameAs, TargetKind, VisitDuty
from domain.org import LOCAL, Role, Tier

NO_SUCH_TARGET: Final = ("there is no such place or person", "没有这个走访对象")

DISTRICT = frozenset({Role.ADMIN, Role.DISPATCHER, Role.DISTRICT_LEADER, Role.ORGANISATION_OFFICER})
READING = DISTRICT | {Role.AUDITOR}


@event("target.flagged")
class Flagged:
    """It is owed visits from now on. `village` is where. After a disaster two must have come by an instant."""

    kind: TargetKind
    village: str
    town: str | None
    head_due: datetime | None = None
    leader_due: datetime | None = None


@event("target.unflagged")
class Unflagged:
    kind: TargetKind


@event("target.visited")
class Visited:
    """Somebody was there, holding these roles. `seen_at` is when he says, if it was written down later.

    `came_as` is how he stood to the place; it is empty in lines from before that was kept.
    """

    duty: VisitDuty
    visitor: str
    roles: tuple[Role, ...]
    countersigned: bool
    seen_at: datetime
    notes: str = ""
    told: Sealed | None = None
    """What was noted; before it was sealed it stood in `notes`."""
    village: str = ""
    came_as: tuple[CameAs, ...] = ()


@event("target.visit_approved")
class VisitApproved:
    """A superior answers for it that the visit of this version was when it says, though it was written down later."""

    visit: int
    reason: str


TargetEvent = Flagged | Unflagged | Visited | VisitApproved


@dataclass(frozen=True, kw_only=True)
class Late:
    """A visit that was written down later than it was, and counts from then until a superior approves."""

    visitor: str
    came_as: tuple[CameAs, ...]


@dataclass(frozen=True, kw_only=True)
class Target:
    """A place or a person that must be visited."""

    id: str
    version: int = 0
    village: str = ""
    flags: frozenset[TargetKind] = frozenset()
    late: Mapping[int, Late] = field(default_factory=dict)

    def evolve(self, recorded: Recorded[TargetEvent], /) -> Self:
        version = recorded.version
        match event := recorded.event:
            case Flagged():
                return altered(self, version=version, village=event.village, flags=self.flags | {event.kind})
            case Unflagged():
                return altered(self, version=version, flags=self.flags - {event.kind})
            case Visited():
                late = dict(self.late)
                if event.seen_at < recorded.at:
                    late[version] = Late(visitor=event.visitor, came_as=event.came_as)
                return altered(self, version=version, village=event.village or self.village, late=late)
            case VisitApproved():
                late = {visit: one for visit, one in self.late.items() if visit != event.visit}
                return altered(self, version=version, late=late)
            case _:
                assert_never(event)


def sees(target: Target, act: Act) -> bool:
    return target.version > 0 and may(target.village, act, LOCAL, READING)


def knows(target: Target, act: Act) -> bool:
    """Places are known to everybody in office, flagged or not; people only to those whose business they are."""
    return (is_place(target, act) and in_office(act)) or sees(target, act)


def is_place(target: Target, act: Act) -> bool:
    unit = act.org.unit(target.id)
    return bool(target.flags & PLACES) or (unit is not None and unit.tier is Tier.VILLAGE and not unit.closed)


def in_office(act: Act) -> bool:
    """Counts, and which places are flagged, are for everybody in office."""
    return any(post.role is not Role.INTEGRATOR for post in act.by.posts)


def may(village: str, act: Act, near: frozenset[Role], anywhere: frozenset[Role]) -> bool:
    return any(
        post.role in anywhere or (post.role in near and village in act.org.area(post.unit)) for post in act.by.posts
    )
