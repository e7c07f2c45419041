"""What was reckoned without the year's calendar is reckoned with it, once the notice is published."""

from collections.abc import Iterator

from domain.case import events as e
from domain.case.clocks import ClockKind, running
from domain.case.pausing import reckoned
from domain.case.state import Case
from domain.decider import Act


class ConfirmDeadlines:
    """Asked by the system, of every case with provisional clocks. What has run out already is not reckoned again."""

    def decide(self, case: Case, act: Act, /) -> Iterator[e.DeadlineConfirmed]:
        provisional = (
            reckoned(clock, case, act)
            for clock in running(case.clocks, *ClockKind)
            if clock.provisional and clock.due_at is not None and act.at < clock.due_at
        )
        if moves := tuple(move for move in provisional if not move.provisional):
            yield e.DeadlineConfirmed(moves=moves)
