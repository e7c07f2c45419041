"""A case as clients see it: the state, what may be done next, and how long everything took."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass as described
from typing_extensions import TypedDict

from domain.case import COMMANDS, Case, CaseCommand, may
from domain.case.clocks import Clock, ClockKind, ClockState
from domain.case.figures import follow_up_wait_s, held, paused_s, suspended_s, waited
from domain.case.stays import Stay
from domain.case.terms import Board, Confidentiality, Exit, Grade, Kind, Location, Status
from domain.decider import Act
from domain.org import Role, Tier
from domain.refusals import Refused
from domain.rules.authority import ever_granted
from projections.lists.resembling import Alike
from service.telling.caused import EventName

WHEN_WANTED = ConfigDict(defer_build=True)


class ClockView(TypedDict):
    kind: ClockKind
    unit: str
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    state: ClockState
    provisional: bool
    policy: str
    calendar: str


Held = TypedDict("Held", {"unit": str, "from": datetime, "to": datetime | None})
"""Which unit had a case from when to when."""


class SegmentView(TypedDict):
    """One stay in a tier. Durations in seconds."""

    tier: Tier
    unit: str
    entry_no: int
    entered_at: datetime
    left_at: datetime | None
    exit: Exit | None
    void: bool
    premature: bool
    attributed_to: str
    first_response_at: datetime | None
    units: list[Held]
    hold_elapsed_s: int
    hold_net_s: int
    hold_work_s: int
    first_response_elapsed_s: int | None
    first_response_work_s: int | None


class ReporterView(TypedDict):
    id: str
    reported_at: datetime
    answered: bool


class CitizenView(TypedDict):
    """From the report to the effective resolution, in seconds."""

    elapsed_s: int
    net_s: int
    work_s: int


# described: pydantic makes their schema once for all that answer with it, when the document is wanted
@described(frozen=True, kw_only=True, config=WHEN_WANTED)
class CaseView:
    id: str
    number: str
    version: int
    kind: Kind
    grade: Grade
    status: Status
    tier: Tier | None
    unit: str | None
    accountable: str | None
    collector: str | None
    title: str
    description: str
    category: str | None
    village: str | None
    confidentiality: Confidentiality
    household: str | None
    proxy: bool
    location: Location | None
    external_id: str | None
    imported: str | None
    reported_at: datetime
    occurred_at: datetime | None
    recorded_at: datetime
    board: Board | None
    reopen_count: int
    reports: int
    merged_into: str | None
    next_actions: list[str]
    clocks: list[ClockView]
    segments: list[SegmentView]
    reporters: list[ReporterView]
    citizen: CitizenView
    suspended_s: int
    follow_up_wait_s: int
    paused_s: int


@described(frozen=True, kw_only=True, config=WHEN_WANTED)
class CaseAnswer(CaseView):
    """The case after a command, and the events the command caused."""

    events: list[EventName]


@described(frozen=True, kw_only=True, config=WHEN_WANTED)
class ReportAnswer(CaseAnswer):
    """What the reporter takes home: a code to follow the case by. Shown here and nowhere stored."""

    query_code: str
    possible_duplicates: list[Alike]


@cache
def worth_asking(status: Status, roles: frozenset[Role]) -> tuple[type[CaseCommand], ...]:
    """The commands that make sense in this status and are granted to one of these roles in some relation: few of all."""
    return tuple(kind for kind in COMMANDS if status in kind.when and ever_granted(kind.verb, roles))


def next_actions(case: Case, act: Act) -> list[str]:
    """The commands that this actor may ask of the case now, by the rules that decide when they are asked."""
    roles = frozenset(post.role for post in act.by.posts)
    return [
        kind.verb
        for kind in (worth_asking(case.status, roles) if not case.imported else ())
        if may(case, act, kind.usual_right(case, act)) and _sensible(kind, case, act)
    ]


def _sensible(kind: type[CaseCommand], case: Case, act: Act) -> bool:
    try:
        kind.sensible(case, act)
    except Refused:
        return False
    return True


def case_fields(case: Case, act: Act) -> dict[str, object]:
    """The fields of a CaseView, as the actor may see them at `act.at`."""
    report = case.report
    assert report is not None
    assert case.reported_at is not None
    assert case.recorded_at is not None
    rules, now = act.rules, act.at
    local = rules.local
    corrected = {entry.field: entry.new for entry in case.corrections}
    occurred = case.reported_at if "occurred_at" in corrected else report.occurred_at
    wait = waited(case, rules, now)
    return {
        "id": case.id,
        "number": case.number,
        "version": case.version,
        "kind": case.kind,
        "grade": case.grade,
        "status": case.status,
        "tier": case.tier,
        "unit": case.unit,
        "accountable": accountable(case, act),
        "collector": case.collector,
        "title": corrected.get("title") or report.title,
        "description": corrected.get("description") or report.description,
        "category": case.category,
        "village": case.village,
        "confidentiality": case.confidentiality,
        "household": case.household,
        "proxy": report.proxy,
        "location": report.location,
        "external_id": report.external_id,
        "imported": case.imported,
        "reported_at": local(case.reported_at),
        "occurred_at": local(occurred) if occurred else None,
        "recorded_at": local(case.recorded_at),
        "board": case.board,
        "reopen_count": case.reopen_count,
        "reports": case.reports,
        "merged_into": case.merged_into,
        "next_actions": next_actions(case, act),
        "clocks": [clock_view(clock, act) for clock in case.clocks],
        "segments": [segment_view(stay, act) for stay in case.stays],
        "reporters": reporters(case, act),
        "citizen": CitizenView(elapsed_s=wait.elapsed_s, net_s=wait.net_s, work_s=wait.work_s),
        "suspended_s": suspended_s(case, now),
        "follow_up_wait_s": follow_up_wait_s(case),
        "paused_s": paused_s(case, now),
    }


def accountable(case: Case, act: Act) -> str | None:
    """Who answers for it: while it is held, whoever heads the town (at the district: the unit) on that day."""
    if case.stay is not None:
        return act.org.head_of(case.stay.unit, act.at)
    return case.stays[-1].accountable if case.stays else None


def clock_view(clock: Clock, act: Act) -> ClockView:
    local = act.rules.local
    return ClockView(
        kind=clock.kind,
        unit=clock.unit,
        started_at=local(clock.started_at),
        due_at=local(clock.due_at) if clock.due_at else None,
        stopped_at=local(clock.stopped_at) if clock.stopped_at else None,
        state=clock.read_at(act.at),
        provisional=clock.provisional,
        policy=clock.policy,
        calendar=clock.calendar,
    )


def segment_view(stay: Stay, act: Act) -> SegmentView:
    local = act.rules.local
    figures = held(stay, act.rules, act.at)
    return SegmentView(
        tier=stay.tier,
        unit=stay.unit,
        entry_no=stay.entry_no,
        entered_at=local(stay.entered_at),
        left_at=local(stay.left_at) if stay.left_at else None,
        exit=stay.exit,
        void=stay.void,
        premature=stay.premature,
        attributed_to=stay.attributed_to,
        first_response_at=local(stay.first_response_at) if stay.first_response_at else None,
        units=[
            {"unit": one.unit, "from": local(one.since), "to": local(one.until) if one.until else None}
            for one in stay.units
        ],
        hold_elapsed_s=figures.hold_elapsed_s,
        hold_net_s=figures.hold_net_s,
        hold_work_s=figures.hold_work_s,
        first_response_elapsed_s=figures.first_response_elapsed_s,
        first_response_work_s=figures.first_response_work_s,
    )


def reporters(case: Case, act: Act) -> list[ReporterView]:
    """Who brought it. Who asked not to be known is counted, and not named."""
    called = case.hidden_names
    return [
        ReporterView(
            id=one.id if one.id == act.by.id else called.get(one.id, one.id),
            reported_at=act.rules.local(one.reported_at),
            answered=one.answered,
        )
        for one in case.reporters
    ]
