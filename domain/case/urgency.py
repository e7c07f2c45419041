"""A case that proves urgent: its running deadlines are recomputed as if they began now, and nothing pauses any more."""

from collections.abc import Iterator

from domain.case.clocks import Clock, ClockKind, Moved, running
from domain.case.pausing import reckoned, resumed, with_its_tasks
from domain.case.state import Case
from domain.case.terms import Exit, Grade, Kind
from domain.decider import Act
from domain.rules import Policy
from domain.rules.deadlines import Span


def hurried(case: Case, kind: Kind, grade: Grade, act: Act) -> Iterator[Moved]:
    """The running duties of a case that is of this kind and grade from now on, where that makes them due sooner.

    A petition has the time of the law, however urgent; what is none any more keeps that, but stands still no longer.
    """
    if grade is not Grade.URGENT or kind is Kind.PETITION:
        return
    yield from resumed(case, act, ClockKind.STATUTORY)
    if case.grade is Grade.URGENT and case.kind is not Kind.PETITION:
        return
    policy = act.rules.policy
    for clock in running(case.clocks, ClockKind.INTAKE, ClockKind.FIRST_RESPONSE, ClockKind.HOLD):
        match clock.kind:
            case ClockKind.INTAKE:
                span = policy.intake(kind, grade)
            case ClockKind.FIRST_RESPONSE:
                span = policy.first_response(grade)
            case _:
                span = to_keep(case, kind, grade, policy)
        for move in sooner(clock, span, case, act):
            yield from with_its_tasks(clock, move, case)


def to_keep(case: Case, kind: Kind, grade: Grade, policy: Policy) -> Span:
    """The hold of the stay under this kind and grade: what was remanded, or reopened where it was, has one of its own."""
    stay, before = case.stays[-1], case.stays[-2] if len(case.stays) > 1 else None
    if before is not None and before.exit is Exit.REMANDED:
        return policy.remand(grade)
    if before is not None and before.exit is Exit.RESOLVED and before.tier is stay.tier:
        return policy.reopen(stay.tier, grade)
    return policy.hold(stay.tier, kind, grade)


def sooner(clock: Clock, span: Span, case: Case, act: Act) -> Iterator[Moved]:
    """The clock under its urgent span, if that ends sooner; otherwise it runs on as it is, even if it was paused."""
    due, label = act.rules.due(act.at, span), act.rules.policy_label
    on = reckoned(clock, case, act) if clock.due_at is None else None
    was = on.due_at if on else clock.due_at
    if was is None or due.at < was:
        yield Moved(kind=clock.kind, unit=clock.unit, due_at=due.at, span=span, calendar=due.calendar, policy=label)
    elif on:
        yield on
