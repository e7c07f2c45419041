"""Provisional deadlines: computed before the year's calendar was known, and computed again once it is published."""

from collections.abc import Iterable, Iterator

from domain.case import events as e
from domain.case.clocks import Clock, ClockKind, Moved, running
from domain.case.pausing import reckoned, with_its_tasks
from domain.case.state import Case
from domain.decider import Act


class ConfirmDeadlines:
    """Asked by the system, of every case with provisional clocks. What has run out already is not reckoned again."""

    def decide(self, case: Case, act: Act, /) -> Iterator[e.DeadlineConfirmed]:
        waiting = (clock for clock in running(case.clocks, *ClockKind) if clock.due_at and act.at < clock.due_at)
        if moves := tuple(confirmed(waiting, case, act)):
            yield e.DeadlineConfirmed(moves=moves)


def confirmed(clocks: Iterable[Clock], case: Case, act: Act) -> Iterator[Moved]:
    """The provisional ones of these clocks, moved by the calendar as far as it is published; tasks with their case."""
    for clock in clocks:
        if clock.provisional and clock.due_at and not (move := reckoned(clock, case, act)).provisional:
            yield from with_its_tasks(clock, move, case)
