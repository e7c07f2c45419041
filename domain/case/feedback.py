"""Verifying a resolution: the follow-up centre checks it, and the citizen says whether the matter is solved."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.case import events as e
from domain.case.clocks import Clock, ClockKind, running, stop
from domain.case.gate import CaseCommand, had, post_for
from domain.case.outcome import closed
from domain.case.reopening import reopened_where_it_was, taken_up_again, within_the_window
from domain.case.reporters import Reporter
from domain.case.stand_in import of_the_callers
from domain.case.state import Case
from domain.case.terms import FeedbackResult, Kind, Satisfaction, Status
from domain.decider import Act, Entry, command
from domain.ids import Id
from domain.org import Role
from domain.refusals import Invalid, LimitReached, NotPermitted


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

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Happening]:
        yield e.ResolutionRejected(finding=self.finding)
        yield reopened_where_it_was(case, act, reason="resolution_rejected")


def independent(case: Case, act: Act) -> None:
    """Whoever asks the citizen does not come from a unit that handled the case."""
    if any(had(case, post.unit, act) for post in act.by.posts):
        raise NotPermitted("a unit does not judge its own work", "承办单位不得对自己办理的事项回访")


@command
class Feedback(CaseCommand):
    """What the citizen says: solved or not, satisfied or not. Asked by the follow-up centre, or told by himself.

    Not solved reopens the case, unless the answer was a refusal with its reasons in writing. It closes when everybody
    who reported it has answered.
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

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Happening]:
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
        if not self.solved and case.stays and not case.refused:
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
    known_as = case.hidden_names
    found = [one for one in heard if named in (one.id, known_as.get(one.id))] if named else first_still_open
    if not found:
        raise Invalid("reporter is none of those who brought this matter", "reporter 不是本事项的反映人")
    return found[0]
