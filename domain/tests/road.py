"""The first steps of many stories, and what people in them usually say."""

from datetime import datetime
from typing import Any

from domain.case.clocks import Clock, ClockKind
from domain.case.feedback import Feedback
from domain.case.handling import Assign
from domain.case.intake import Accept
from domain.case.outcome import Resolve
from domain.case.reopening import Reopen
from domain.case.reporting import Report
from domain.case.state import Case
from domain.case.terms import FeedbackResult, Grade, Kind, Outcome, Proof, Satisfaction
from domain.tests.story import Step, Story, given

RESOLVE = Resolve(outcome=Outcome.SOLVED, proof=(Proof(kind="photo"),))
SOLVED = Feedback(result=FeedbackResult.ANSWERED, solved=True, satisfaction=Satisfaction.SATISFIED)
NOT_SOLVED = Feedback(result=FeedbackResult.ANSWERED, solved=False, satisfaction=Satisfaction.DISSATISFIED)
AGAIN = Reopen(reason="it drips")


def report(village: str | None = None, kind: Kind = Kind.REQUEST, **fields: Any) -> Report:
    return Report(title="The pipe is broken", kind=kind, village=village, **fields)


def assigned_to(
    unit: str, *, day: str = "03-03", kind: Kind = Kind.REQUEST, grade: Grade = Grade.ORDINARY, **fields: Any
) -> Story:
    """Reported by a citizen at 09:00, on Monday 3 March, accepted at 09:10, assigned to the unit at 09:30."""
    return given(
        Step(f"{day} 09:00", "citizen:1", report(kind=kind, **fields)),
        Step(f"{day} 09:10", "dispatcher", Accept(grade=grade)),
        Step(f"{day} 09:30", "dispatcher", Assign(unit=unit)),
    )


def resolved(unit: str = "V0101", moment: str = "03-04 16:00", outcome: Outcome = Outcome.SOLVED) -> Story:
    by = {"V0101": "head:V0101", "T01": "head:T01", "D-TRANSPORT": "officer:D-TRANSPORT"}[unit]
    return assigned_to(unit).step_by(
        moment, by, Resolve(outcome=outcome, proof=(Proof(kind="photo"),), reply="as the law says")
    )


def clock(case: Case, kind: ClockKind, unit: str | None = None) -> Clock:
    """The last clock of a kind."""
    return [one for one in case.clocks if one.kind is kind and unit in (None, one.unit)][-1]


def due(story: Story, kind: ClockKind, unit: str | None = None) -> datetime | None:
    return clock(story.case, kind, unit).due_at
