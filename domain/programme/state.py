"""A programme: what happened to it, what that adds up to, and who may see and plan one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Self, assert_never

from domain.decider import Act, Recorded, altered, event
from domain.duties import in_office
from domain.org import Role

NO_SUCH_PROGRAMME: Final = ("there is no such programme", "没有这个项目")


class Remedy(StrEnum):
    """What is done once, for all of its cases."""

    RELOCATION = "relocation"
    VILLAGE_SERVICE_CENTRE = "village_service_centre"
    ROAD = "road"
    WATER = "water"
    ELECTRICITY = "electricity"
    OTHER = "other"


SUGGESTS: Mapping[str, Remedy] = {
    "住房": Remedy.RELOCATION,
    "搬迁": Remedy.RELOCATION,
    "housing": Remedy.RELOCATION,
    "道路": Remedy.ROAD,
    "road": Remedy.ROAD,
    "饮水": Remedy.WATER,
    "water": Remedy.WATER,
    "用电": Remedy.ELECTRICITY,
    "electricity": Remedy.ELECTRICITY,
    "救助": Remedy.VILLAGE_SERVICE_CENTRE,
    "医疗": Remedy.VILLAGE_SERVICE_CENTRE,
    "劳动": Remedy.VILLAGE_SERVICE_CENTRE,
    "benefit": Remedy.VILLAGE_SERVICE_CENTRE,
}
"""A word in a category, and the remedy proposed for many such cases; an office in the village saves long ways to one."""


def suggested(category: str) -> Remedy:
    """The remedy that many cases of this category call for."""
    text = category.lower()
    return next((remedy for word, remedy in SUGGESTS.items() if word in text), Remedy.OTHER)


class ProgrammeStatus(StrEnum):
    UNKNOWN = "unknown"
    PROPOSED = "proposed"
    APPROVED = "approved"
    COMPLETED = "completed"


@event("programme.proposed")
class Proposed:
    remedy: Remedy
    title: str
    plan: str
    villages: tuple[str, ...]


@event("programme.case_joined")
class CaseJoined:
    """This case is one of those the programme settles."""

    case: str


@event("programme.household_joined")
class HouseholdJoined:
    household: str


@event("programme.approved")
class Approved:
    pass


@event("programme.completed")
class Completed:
    outcome: str


ProgrammeEvent = Proposed | CaseJoined | HouseholdJoined | Approved | Completed


@dataclass(frozen=True, kw_only=True)
class Programme:
    id: str
    version: int = 0
    status: ProgrammeStatus = ProgrammeStatus.UNKNOWN
    remedy: Remedy = Remedy.OTHER
    title: str = ""
    plan: str = ""
    villages: tuple[str, ...] = ()
    proposed_by: str = ""
    proposed_at: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    completed_at: datetime | None = None
    outcome: str | None = None
    cases: frozenset[str] = frozenset()
    households: frozenset[str] = frozenset()

    def evolve(self, recorded: Recorded[ProgrammeEvent], /) -> Self:
        return altered(self._after(recorded), version=recorded.version)

    def _after(self, recorded: Recorded[ProgrammeEvent]) -> Self:
        match event := recorded.event:
            case Proposed():
                what = {"remedy": event.remedy, "title": event.title, "plan": event.plan, "villages": event.villages}
                who = {"proposed_by": recorded.by, "proposed_at": recorded.at}
                return altered(self, status=ProgrammeStatus.PROPOSED, **what, **who)
            case CaseJoined():
                return altered(self, cases=self.cases | {event.case})
            case HouseholdJoined():
                return altered(self, households=self.households | {event.household})
            case Approved():
                approved = {"approved_by": recorded.by, "approved_at": recorded.at}
                return altered(self, status=ProgrammeStatus.APPROVED, **approved)
            case Completed():
                done = {"completed_at": recorded.at, "outcome": event.outcome}
                return altered(self, status=ProgrammeStatus.COMPLETED, **done)
            case _:
                assert_never(event)


PLANNING = frozenset({Role.TOWN_CLERK, Role.TOWN_HEAD})
DISTRICT = frozenset({Role.ADMIN, Role.DISTRICT_LEADER, Role.DISPATCHER, Role.ADJUDICATOR})


def sees(programme: Programme, act: Act) -> bool:
    """A programme is known to everybody in office; which cases and households are in it, only as far as one sees those."""
    return programme.version > 0 and in_office(act)


def may(villages: tuple[str, ...], act: Act) -> bool:
    """Whether he may plan for all of these: the town for its own villages, the district for any."""
    return any(
        post.role in DISTRICT
        or (post.role in PLANNING and all(act.org.lies_in(village, post.unit) for village in villages))
        for post in act.by.posts
    )


def may_approve(programme: Programme, act: Act) -> bool:
    """The head of the town all of it lies in, or a district leader; never who proposed it."""
    heads = all(act.org.head_of(village, act.at) == act.by.id for village in programme.villages)
    leads = any(post.role in (Role.DISTRICT_LEADER, Role.ADMIN) for post in act.by.posts)
    return act.by.id != programme.proposed_by and (heads or leads)
