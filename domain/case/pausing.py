"""How a clock stands still, runs on, and is reckoned anew. Only whole days inside a pause are left out (domain.md 3.5)."""

from collections.abc import Iterator
from datetime import datetime

from domain.case.clocks import Clock, ClockKind, ClockState, Moved, running
from domain.case.state import Case
from domain.decider import Act
from domain.rules.deadlines import Pause, Span

HANDLING = (ClockKind.HOLD, ClockKind.STATUTORY)
"""They stand still while the unit waits for the citizen."""

DECIDING = (ClockKind.REVIEW_DECISION, ClockKind.FINAL_DECISION)
"""They stand still during a hearing."""


def paused(case: Case, at: datetime, *kinds: ClockKind) -> tuple[Moved, ...]:
    """These clocks stand still from now on, and tasks that are due with them.

    One that is late already stays late; hours never stand still.
    """
    still = [
        clock
        for clock in running(case.clocks, *kinds)
        if clock.due_at is not None and at < clock.due_at and clock.span.unit in ("working_days", "natural_days")
    ]
    tasks = {task.unit: task for clock in still for task in due_with(clock, case)}
    return tuple(Moved(kind=clock.kind, unit=clock.unit, paused=True) for clock in (*still, *tasks.values()))


def due_with(clock: Clock, case: Case) -> Iterator[Clock]:
    """The tasks that have as long as this clock of the case itself; while it stands still, they do."""
    return (task for task in running(case.clocks, ClockKind.TASK) if task.due_at == clock.due_at)


def with_its_tasks(clock: Clock, move: Moved, case: Case) -> Iterator[Moved]:
    """This move of a clock, and where it gives another due instant the same for the tasks that are due with it."""
    yield move
    for task in due_with(clock, case) if move.due_at is not None else ():
        yield Moved(kind=task.kind, unit=task.unit, due_at=move.due_at)


def resumed(case: Case, act: Act, *kinds: ClockKind) -> tuple[Moved, ...]:
    """The paused ones of these clocks run on, with the pause that ends now left out of their days; tasks with the first."""
    still = [clock for clock in running(case.clocks, *kinds) if clock.state is ClockState.PAUSED]
    if not still:
        return ()
    first, *others = still
    return (*with_its_tasks(first, reckoned(first, case, act), case), *(reckoned(clock, case, act) for clock in others))


def reckoned(clock: Clock, case: Case, act: Act, *, span: Span | None = None, since: datetime | None = None) -> Moved:
    """The clock, counted again from its first day, perhaps with another budget or from another start."""
    due = act.rules.due(since or clock.started_at, span or clock.span, standstills(case, clock.kind, act.at))
    return Moved(
        kind=clock.kind,
        unit=clock.unit,
        due_at=due.at,
        span=span,
        policy=clock.policy,
        calendar=due.calendar,
        provisional=due.provisional,
        started_at=since,
    )


def standstills(case: Case, kind: ClockKind, now: datetime) -> tuple[Pause, ...]:
    """When clocks of that kind stood still, up to now."""
    if kind in HANDLING:
        return tuple(pause for stay in case.stays for pause in stay.pauses_until(now))
    if kind in DECIDING and case.hearing_since is not None and case.hearing_since < now:
        return (*case.hearings, Pause(start=case.hearing_since, end=now))
    return case.hearings if kind in DECIDING else ()
