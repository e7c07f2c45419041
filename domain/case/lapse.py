"""Deadlines that passed. Each takes effect at its due instant, whenever the timer happens to run."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.case import events as e
from domain.case.clocks import Clock, ClockKind, Moved, running, stop
from domain.case.custody import above, held_by, stay_clocks
from domain.case.outcome import closed
from domain.case.pausing import resumed
from domain.case.state import Case
from domain.case.tiers import escalated
from domain.decider import Act
from domain.org import Tier
from domain.refusals import ConflictOfInterest

CLOSING = {
    ClockKind.FEEDBACK_WINDOW: "feedback_window_over",
    ClockKind.REVIEW_REQUEST: "review_window_over",
    ClockKind.FINAL_REQUEST: "final_window_over",
}


@dataclass(frozen=True, kw_only=True)
class Lapse:
    """The earliest deadline of a case has passed. `act.at` is its due instant, `act.by` the system."""

    def decide(self, case: Case, act: Act, /) -> Iterator[Any]:
        clock = case.deadline
        if clock is None or clock.due_at != act.at:
            yield from _suspension(case, act)
            return
        match clock.kind:
            case ClockKind.HOLD:
                yield _held_too_long(case, act, clock)
            case ClockKind.INFORMATION_WAIT:
                yield e.InformationWaitExpired(stops=stop([clock], act.at), moves=resumed(case, act))
            case ClockKind.TASK:
                [task] = [given.task for given in case.tasks if given.unit == clock.unit]
                yield e.JointTaskMissed(unit=clock.unit, task=task, stops=stop([clock], act.at))
            case ClockKind.FEEDBACK_WINDOW | ClockKind.REVIEW_REQUEST | ClockKind.FINAL_REQUEST:
                waiting = running(case.clocks, clock.kind, ClockKind.CALL_BACK)
                yield closed(CLOSING[clock.kind], stops=stop(waiting, act.at))
            case _:
                yield _supervised(clock)


def _held_too_long(case: Case, act: Act, clock: Clock) -> e.Escalated | e.Supervised:
    """Up to the tier above; at the district, or where nobody above may know of it, somebody is called to account."""
    if case.stays[-1].tier is Tier.DISTRICT:
        return _supervised(clock)
    try:
        return escalated(above(case, act), case, act, trigger="deadline")
    except ConflictOfInterest:
        return _supervised(clock)


def _supervised(clock: Clock) -> e.Supervised:
    lapsed = Moved(kind=clock.kind, unit=clock.unit, lapsed=True)
    return e.Supervised(reason=f"{clock.kind}_lapsed", moves=(lapsed,))


def _suspension(case: Case, act: Act) -> Iterator[Any]:
    """The pending list is reviewed in time, and nothing stays on it for ever."""
    suspension = case.suspension
    assert suspension is not None
    if act.at >= suspension.ends_at:
        unit = act.org.successor(case.stays[-1].unit)
        yield e.Reactivated(**held_by(unit, case, act), plan=None, starts=stay_clocks(unit, case, act, answering=False))
    else:
        yield e.Supervised(reason="suspension_review")
