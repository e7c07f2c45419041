"""Review and final review of a petition (复查, 复核): asked for by the citizen, decided by the next levels up, then final."""

from collections.abc import Iterator
from typing import Annotated

from annotated_types import MaxLen

from domain.case import events as e
from domain.case.clocks import CITIZEN, ClockKind, Started, running, start, stop, the
from domain.case.custody import again_at, held_by, on_duty, stay_clocks
from domain.case.gate import CaseCommand
from domain.case.pausing import DECIDING, paused, resumed
from domain.case.stand_in import reviewing
from domain.case.state import Case
from domain.case.terms import Kind, Status, Verdict
from domain.decider import SYSTEM, Act, Entry, command
from domain.org import Duty
from domain.refusals import TooLate, WrongStatus

Reason = Annotated[str, MaxLen(4000)]
ANSWERED = frozenset({Status.RESOLVED, Status.CLOSED})
REVIEWED = frozenset({Status.UNDER_REVIEW})


@command
class RequestReview(CaseCommand):
    """Ask the next level up to review the answer, within 30 days of having it (art. 35)."""

    verb = "request-review"
    when = ANSWERED

    reason: Reason | None = None

    @classmethod
    def sensible(cls, case: Case, _act: Act, /) -> None:
        a_petition(case)
        if case.reviewed:
            raise WrongStatus("it has been reviewed; the final review is next", "已经复查，可申请复核")
        in_time(case, ClockKind.REVIEW_REQUEST)

    def rule(self, case: Case, act: Act, /) -> Iterator[e.ReviewRequested]:
        window = running(case.clocks, ClockKind.REVIEW_REQUEST)
        reviewer = on_duty(act, case.subjects, Duty.REVIEW, Duty.MASS_WORK, sealed=case.sealed)
        decision = start(ClockKind.REVIEW_DECISION, reviewer, act.rules.policy.review_decision(), act)
        yield e.ReviewRequested(reason=self.reason, stops=stop(window, act), starts=(decision,))


@command
class DecideReview(CaseCommand):
    """Uphold the answer, so that the citizen may ask for the final review; or change it, or send it back.

    Changed or sent back, the case goes to the unit that answered, as a new stay with a new statutory clock.
    """

    verb = "decide-review"
    when = REVIEWED

    decision: Verdict
    reason: Reason | None = None

    @classmethod
    def usual_right(cls, case: Case, act: Act, /) -> str:
        return deciding(case, act)

    @classmethod
    def sensible(cls, case: Case, _act: Act, /) -> None:
        decidable(case, ClockKind.REVIEW_DECISION)

    def rule(self, case: Case, act: Act, /) -> Iterator[e.ReviewDecided]:
        last = start(ClockKind.FINAL_REQUEST, CITIZEN, act.rules.policy.final_request(), act)
        stay, starts = (None, (last,)) if self.decision is Verdict.UPHELD else back_to_the_unit(case, act)
        decided = stop(running(case.clocks, ClockKind.REVIEW_DECISION), act)
        yield e.ReviewDecided(decision=self.decision, reason=self.reason, stay=stay, stops=decided, starts=starts)


@command
class RequestFinalReview(CaseCommand):
    """Ask the level above for the last word, within 30 days of the review (art. 36)."""

    verb = "request-final-review"
    when = ANSWERED

    reason: Reason | None = None

    @classmethod
    def sensible(cls, case: Case, _act: Act, /) -> None:
        a_petition(case)
        if not case.reviewed:
            raise WrongStatus("the review comes first", "须先经复查")
        in_time(case, ClockKind.FINAL_REQUEST)

    def rule(self, case: Case, act: Act, /) -> Iterator[e.FinalReviewRequested]:
        window = running(case.clocks, ClockKind.FINAL_REQUEST)
        reviewer = on_duty(act, case.subjects, Duty.FINAL_REVIEW, Duty.MASS_WORK, sealed=case.sealed)
        decision = start(ClockKind.FINAL_DECISION, reviewer, act.rules.policy.final_decision(), act)
        yield e.FinalReviewRequested(reason=self.reason, stops=stop(window, act), starts=(decision,))


@command
class DecideFinalReview(CaseCommand):
    """The last word. Upheld, the matter is finalised: the same facts and reasons are not accepted any more (三级终结).

    Changed or sent back, it goes to the unit like after a review.
    """

    verb = "decide-final-review"
    when = REVIEWED

    decision: Verdict
    reason: Reason | None = None

    @classmethod
    def usual_right(cls, case: Case, act: Act, /) -> str:
        return deciding(case, act, final=True)

    @classmethod
    def sensible(cls, case: Case, _act: Act, /) -> None:
        decidable(case, ClockKind.FINAL_DECISION)

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Happening]:
        upheld = self.decision is Verdict.UPHELD
        stay, starts = (None, ()) if upheld else back_to_the_unit(case, act)
        decided = stop(running(case.clocks, ClockKind.FINAL_DECISION), act)
        yield e.FinalReviewDecided(decision=self.decision, reason=self.reason, stay=stay, stops=decided, starts=starts)
        if upheld:
            yield Entry(by=SYSTEM.id, event=e.Finalised())


def deciding(case: Case, act: Act, *, final: bool = False) -> str:
    """The right to decide this review, or the final one."""
    clock = the(case.clocks, ClockKind.FINAL_DECISION if final else ClockKind.REVIEW_DECISION)
    verb, duty = (DecideFinalReview.verb, Duty.FINAL_REVIEW) if final else (DecideReview.verb, Duty.REVIEW)
    return reviewing(verb, clock.unit if clock else None, duty, act)


class OfTheReviewers(CaseCommand):
    """Whoever is to decide may also hear the parties; the days of a hearing do not count."""

    when = REVIEWED

    @classmethod
    def usual_right(cls, case: Case, act: Act, /) -> str:
        return deciding(case, act, final=the(case.clocks, ClockKind.FINAL_DECISION) is not None)


@command
class StartHearing(OfTheReviewers):
    """Begin a hearing."""

    verb = "start-hearing"

    @classmethod
    def sensible(cls, case: Case, _act: Act, /) -> None:
        if case.hearing_since is not None:
            raise WrongStatus("a hearing is going on already", "听证正在进行")

    def rule(self, case: Case, act: Act, /) -> Iterator[e.HearingStarted]:
        yield e.HearingStarted(moves=paused(case, act.at, *DECIDING))


@command
class EndHearing(OfTheReviewers):
    """End the hearing; whole days of it are left out of the time for the decision."""

    verb = "end-hearing"

    @classmethod
    def sensible(cls, case: Case, _act: Act, /) -> None:
        if case.hearing_since is None:
            raise WrongStatus("no hearing is going on", "没有正在进行的听证")

    def rule(self, case: Case, act: Act, /) -> Iterator[e.HearingEnded]:
        yield e.HearingEnded(moves=resumed(case, act, *DECIDING))


def a_petition(case: Case) -> None:
    if case.kind is not Kind.PETITION:
        raise WrongStatus("only the answer to a petition is reviewed", "只有信访事项可以复查复核")


def in_time(case: Case, window: ClockKind) -> None:
    """Refuse to ask once the window for it is over, which ends the case."""
    if the(case.clocks, window) is None:
        raise TooLate("the time for asking is over", "申请期限已过")


def decidable(case: Case, decision: ClockKind) -> None:
    """Raises WrongStatus during a hearing, and for the other of the two reviews."""
    if the(case.clocks, decision) is None:
        raise WrongStatus("the other review is going on", "当前进行的是另一级复查复核")
    if case.hearing_since is not None:
        raise WrongStatus("the hearing has not ended", "听证尚未结束")


def back_to_the_unit(case: Case, act: Act) -> tuple[e.StayOpened, tuple[Started, ...]]:
    unit = again_at(case.stays[-1].unit, case, act)
    return e.StayOpened(**held_by(unit, case, act)), stay_clocks(unit, case, act)
