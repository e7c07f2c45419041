"""How the holder's clock stands still and runs on. Only whole days inside a pause are left out (domain.md 3.5)."""

from domain.case.clocks import ClockKind, ClockState, Moved, running
from domain.case.state import Case
from domain.decider import Act

PAUSABLE = (ClockKind.HOLD, ClockKind.STATUTORY)


def paused(case: Case) -> tuple[Moved, ...]:
    return tuple(Moved(kind=clock.kind, unit=clock.unit, paused=True) for clock in running(case.clocks, *PAUSABLE))


def resumed(case: Case, act: Act) -> tuple[Moved, ...]:
    """The paused clocks run on, with the pause that ends now left out of their days."""
    pauses = case.stays[-1].pauses_until(act.at)
    moves = []
    for clock in running(case.clocks, *PAUSABLE):
        if clock.state is ClockState.PAUSED:
            due = act.rules.due(clock.started_at, clock.span, pauses)
            moves.append(
                Moved(
                    kind=clock.kind,
                    unit=clock.unit,
                    due_at=due.at,
                    calendar=due.calendar,
                    provisional=due.provisional,
                )
            )
    return tuple(moves)
