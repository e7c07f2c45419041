"""Deadlines that passed. Each takes effect at its due instant, whenever the timer happens to run."""

from collections.abc import Iterator

from domain.case import events as e
from domain.case.clocks import Clock, ClockKind, ClockState, Moved, answering, running, stop
from domain.case.confirmation import confirmed
from domain.case.custody import above_if_any, on_duty
from domain.case.outcome import closed
from domain.case.pausing import HANDLING, resumed
from domain.case.state import Case
from domain.case.suspension import reactivated
from domain.case.tiers import escalated
from domain.decider import Act
from domain.org import Duty
from domain.refusals import ConflictOfInterest

CLOSING = {
    ClockKind.FEEDBACK_WINDOW: "feedback_window_over",
    ClockKind.REVIEW_REQUEST: "review_window_over",
    ClockKind.FINAL_REQUEST: "final_window_over",
}


class Lapse:
    """The earliest deadline of a case has passed. `act.at` is its `next_deadline`, `act.by` the system.

    A provisional one goes by the calendar, where that has been published and nobody reckoned it anew.
    At any other instant nothing lapses, so that a timer may run twice.
    """

    def decide(self, case: Case, act: Act, /) -> Iterator[e.Happening]:
        if act.at != case.next_deadline:
            return
        clock = case.deadline
        if clock is None or clock.due_at is None or clock.due_at > act.at:
            yield _suspension(case, act)
            return
        together = [one for one in running(case.clocks, *ClockKind) if one.due_at == clock.due_at]
        known = tuple(confirmed(together, case, act))
        if any(move.due_at != clock.due_at for move in known):
            yield e.DeadlineConfirmed(moves=known)
            return
        match clock.kind:
            case ClockKind.HOLD:
                yield _held_too_long(case, act, clock)
            case ClockKind.INFORMATION_WAIT:
                yield e.InformationWaitExpired(stops=stop([clock], act), moves=resumed(case, act, *HANDLING))
            case ClockKind.TASK:
                [task] = [given.task for given in case.tasks if given.unit == clock.unit]
                yield e.JointTaskMissed(unit=clock.unit, task=task, moves=(lapsed(clock, act),))
            case ClockKind.FEEDBACK_WINDOW | ClockKind.REVIEW_REQUEST | ClockKind.FINAL_REQUEST:
                uncalled = stop(running(case.clocks, ClockKind.CALL_BACK), act, ClockState.LEFT)
                yield closed(CLOSING[clock.kind], stops=(*stop([clock], act), *uncalled))
            case ClockKind.INTAKE:
                yield _supervised(clock, act, to=on_duty(act, case.subjects, Duty.MASS_WORK) or None)
            case _:
                yield _supervised(clock, act)


def _held_too_long(case: Case, act: Act, clock: Clock) -> e.Escalated | e.Supervised:
    """Up to the tier above; at the district, or where nobody above may know of it, somebody is called to account."""
    unit = above_if_any(case, act)
    return escalated(unit, case, act, trigger="deadline") if unit else _supervised(clock, act)


def _supervised(clock: Clock, act: Act, to: str | None = None) -> e.Supervised:
    return e.Supervised(reason=f"{clock.kind}_lapsed", to=to, moves=(lapsed(clock, act),))


def lapsed(clock: Clock, act: Act) -> Moved:
    """Mark the clock as lapsed. It runs on, for what it stands for is still owed."""
    return Moved(kind=clock.kind, unit=clock.unit, lapsed=True, accountable=answering(clock, act))


def _suspension(case: Case, act: Act) -> e.Reactivated | e.Supervised:
    """The pending list is reviewed in time, and nothing stays on it for ever."""
    suspension = case.suspension
    assert suspension is not None
    if act.at < suspension.ends_at:
        return e.Supervised(reason="suspension_review")
    try:
        return reactivated(case, act, plan=None)
    except ConflictOfInterest:
        return e.Supervised(reason="suspension_over")
