"""Reopening a resolved case: first at the same unit, then one tier up, from then on by a leader."""

from collections.abc import Iterator
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.case import events as e
from domain.case.clocks import ClockKind, ClockState, Stopped, running, stop
from domain.case.custody import above_if_any, again_at, held_by, stay_clocks
from domain.case.gate import CaseCommand
from domain.case.state import Case
from domain.case.terms import Ground, Status
from domain.case.tiers import escalated
from domain.decider import SYSTEM, Act, Entry, command
from domain.refusals import ConflictOfInterest, Invalid, TooLate
from domain.rules.deadlines import Span

OF_THE_CITIZEN = (ClockKind.FEEDBACK_WINDOW, ClockKind.REVIEW_REQUEST, ClockKind.FINAL_REQUEST)
"""The clocks within which the citizen may judge the result."""


@command
class Reopen(CaseCommand):
    """Take the matter up again, at most 30 days after it was closed, if the policy says nothing else."""

    verb = "reopen"
    when = frozenset({Status.RESOLVED, Status.CLOSED})

    reason: Annotated[str, MinLen(1), MaxLen(2000)]

    @classmethod
    def sensible(cls, case: Case, act: Act, /) -> None:
        if not case.stays:
            raise Invalid("it never was in a tier", "该事项未进入三级问题库")
        within_the_window(case, act)

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Happening]:
        yield from reopened(case, act, reason=self.reason)


def within_the_window(case: Case, act: Act) -> None:
    if closed_before(act.rules.policy.reopening(), case, act):
        raise TooLate("it was closed too long ago", "结案时间过长，已超过重新办理期限")


def closed_before(window: Span, case: Case, act: Act) -> bool:
    """Whether a closed case was closed longer ago than this; the last day is counted as for any other deadline."""
    if case.status is not Status.CLOSED or case.ended_at is None:
        return False
    return not window.amount or act.at >= act.rules.due(case.ended_at, window).at


def reopened(case: Case, act: Act, *, reason: str) -> Iterator[Entry[e.CaseEvent]]:
    """The first time to the same unit; the second to the tier above; from the third a leader takes it (包案)."""
    limits, count = act.rules.policy.limits, case.reopen_count + 1
    leader = count > limits.reopenings_before_leader
    unit = above_if_any(case, act) if count > limits.reopenings_before_escalation else None
    if unit is None:
        yield reopened_where_it_was(case, act, reason=reason, leader=leader)
        return
    yield Entry(
        by=SYSTEM.id,
        event=e.Reopened(reason=reason, count=count, leader_takes_it=leader, stay=None, stops=stop_asking(case, act)),
    )
    yield Entry(by=SYSTEM.id, event=escalated(unit, case, act, trigger="repeat_reopen", ground=Ground.REPEAT_REOPEN))


def taken_up_again(case: Case, act: Act) -> list[Entry[e.CaseEvent]]:
    """Reopened because the citizen is not satisfied; where no unit may know of the case, it is supervised instead."""
    try:
        return list(reopened(case, act, reason="not_solved"))
    except ConflictOfInterest:
        return [Entry(by=SYSTEM.id, event=e.Supervised(reason="no_unit_without_conflict"))]


def reopened_where_it_was(case: Case, act: Act, *, reason: str, leader: bool = False) -> Entry[e.Reopened]:
    """A new stay at the unit that claimed to have solved it, or at the one that took its place."""
    unit = again_at(case.stays[-1].unit, case, act)
    stay = e.StayOpened(**held_by(unit, case, act))
    return Entry(
        by=SYSTEM.id,
        event=e.Reopened(
            reason=reason,
            count=case.reopen_count + 1,
            leader_takes_it=leader,
            stay=stay,
            stops=stop_asking(case, act),
            starts=stay_clocks(unit, case, act, hold=act.rules.policy.reopen(stay.tier, case.grade)),
        ),
    )


def stop_asking(case: Case, act: Act) -> tuple[Stopped, ...]:
    """Stop the clocks for asking the citizen: nobody is called back any more."""
    uncalled = stop(running(case.clocks, ClockKind.CALL_BACK), act, ClockState.LEFT)
    return (*uncalled, *stop(running(case.clocks, *OF_THE_CITIZEN), act))
