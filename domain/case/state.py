"""A case: what its events add up to. Evolving never refuses, never computes, never reads a clock."""

import hashlib
from base64 import b32encode
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from domain.case import events as e
from domain.case.clocks import Clock, ClockKind, Clocks, changed
from domain.case.stays import Stay, opened
from domain.case.terms import BOARDS, OPEN, Board, Confidentiality, Exit, Grade, Kind, Outcome, Status
from domain.decider import Recorded
from domain.org import Tier
from domain.rules.deadlines import Pause

LAPSING = frozenset(ClockKind) - {ClockKind.FIRST_RESPONSE, ClockKind.DISPUTE_WINDOW, ClockKind.CALL_BACK}
"""Clocks whose end makes something happen; the others are only read as breached or expired."""


@dataclass(frozen=True, kw_only=True)
class Reporter:
    """Somebody who brought this matter, and whether the result was put to him."""

    id: str
    case: str
    reported_at: datetime
    answered: bool = False


@dataclass(frozen=True, kw_only=True)
class Suspension:
    reason: str
    plan: str
    since: datetime
    review_due_at: datetime
    ends_at: datetime
    overdue: bool = False


@dataclass(frozen=True, kw_only=True)
class Case:
    id: str
    version: int = 0
    status: Status = Status.UNKNOWN
    kind: Kind = Kind.REQUEST
    grade: Grade = Grade.ORDINARY
    village: str | None = None
    town: str | None = None
    category: str | None = None
    household: str | None = None
    confidentiality: Confidentiality = Confidentiality.OPEN
    subjects: frozenset[str] = frozenset()
    report: e.Reported | None = None
    reported_at: datetime | None = None
    recorded_at: datetime | None = None
    updated_at: datetime | None = None
    reporters: tuple[Reporter, ...] = ()
    reports: int = 0
    clocks: Clocks = ()
    stays: tuple[Stay, ...] = ()
    tasks: tuple[e.TaskGiven, ...] = ()
    corrections: tuple[e.EntryCorrected, ...] = ()
    status_before: Status | None = None
    declines: tuple[str, ...] = ()
    challenged: bool = False
    challenge_pending: bool = False
    diverted_to: str | None = None
    extension_asked: e.ExtensionRequested | None = None
    suspension_asked: str | None = None
    suspension: Suspension | None = None
    suspensions: tuple[Pause, ...] = ()
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    outcome: Outcome | None = None
    feedback_tries: int = 0
    follow_up_waits: tuple[Pause, ...] = ()
    reopen_count: int = 0
    leader_takes_it: bool = False
    reviewed: bool = False
    hearing_since: datetime | None = None
    hearings: tuple[Pause, ...] = ()
    withdrawal_asked: bool = False
    merged_into: str | None = None
    ended_at: datetime | None = None
    claimed_by: str | None = None
    claimed_until: datetime | None = None

    @property
    def number(self) -> str:
        """What people read out on the telephone. Derived from the id, so it tells nothing of how many there are."""
        assert self.recorded_at is not None
        letters = b32encode(hashlib.sha256(self.id.encode()).digest()).decode()
        return f"{self.recorded_at.year}-{letters[:5]}-{letters[5:10]}"

    @property
    def stay(self) -> Stay | None:
        """The stay that is going on."""
        last = self.stays[-1] if self.stays else None
        return last if last is not None and last.left_at is None else None

    @property
    def tier(self) -> Tier | None:
        return self.stays[-1].tier if self.stays else None

    @property
    def unit(self) -> str | None:
        return self.stays[-1].unit if self.stays else None

    @property
    def board(self) -> Board | None:
        return BOARDS.get(self.status)

    @property
    def open(self) -> bool:
        return self.status in OPEN

    @property
    def sealed(self) -> bool:
        return self.confidentiality is Confidentiality.SEALED

    def entries(self, tier: Tier) -> int:
        """How often it has entered a tier; void stays do not count."""
        return sum(stay.tier is tier and not stay.void for stay in self.stays)

    @property
    def deadline(self) -> Clock | None:
        """The next clock whose end makes something happen."""
        lapsing = (
            clock
            for clock in self.clocks
            if clock.stopped_at is None and clock.due_at is not None and not clock.lapsed and clock.kind in LAPSING
        )
        return min(lapsing, key=lambda clock: (clock.due_at, clock.kind), default=None)

    @property
    def next_deadline(self) -> datetime | None:
        """When something happens to this case by itself, if nobody acts before."""
        clock = self.deadline
        due = clock.due_at if clock else None
        if self.suspension is None:
            return due
        ends = self.suspension.ends_at if self.suspension.overdue else self.suspension.review_due_at
        return min(due, ends) if due else ends

    def evolve(self, recorded: Recorded[e.CaseEvent], /) -> "Case":
        event, at = recorded.event, recorded.at
        changes = _changes(self, event, at, recorded.by)
        if event.starts or event.stops or event.moves:
            changes["clocks"] = changed(changes.get("clocks", self.clocks), event, at)
        if isinstance(event, e.Reported):
            changes["recorded_at"] = recorded.recorded_at
        return replace(self, version=recorded.version, updated_at=at, **changes)


def _changes(case: Case, event: e.CaseEvent, at: datetime, by: str) -> dict[str, Any]:
    match event:
        case e.Reported():
            return {
                "status": Status.REPORTED,
                "kind": event.kind,
                "grade": event.grade,
                "village": event.village,
                "town": event.town,
                "category": event.category,
                "household": event.household,
                "confidentiality": event.confidentiality,
                "subjects": frozenset(event.subjects),
                "report": event,
                "reported_at": at,
                "reporters": (Reporter(id=event.reporter, case=case.id, reported_at=at),),
                "reports": 1,
            }
        case e.Accepted():
            return {
                "status": Status.ACCEPTED,
                "kind": event.kind,
                "grade": event.grade,
                "category": event.category,
                "village": event.village,
                "town": event.town,
            }
        case e.Declined():
            return {"status": Status.DECLINED, "declines": (*case.declines, by), "ended_at": at}
        case e.DeclineChallenged():
            return {"challenged": True, "challenge_pending": True}
        case e.ChallengeRejected():
            return {"challenge_pending": False}
        case e.ChallengeUpheld():
            return {"status": Status.REPORTED, "ended_at": None, "challenge_pending": False}
        case e.Diverted(to=to):
            return {"status": Status.DIVERTED, "diverted_to": to, "ended_at": at}
        case e.Assigned():
            return {"status": Status.ASSIGNED, "stays": (*case.stays, opened(event, at)), "reviewed": False}
        case e.WorkStarted() | e.DisputeRejected() | e.InformationWaitExpired() | e.InformationProvided():
            return _back_at_work(case, event, at)
        case e.CitizenContacted(first=True):
            return _staying(case, first_response_at=at)
        case e.AssignmentDisputed():
            return {"status": Status.DISPUTED} | _staying(case, disputes=_now(case).disputes + 1)
        case e.DisputeUpheld(charged_to=charged_to):
            return _leaving(case, at, Exit.DISPUTE_UPHELD, void=True, charged_to=charged_to)
        case e.Transferred():
            passed = _now(case).passed_to(event.unit, event.town, event.accountable, at)
            return {"stays": (*case.stays[:-1], passed), "claimed_by": None}
        case e.Escalated(trigger=trigger):
            exit = Exit.ESCALATED_DEADLINE if trigger == "deadline" else Exit.ESCALATED_MANUAL
            return _moving(case, event, at, exit)
        case e.Remanded(premature=premature, tier=tier):
            return _moving(_judged(case, tier) if premature else case, event, at, Exit.REMANDED)
        case e.JointHandlingConvened(tasks=tasks):
            return {"tasks": (*case.tasks, *tasks)}
        case e.JointTaskCompleted(unit=unit, task=task) | e.JointTaskMissed(unit=unit, task=task):
            return {"tasks": tuple(given for given in case.tasks if (given.unit, given.task) != (unit, task))}
        case e.InformationRequested():
            asked = _now(case).information_requests + 1
            return {"status": Status.AWAITING_INFORMATION} | _staying(case, information_requests=asked, paused_since=at)
        case e.ExtensionRequested():
            return {"extension_asked": event}
        case e.ExtensionGranted():
            return {"extension_asked": None} | _staying(case, extensions=_now(case).extensions + 1)
        case e.ExtensionRefused():
            return {"extension_asked": None} | _staying(case, extensions=_now(case).extensions + 1)
        case e.SuspensionRequested(reason=reason):
            return {"suspension_asked": reason}
        case e.Suspended():
            suspension = Suspension(
                reason=event.reason,
                plan=event.plan,
                since=at,
                review_due_at=event.review_due_at,
                ends_at=event.ends_at,
            )
            leaving = _leaving(case, at, Exit.SUSPENDED)
            return leaving | {"status": Status.SUSPENDED, "suspension": suspension, "suspension_asked": None}
        case e.SuspensionReviewed(plan=plan, review_due_at=due):
            assert case.suspension is not None
            return {"suspension": replace(case.suspension, plan=plan, review_due_at=due, overdue=False)}
        case e.Reactivated():
            assert case.suspension is not None
            spent = Pause(start=case.suspension.since, end=at)
            return {
                "status": Status.IN_PROGRESS,
                "suspension": None,
                "suspensions": (*case.suspensions, spent),
                "stays": (*case.stays, opened(event, at)),
            }
        case e.Resolved(outcome=outcome):
            resolved = {"status": Status.RESOLVED, "resolved_at": at, "resolved_by": by, "outcome": outcome}
            return _leaving(case, at, Exit.RESOLVED) | resolved | {"feedback_tries": 0, "claimed_by": None}
        case e.FeedbackRecorded(reporter=reporter):
            return {
                "reporters": tuple(replace(one, answered=True) if one.id == reporter else one for one in case.reporters)
            }
        case e.FeedbackAttempted(tries=tries):
            return {"feedback_tries": tries}
        case e.Reopened(count=count, leader_takes_it=leader, stay=stay):
            return _reopening(case, stay, at) | {
                "reopen_count": count,
                "leader_takes_it": leader or case.leader_takes_it,
            }
        case e.Closed():
            return {"status": Status.CLOSED, "ended_at": at}
        case e.ReviewRequested() | e.FinalReviewRequested():
            return {"status": Status.UNDER_REVIEW, "ended_at": None}
        case e.ReviewDecided(stay=stay):
            return {"reviewed": True} | (_reopening(case, stay, at) if stay else {"status": Status.RESOLVED})
        case e.FinalReviewDecided(stay=stay):
            return _reopening(case, stay, at) if stay else {}
        case e.HearingStarted():
            return {"hearing_since": at}
        case e.HearingEnded():
            assert case.hearing_since is not None
            return {"hearing_since": None, "hearings": (*case.hearings, Pause(start=case.hearing_since, end=at))}
        case e.Finalised():
            return {"status": Status.FINALISED, "ended_at": at}
        case e.WithdrawalRequested():
            return {"withdrawal_asked": True}
        case e.WithdrawalNotConfirmed():
            return {"withdrawal_asked": False}
        case e.Withdrawn():
            return _leaving(case, at, Exit.WITHDRAWN) | {"status": Status.WITHDRAWN, "ended_at": at}
        case e.Merged(into=into):
            merged = {"status": Status.MERGED, "status_before": case.status, "merged_into": into, "ended_at": at}
            return _leaving(case, at, Exit.MERGED) | merged
        case e.Unmerged():
            stays = case.stays
            if stays and stays[-1].exit is Exit.MERGED:
                stays = (*stays[:-1], stays[-1].restored())
            return {"status": case.status_before, "stays": stays, "merged_into": None, "ended_at": None}
        case e.ReportJoined(reports=reports):
            known = {one.id for one in case.reporters}
            joined = tuple(
                Reporter(id=one.reporter, case=one.case, reported_at=one.reported_at)
                for one in reports
                if one.reporter not in known
            )
            return {"reporters": (*case.reporters, *joined), "reports": case.reports + len(reports)}
        case e.ReportLeft(case=other, reports=reports):
            left = tuple(one for one in case.reporters if one.case != other)
            return {"reporters": left, "reports": case.reports - reports}
        case e.Supervised(reason="suspension_review"):
            assert case.suspension is not None
            return {"suspension": replace(case.suspension, overdue=True)}
        case e.Claimed(until=until):
            return {"claimed_by": by, "claimed_until": until}
        case e.Released():
            return {"claimed_by": None, "claimed_until": None}
        case e.Reclassified(kind=kind, grade=grade, category=category):
            return {"kind": kind, "grade": grade, "category": category}
        case e.SubjectAdded(official=official) | e.ConflictDeclared(official=official):
            return {"subjects": case.subjects | {official}}
        case e.HouseholdLinked(household=household):
            return {"household": household}
        case e.EntryCorrected():
            return {"corrections": (*case.corrections, event)} | _corrected(event)
        case (
            e.IdentitySealed()
            | e.NoticeIssued()
            | e.ExternalOutcomeRecorded()
            | e.AssignmentAcknowledged()
            | e.CitizenContacted()
            | e.ContactFailed()
            | e.ResolutionRejected()
            | e.Urged()
            | e.Supervised()
            | e.EvidenceAttached()
            | e.Noted()
            | e.DeadlineConfirmed()
        ):
            return {}
        case _:
            assert_never(event)


def _now(case: Case) -> Stay:
    stay = case.stay
    assert stay is not None
    return stay


def _staying(case: Case, **changes: Any) -> dict[str, Any]:
    return {"stays": (*case.stays[:-1], replace(_now(case), **changes))}


def _leaving(case: Case, at: datetime, exit: Exit, **changes: Any) -> dict[str, Any]:
    if case.stay is None:
        return {}
    return {"stays": (*case.stays[:-1], replace(case.stay.left(at, exit), **changes)), "extension_asked": None}


def _moving(case: Case, event: e.StayOpened, at: datetime, exit: Exit) -> dict[str, Any]:
    left = _leaving(case, at, exit).get("stays", case.stays)
    return {
        "status": Status.ASSIGNED,
        "stays": (*left, opened(event, at)),
        "extension_asked": None,
        "claimed_by": None,
        "resolved_at": None,
        "ended_at": None,
    }


def _judged(case: Case, tier: Tier) -> Case:
    """The last stay at the tier that sent it up keeps the mark: sent up without need."""
    last = max((i for i, stay in enumerate(case.stays) if stay.tier is tier), default=None)
    if last is None:
        return case
    marked = replace(case.stays[last], premature=True)
    return replace(case, stays=(*case.stays[:last], marked, *case.stays[last + 1 :]))


def _reopening(case: Case, stay: e.StayOpened | None, at: datetime) -> dict[str, Any]:
    waits = case.follow_up_waits
    if case.resolved_at is not None:
        waits = (*waits, Pause(start=case.resolved_at, end=at))
    changes: dict[str, Any] = {"follow_up_waits": waits, "resolved_at": None, "outcome": None, "ended_at": None}
    changes["reporters"] = tuple(replace(one, answered=False) for one in case.reporters)
    if stay is not None:
        changes |= {"status": Status.ASSIGNED, "stays": (*case.stays, opened(stay, at))}
    return changes


def _corrected(event: e.EntryCorrected) -> dict[str, Any]:
    match event.field:
        case "village":
            return {"village": event.new, "town": event.town}
        case "category" | "household":
            return {event.field: event.new}
        case "occurred_at":
            return {"reported_at": event.reported_at}
        case _:
            return {}


def _back_at_work(case: Case, event: e.CaseEvent, at: datetime) -> dict[str, Any]:
    stay = _now(case)
    match event:
        case e.DisputeRejected():
            return {"status": Status.IN_PROGRESS} | _staying(case, rejected_disputes=stay.rejected_disputes + 1)
        case e.InformationProvided() | e.InformationWaitExpired():
            return {"status": Status.IN_PROGRESS, "stays": (*case.stays[:-1], stay.resumed(at))}
        case _:
            return {"status": Status.IN_PROGRESS}
