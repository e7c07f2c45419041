"""Pausing, resuming and recomputing clocks. Only whole days inside a pause are left out (docs/rules.md)."""

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
    """These clocks stand still from now on. One that is late already stays late; hours never stand still."""
    return tuple(
        move
        for clock in running(case.clocks, *kinds)
        if clock.due_at is not None and at < clock.due_at and clock.span.unit in ("working_days", "natural_days")
        for move in with_its_tasks(clock, Moved(kind=clock.kind, unit=clock.unit, paused=True), case)
    )


def resumed(case: Case, act: Act, *kinds: ClockKind) -> tuple[Moved, ...]:
    """Resume those of these clocks that are paused or began during the pause; its whole days are left out of their time."""
    return tuple(
        move
        for clock in running(case.clocks, *kinds)
        if clock.state is ClockState.PAUSED or _begun_meanwhile(clock, case, act.at)
        for move in with_its_tasks(clock, reckoned(clock, case, act), case)
    )


def _begun_meanwhile(clock: Clock, case: Case, now: datetime) -> bool:
    """During the pause that ends now."""
    return any(pause.start < clock.started_at < pause.end == now for pause in standstills(case, clock.kind, now))


def with_its_tasks(clock: Clock, move: Moved, case: Case) -> Iterator[Moved]:
    """This move of one of the case's own clocks, and the same for tasks that share its deadline."""
    yield move
    for task in running(case.clocks, ClockKind.TASK):
        if (task.due_at, task.span) == (clock.due_at, clock.span):
            yield Moved(kind=task.kind, unit=task.unit, due_at=move.due_at, span=move.span, paused=move.paused)


def reckoned(clock: Clock, case: Case, act: Act, *, span: Span | None = None, since: datetime | None = None) -> Moved:
    """The clock counted again from its first day, with another span or start if one is given."""
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
