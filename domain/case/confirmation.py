"""What was reckoned without the year's calendar is reckoned with it, once the notice is published."""

from collections.abc import Iterator

from domain.case import events as e
from domain.case.clocks import Clock, ClockKind, Moved, running
from domain.case.pausing import reckoned
from domain.case.state import Case
from domain.decider import Act


class ConfirmDeadlines:
    """Asked by the system, of every case with provisional clocks. What has run out already is not reckoned again."""

    def decide(self, case: Case, act: Act, /) -> Iterator[e.DeadlineConfirmed]:
        waiting = [clock for clock in running(case.clocks, *ClockKind) if clock.due_at and act.at < clock.due_at]
        if moves := tuple(filter(None, (confirmed(clock, case, act) for clock in waiting))):
            yield e.DeadlineConfirmed(moves=moves)


def confirmed(clock: Clock, case: Case, act: Act) -> Moved | None:
    """A provisional clock as the calendar has it; None as long as that is not known."""
    move = reckoned(clock, case, act) if clock.provisional else None
    return None if move is None or move.provisional else move
