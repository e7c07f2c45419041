"""How a case ends, and whether it really has: resolve, verify, ask the citizen, reopen, close."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any

from annotated_types import MaxLen, MinLen

from domain.case import events as e
from domain.case.clocks import OF_A_STAY, Clock, ClockKind, ClockState, Started, Stopped, running, start, stop
from domain.case.custody import above, again_at, held_by, stay_clocks
from domain.case.gate import CaseCommand, had, post_for
from domain.case.reporters import Reporter
from domain.case.stand_in import calling_back, of_the_callers
from domain.case.state import Case
from domain.case.terms import (
    WORKABLE,
    FeedbackResult,
    Ground,
    Kind,
    Outcome,
    Proof,
    Satisfaction,
    Status,
)
from domain.case.tiers import escalated
from domain.decider import SYSTEM, Act, Entry, command
from domain.ids import Id
from domain.org import Role
from domain.refusals import ConflictOfInterest, Invalid, LimitReached, NotPermitted, TooLate
from domain.rules.deadlines import Span

CITIZEN = "citizen"
"""Holder of the clocks that are the citizen's own time."""

HIS_OWN = (ClockKind.FEEDBACK_WINDOW, ClockKind.REVIEW_REQUEST, ClockKind.FINAL_REQUEST)
"""In which he may say what he makes of the result."""

DONE = (ClockKind.HOLD, ClockKind.STATUTORY, ClockKind.NOTICE)
"""What a resolution meets; the answer is the notice, where none was given before [P]."""


@command
class Resolve(CaseCommand):
    """Say that it is settled, with at least one proof. Signed by the accountable, for whom his unit's officers act.

    The citizen is asked next; a petitioner may have it reviewed instead.
    """

    verb = "resolve"
    when = WORKABLE

    outcome: Outcome
    proof: Annotated[tuple[Proof, ...], MinLen(1), MaxLen(50)]
    reply: Annotated[str, MaxLen(8000)] | None = None

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Resolved]:
        policy = act.rules.policy
        if len(self.proof) < policy.limits.proofs:
            raise Invalid(f"a resolution needs {policy.limits.proofs} proofs", "办结证明材料数量不足")
        if case.kind is Kind.PETITION:
            starts = [start(ClockKind.REVIEW_REQUEST, CITIZEN, policy.review_request(), act)]
        else:
            starts = [
                call_back(case, act),
                start(ClockKind.FEEDBACK_WINDOW, CITIZEN, policy.feedback_window(), act),
            ]
        others = [kind for kind in OF_A_STAY if kind not in DONE]
        yield e.Resolved(
            outcome=self.outcome,
            proof=self.proof,
            reply=self.reply,
            signed_by=act.org.head_of(case.stays[-1].unit, act.at),
            stops=(
                *stop(running(case.clocks, *DONE), act),
                *stop(running(case.clocks, *others), act, ClockState.LEFT),
            ),
            starts=tuple(starts),
        )


def call_back(case: Case, act: Act) -> Started:
    return start(ClockKind.CALL_BACK, calling_back(case, act), act.rules.policy.call_back(case.grade), act)


@command
class RejectResolution(CaseCommand):
    """The follow-up centre found no proof, or a false one: the unit that claimed it gets it back."""

    verb = "reject-resolution"
    when = frozenset({Status.RESOLVED})

    finding: Annotated[str, MinLen(1), MaxLen(2000)]

    @classmethod
    def usual_right(cls, case: Case, act: Act, /) -> str:
        return of_the_callers(cls.verb, case, act)

    @classmethod
    def sensible(cls, case: Case, act: Act, /) -> None:
        independent(case, act)

    def rule(self, case: Case, act: Act, /) -> Iterator[Any]:
        yield e.ResolutionRejected(finding=self.finding)
        yield reopened_where_it_was(case, act, reason="resolution_rejected")


def independent(case: Case, act: Act) -> None:
    """Whoever asks the citizen does not come from a unit that handled the case."""
    if any(had(case, post.unit, act) for post in act.by.posts):
        raise NotPermitted("a unit does not judge its own work", "承办单位不得对自己办理的事项回访")


@command
class Feedback(CaseCommand):
    """What the citizen says: solved or not, satisfied or not. Asked by the follow-up centre, or told by himself.

    Not solved reopens the case, unless the answer was a reasoned refusal. It closes when everybody who reported it
    has answered.
    """

    verb = "feedback"
    when = frozenset({Status.RESOLVED, Status.CLOSED})

    result: FeedbackResult
    solved: bool | None = None
    satisfaction: Satisfaction | None = None
    reporter: Id | None = None
    comment: Annotated[str, MaxLen(4000)] | None = None

    @classmethod
    def usual_right(cls, case: Case, act: Act, /) -> str:
        return of_the_callers(cls.verb, case, act)

    @classmethod
    def sensible(cls, case: Case, act: Act, /) -> None:
        if not hears_the_citizen(case, act):
            raise NotPermitted(
                "whoever took the matter down does not answer for the citizen", "登记人不得代群众作出评价"
            )
        independent(case, act)
        within_the_window(case, act)

    def rule(self, case: Case, act: Act, /) -> Iterator[Any]:
        if self.result is FeedbackResult.NO_ANSWER:
            if self.solved is not None or self.satisfaction is not None:
                raise Invalid("nobody answered, so nothing was said", "无人应答时不得填写评价")
            yield tried_in_vain(case, act, self.reporter)
            return
        if self.solved is None:
            raise Invalid("an answer says whether it is solved", "已答复的须填写 solved")
        reporter = answering(case, act, self.reporter)
        called = called_back(case, but=reporter)
        yield e.FeedbackRecorded(
            reporter=reporter.id,
            solved=self.solved,
            satisfaction=self.satisfaction,
            comment=self.comment,
            stops=stop(called, act),
        )
        if case.kind is Kind.PETITION:
            return
        if not self.solved and case.stays and case.outcome is not Outcome.NOT_SUPPORTED:
            heard = replace(case, clocks=tuple(clock for clock in case.clocks if clock not in called))
            yield from taken_up_again(heard, act)
        elif all_heard(case, but=reporter):
            yield settled(case, act, solved=self.solved)


def all_heard(case: Case, *, but: Reporter | None = None) -> bool:
    """Whether everybody who brought it, but perhaps this one, has answered; a petition closes by its window alone."""
    answered = all(one.answered for one in case.reporters if one != but)
    return answered and case.status is Status.RESOLVED and case.kind is not Kind.PETITION


def settled(case: Case, act: Act, *, solved: bool) -> Entry[e.Closed]:
    window = running(case.clocks, ClockKind.FEEDBACK_WINDOW)
    return closed("solved" if solved else "not_supported", stops=stop(window, act))


def called_back(case: Case, *, but: Reporter | None = None) -> tuple[Clock, ...]:
    """The clock of calling back, where nobody who brought the matter, but perhaps this one, is waited for."""
    if any(one.waited_for for one in case.reporters if one != but):
        return ()
    return tuple(running(case.clocks, ClockKind.CALL_BACK))


def tried_in_vain(case: Case, act: Act, named: str | None) -> e.FeedbackAttempted:
    """One more try of those who call him back; it counts at an hour of the day at which nobody has tried yet.

    With the last one that counts, he has been asked.
    """
    if not asks(case, act):
        raise NotPermitted(
            "whoever did not call the citizen cannot say that nobody answered", "非回访人员不得登记无人应答"
        )
    enough, called = act.rules.policy.limits.feedback_tries, answering(case, act, named)
    if called.unreachable:
        raise LimitReached("the citizen has been tried as often as the policy asks", "回访次数已达上限")
    tries = len({act.rules.local(tried).hour for tried in (*called.tried_at, act.at)})
    return e.FeedbackAttempted(
        tries=tries,
        enough=enough,
        reporter=called.id,
        stops=stop(called_back(case, but=called), act) if tries >= enough else (),
    )


def hears_the_citizen(case: Case, act: Act) -> bool:
    """Whether this is the citizen himself, the follow-up centre that asks him, or the system he reports through."""
    himself = any(one.id == act.by.id for one in case.reporters)
    through = any(post.role is Role.INTEGRATOR for post in act.by.posts)
    return himself or through or asks(case, act)


def asks(case: Case, act: Act) -> bool:
    """Whether it is his office to call the citizen back."""
    return post_for(case, act, of_the_callers(Feedback.verb, case, act)) is not None


def answering(case: Case, act: Act, named: str | None) -> Reporter:
    """Whose answer it is: the reporter's own, the one named, or the only one still open.

    A system speaks for who reported through it, and not for those whose reports were joined with that one.
    """
    own = [one for one in case.reporters if one.id == act.by.id]
    if own:
        if named not in (None, act.by.id):
            raise NotPermitted("one answers for oneself", "只能为自己作出评价")
        return own[0]
    heard = [one for one in case.reporters if asks(case, act) or one.case == case.id]
    first_still_open = sorted(heard, key=lambda one: (one.answered, one.unreachable))
    found = [one for one in heard if one.id == named] if named else first_still_open
    if not found:
        raise Invalid("reporter is none of those who brought this matter", "reporter 不是本事项的反映人")
    return found[0]


def within_the_window(case: Case, act: Act) -> None:
    if closed_before(act.rules.policy.reopening(), case, act):
        raise TooLate("it was closed too long ago", "结案时间过长，已超过重新办理期限")


def closed_before(window: Span, case: Case, act: Act) -> bool:
    """Whether it was closed so long ago. The last day ends, and rolls, like that of every other time one has."""
    if case.status is not Status.CLOSED or case.ended_at is None:
        return False
    return not window.amount or act.at >= act.rules.due(case.ended_at, window).at


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

    def rule(self, case: Case, act: Act, /) -> Iterator[Any]:
        yield from reopened(case, act, reason=self.reason)


def reopened(case: Case, act: Act, *, reason: str) -> Iterator[Any]:
    """The first time to the same unit; the second to the tier above; from the third a leader takes it (包案)."""
    limits, count, last = act.rules.policy.limits, case.reopen_count + 1, case.stays[-1]
    leader = count > limits.reopenings_before_leader
    if count <= limits.reopenings_before_escalation or last.tier.above is None:
        yield reopened_where_it_was(case, act, reason=reason, leader=leader)
        return
    try:
        unit = above(case, act)
    except ConflictOfInterest:
        yield reopened_where_it_was(case, act, reason=reason, leader=leader)
        return
    yield Entry(
        by=SYSTEM.id,
        event=e.Reopened(reason=reason, count=count, leader_takes_it=leader, stay=None, stops=no_longer(case, act)),
    )
    yield Entry(by=SYSTEM.id, event=escalated(unit, case, act, trigger="repeat_reopen", ground=Ground.REPEAT_REOPEN))


def taken_up_again(case: Case, act: Act) -> list[Any]:
    """Because the citizen says so; where no unit may know of the case, somebody is called to account."""
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
            stops=no_longer(case, act),
            starts=stay_clocks(unit, case, act, hold=act.rules.policy.reopen(stay.tier, case.grade)),
        ),
    )


def no_longer(case: Case, act: Act) -> tuple[Stopped, ...]:
    """Nobody waits for the citizen any more. Whoever has not been called by then is called no more."""
    uncalled = stop(running(case.clocks, ClockKind.CALL_BACK), act, ClockState.LEFT)
    return (*uncalled, *stop(running(case.clocks, *HIS_OWN), act))


def closed(reason: str, **changes: Any) -> Entry[e.Closed]:
    return Entry(by=SYSTEM.id, event=e.Closed(reason=reason, **changes))
