"""What each event changes in a case. Nothing is refused or computed here: the event holds all consequences."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, assert_never

from domain.case import events as e
from domain.case.clocks import ClockKind
from domain.case.reporters import Answer, Reporter, answering_again, joined
from domain.case.stays import Stay, Suspension, opened
from domain.case.terms import Exit, Grade, Kind, Status
from domain.decider import altered
from domain.rules.deadlines import Pause

if TYPE_CHECKING:
    from domain.case.state import Case


def changes_of(case: Case, event: e.CaseEvent, at: datetime, by: str) -> dict[str, Any]:
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
                "brought_by": (event.reporter,),
                "reports": 1,
                "dated_by": event.collector or event.reporter,
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
            ended = {"status": Status.DECLINED, "ended_at": at, "withdrawal_asked": False}
            return ended | {"declines": (*case.declines, by)}
        case e.DeclineChallenged(to=to):
            return {"challenges": case.challenges + 1, "challenge_pending": True, "challenge_to": to}
        case e.ChallengeRejected():
            return {"challenge_pending": False}
        case e.ChallengeUpheld():
            return {"status": Status.REPORTED, "ended_at": None, "challenge_pending": False}
        case e.Diverted(to=to):
            return {"status": Status.DIVERTED, "diverted_to": to, "ended_at": at}
        case e.Assigned():
            return _moving(case, event, at, Exit.REASSIGNED)
        case e.WorkStarted():
            return {"status": Status.IN_PROGRESS}
        case e.CitizenContacted(first=True):
            return _staying(case, first_response_at=at)
        case e.AssignmentDisputed():
            return {"status": Status.DISPUTED} | _staying(case, disputes=_now(case).disputes + 1)
        case e.DisputeRejected():
            rejected = _now(case).rejected_disputes + 1
            return {"status": Status.IN_PROGRESS} | _staying(case, rejected_disputes=rejected)
        case e.DisputeUpheld(charged_to=charged_to):
            return _leaving(case, at, Exit.DISPUTE_UPHELD, void=True, charged_to=charged_to)
        case e.Transferred():
            stay, more_time = _now(case), case.extension_asked
            if more_time is not None and more_time.to == stay.town:
                more_time = altered(more_time, to=event.town)
            passed = stay.passed_to(event.unit, event.town, event.accountable, at)
            return {"stays": (*case.stays[:-1], passed), "extension_asked": more_time, "claimed_by": None}
        case e.Escalated(trigger=trigger):
            exit = Exit.ESCALATED_DEADLINE if trigger == "deadline" else Exit.ESCALATED_MANUAL
            return _moving(case, event, at, exit)
        case e.Remanded(premature=premature):
            return _moving(_judged(case) if premature else case, event, at, Exit.REMANDED)
        case e.JointHandlingConvened(tasks=tasks):
            return {"tasks": (*case.tasks, *tasks)}
        case e.JointTaskCompleted() | e.JointTaskMissed():
            return {"tasks": _still_given(case, event)}
        case e.InformationRequested():
            asked = _now(case).information_requests + 1
            return {"status": Status.AWAITING_INFORMATION} | _staying(case, information_requests=asked, paused_since=at)
        case e.InformationProvided() | e.InformationWaitExpired():
            return {"status": Status.IN_PROGRESS} | _resuming(case, at)
        case e.ExtensionRequested():
            return {"extension_asked": event, "extension_asked_by": by}
        case e.ExtensionGranted() | e.ExtensionRefused():
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
            return _leaving(case, at, Exit.SUSPENDED) | {"status": Status.SUSPENDED, "suspension": suspension}
        case e.SuspensionReviewed(plan=plan, review_due_at=due):
            assert case.suspension is not None
            return {"suspension": altered(case.suspension, plan=plan, review_due_at=due, overdue=False)}
        case e.Reactivated():
            stays = (*case.stays, opened(event, at))
            return _off_the_list(case, at) | {"status": Status.IN_PROGRESS, "stays": stays}
        case e.Resolved(signed_by=signed_by):
            resolution = {"outcome": event.outcome, "unreasoned": event.unreasoned}
            left = _leaving(case, at, Exit.RESOLVED, signed_by=signed_by)
            return left | resolution | {"status": Status.RESOLVED, "resolved_at": at, "withdrawal_asked": False}
        case e.FeedbackRecorded(reporter=reporter):
            return _answered(case, event) | {
                "reporters": tuple(altered(one, answered=True) if one.id == reporter else one for one in case.reporters)
            }
        case e.FeedbackAttempted(tries=tries, enough=enough):
            called = event.reporter or case.reporters[0].id
            return {
                "reporters": tuple(
                    altered(one, tried_at=(*one.tried_at, at), unreachable=tries >= enough) if one.id == called else one
                    for one in case.reporters
                )
            }
        case e.ResolutionRejected():
            return {"stays": (*case.stays[:-1], altered(case.stays[-1], refuted=True))}
        case e.Reopened(count=count, stay=stay):
            return _reopening(case, stay, at) | {"reopen_count": count}
        case e.Closed():
            return _leaving(case, at, None) | {"status": Status.CLOSED, "ended_at": at}
        case e.ReviewRequested() | e.FinalReviewRequested():
            return {"status": Status.UNDER_REVIEW, "ended_at": None}
        case e.ReviewDecided(stay=stay):
            return _reopening(case, stay, at) if stay else {"status": Status.RESOLVED, "reviewed": True}
        case e.FinalReviewDecided(stay=stay):
            return _reopening(case, stay, at) if stay else {}
        case e.HearingStarted():
            return {"hearing_since": at}
        case e.HearingEnded():
            assert case.hearing_since is not None
            return {"hearing_since": None, "hearings": (*case.hearings, Pause(start=case.hearing_since, end=at))}
        case e.Finalised():
            return {"status": Status.FINALISED, "ended_at": at}
        case e.WithdrawalRequested(to=to):
            return {"withdrawal_asked": True, "withdrawal_to": to}
        case e.WithdrawalNotConfirmed(reason="not_confirmed" | None):
            return {"withdrawal_asked": False, "stays": (*case.stays[:-1], *map(_pressed, case.stays[-1:]))}
        case e.WithdrawalNotConfirmed():
            return {"withdrawal_asked": False}
        case e.Withdrawn():
            ended = {"status": Status.WITHDRAWN, "ended_at": at}
            return _leaving(case, at, Exit.WITHDRAWN) | _off_the_list(case, at) | ended
        case e.Merged(into=into, stops=stops):
            merged = {"status": Status.MERGED, "status_before": case.status, "merged_into": into, "ended_at": at}
            return _leaving(case, at, Exit.MERGED) | merged | {"set_aside": stops, "tasks": case.tasks}
        case e.Unmerged(moves=moves):
            tasked = {moved.unit for moved in moves if moved.kind is ClockKind.TASK}
            tasks = tuple(given for given in case.tasks if given.unit in tasked)
            stays = case.stays
            if stays and stays[-1].exit is Exit.MERGED:
                waiting = case.status_before is Status.AWAITING_INFORMATION
                stays = (*stays[:-1], stays[-1].restored(waiting=waiting))
            alone = {"status": case.status_before, "stays": stays, "merged_into": None, "ended_at": None}
            return alone | {"set_aside": (), "tasks": tasks}
        case e.ReportJoined(reports=reports):
            known = dict.fromkeys((*case.brought_by, *(one.reporter for one in reports)))
            together = joined(case.reporters, case.id, (*case.joined, event), case.reports + event.count)
            return together | {"brought_by": tuple(known)}
        case e.ReportLeft(case=other, reports=reports):
            remaining = tuple(joined for joined in case.joined if joined.case != other)
            return joined(case.reporters, case.id, remaining, case.reports - reports)
        case e.Supervised(reason="suspension_review" | "suspension_over" as reason):
            assert case.suspension is not None
            return {"suspension": altered(case.suspension, overdue=True, over=reason == "suspension_over")}
        case e.Supervised(to=str(to)):
            return {"supervisor": to}
        case e.Claimed(until=until):
            return {"claimed_by": by, "claimed_until": until}
        case e.Released():
            return {"claimed_by": None, "claimed_until": None}
        case e.Reclassified(kind=kind, grade=grade, category=category):
            hurried = {"suspension_asked": None} if grade is Grade.URGENT else {}
            if grade is Grade.URGENT and kind is not Kind.PETITION:
                hurried |= _resuming(case, at)
            return hurried | {"kind": kind, "grade": grade, "category": category}
        case e.SubjectAdded(official=official) | e.ConflictDeclared(official=official):
            to = event.withdrawal_to or case.withdrawal_to
            return {"subjects": case.subjects | {official}, "tasks": _still_given(case, event), "withdrawal_to": to}
        case e.HouseholdLinked(household=household):
            return {"household": household}
        case e.EntryCorrected():
            return {"corrections": (*case.corrections, event)} | _corrected(case, event, by)
        case (
            e.IdentitySealed()
            | e.NoticeIssued()
            | e.ExternalOutcomeRecorded()
            | e.AssignmentAcknowledged()
            | e.CitizenContacted()
            | e.ContactFailed()
            | e.Urged()
            | e.Supervised()
            | e.EvidenceAttached()
            | e.Noted()
            | e.DeadlineConfirmed()
        ):
            return {}
        case _:
            assert_never(event)


def _answered(case: Case, event: e.FeedbackRecorded) -> dict[str, Any]:
    if event.solved is None or not case.stays:
        return {}
    answer = Answer(
        reporter=event.reporter,
        stay=len(case.stays) - 1,
        kind=case.kind,
        grade=case.grade,
        solved=event.solved,
        satisfaction=event.satisfaction,
    )
    earlier = next((one for one in case.answers if (one.reporter, one.stay) == (answer.reporter, answer.stay)), None)
    changes = {"answers": answering_again(case.answers, answer)}
    if earlier is None or not answer.better_than(earlier):
        return changes
    return changes | {"stays": (*case.stays[:-1], _pressed(case.stays[-1]))}


def _pressed(stay: Stay) -> Stay:
    return altered(stay, pressed=True)


def _now(case: Case) -> Stay:
    stay = case.stay
    assert stay is not None
    return stay


def _staying(case: Case, **changes: Any) -> dict[str, Any]:
    return {"stays": (*case.stays[:-1], altered(_now(case), **changes))}


def _resuming(case: Case, at: datetime) -> dict[str, Any]:
    """End the pause of the current stay, if there is one."""
    return {} if case.stay is None else {"stays": (*case.stays[:-1], case.stay.resumed(at))}


def _leaving(case: Case, at: datetime, exit: Exit | None, **changes: Any) -> dict[str, Any]:
    """What was requested in this stay ends with it; only a town's proposal of the pending list goes up with the case."""
    if case.stay is None:
        return {}
    left = altered(case.stay.left(at, exit), **changes)
    proposed = case.suspension_asked if exit in (Exit.ESCALATED_MANUAL, Exit.ESCALATED_DEADLINE) else None
    return {
        "stays": (*case.stays[:-1], left),
        "extension_asked": None,
        "suspension_asked": proposed,
        "tasks": (),
        "claimed_by": None,
    }


def _still_given(case: Case, event: e.CaseEvent) -> tuple[e.TaskGiven, ...]:
    """The tasks whose clocks go on."""
    ended = {stopped.unit for stopped in event.stops if stopped.kind is ClockKind.TASK}
    return tuple(given for given in case.tasks if given.unit not in ended)


def _off_the_list(case: Case, at: datetime) -> dict[str, Any]:
    """Take the case off the pending list; the time it was there still counts."""
    if case.suspension is None:
        return {}
    return {"suspension": None, "suspensions": (*case.suspensions, Pause(start=case.suspension.since, end=at))}


def _moving(case: Case, event: e.StayOpened, at: datetime, exit: Exit) -> dict[str, Any]:
    leaving = _leaving(case, at, exit)
    return leaving | {
        "status": Status.ASSIGNED,
        "stays": (*leaving.get("stays", case.stays), opened(event, at)),
        "claimed_by": None,
        "resolved_at": None,
        "ended_at": None,
    }


def _judged(case: Case) -> Case:
    """Mark the stay that escalated it by hand to its present tier: it was sent up without need."""
    place = max((i for i, stay in enumerate(case.stays) if stay.tier is not case.tier), default=None)
    if place is None or case.stays[place].exit is not Exit.ESCALATED_MANUAL:
        return case
    marked = altered(case.stays[place], premature=True)
    return altered(case, stays=(*case.stays[:place], marked, *case.stays[place + 1 :]))


def _reopening(case: Case, stay: e.StayOpened | None, at: datetime) -> dict[str, Any]:
    waited = () if case.resolved_at is None else (Pause(start=case.resolved_at, end=at),)
    reopened: dict[str, Any] = {
        "resolved_at": None,
        "outcome": None,
        "ended_at": None,
        "reviewed": False,
        "follow_up_waits": (*case.follow_up_waits, *waited),
        "reporters": tuple(altered(one, answered=False, tried_at=(), unreachable=False) for one in case.reporters),
    }
    if stay is None:
        return reopened
    return reopened | {"status": Status.ASSIGNED, "stays": (*case.stays, opened(stay, at))}


def _corrected(case: Case, event: e.EntryCorrected, by: str) -> dict[str, Any]:
    match event.field:
        case "village":
            return {"village": event.new, "town": event.town}
        case "category" | "household":
            return {event.field: event.new}
        case "occurred_at":
            dated = {"reported_at": event.reported_at}
            reporters = (altered(one, **dated) if one.case == case.id else one for one in case.reporters)
            return {**dated, "reporters": tuple(reporters), "dated_by": by}
        case _:
            return {}
