"""The pending list (挂账): solvable, but not now. Only a district leader puts a case on it, with a plan and a review date."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.case import events as e
from domain.case.clocks import ClockKind, end_of
from domain.case.custody import again_at, handed_over, held_by, leave, stay_clocks
from domain.case.gate import CaseCommand
from domain.case.state import Case
from domain.case.terms import WORKABLE, Grade, Status, SuspensionReason
from domain.decider import Act, command
from domain.org import Tier
from domain.refusals import Invalid, LimitReached, WrongStatus

Plan = Annotated[str, MinLen(1), MaxLen(4000)]


@command
class RequestSuspension(CaseCommand):
    """Propose the pending list; a town may do so before it sends the case up."""

    verb = "request-suspension"
    when = WORKABLE

    reason: SuspensionReason

    @classmethod
    def sensible(cls, case: Case, _act: Act, /) -> None:
        not_urgent(case)
        if case.tier is Tier.VILLAGE:
            raise WrongStatus("a village sends the case up instead", "村级事项不能申请挂账")

    def rule(self, _case: Case, _act: Act, /) -> Iterator[e.SuspensionRequested]:
        yield e.SuspensionRequested(reason=self.reason)


@command
class Suspend(CaseCommand):
    """Put it on the list, reviewed by a date. Its stay and its hold end; its age counts on.

    At most for 365 days in all, if the policy says nothing else. A petition's statutory clock knows no pending list and
    runs on.
    """

    verb = "suspend"
    when = WORKABLE

    reason: SuspensionReason
    plan: Plan
    review_by: date

    @classmethod
    def sensible(cls, case: Case, act: Act, /) -> None:
        not_urgent(case)
        if case.tier is not Tier.DISTRICT:
            raise WrongStatus("only the district has a pending list", "只有区级事项可以挂账")
        if left(case, act) <= timedelta():
            raise LimitReached("it has been on the pending list as long as it may", "挂账时间已达上限")

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Suspended]:
        yield e.Suspended(
            reason=self.reason,
            plan=self.plan,
            review_by=self.review_by,
            review_due_at=review_due(self.review_by, act),
            ends_at=act.at + left(case, act),
            stops=leave(case, act),
        )


def left(case: Case, act: Act) -> timedelta:
    """How much of the time that is allowed on the list is left."""
    spent = sum((pause.end - pause.start for pause in case.suspensions), timedelta())
    return timedelta(days=act.rules.policy.limits.suspension_total_nd) - spent


def not_urgent(case: Case) -> None:
    if case.grade is Grade.URGENT:
        raise LimitReached("an urgent matter is never put off", "紧急事项不得挂账")


def review_due(day: date, act: Act) -> datetime:
    """The end of the day of the next review. Raises Invalid for a past day, LimitReached for one too far ahead."""
    today = act.rules.local(act.at).date()
    if day < today:
        raise Invalid("the next review lies ahead", "下次复核日期不能早于今日")
    if day > today + timedelta(days=act.rules.policy.limits.suspension_review_nd):
        raise LimitReached("the next review comes too late", "下次复核日期超过上限")
    return end_of(day)


@command
class ReviewSuspension(CaseCommand):
    """Look at it again: how the plan stands now, and when it is looked at next."""

    verb = "review-suspension"
    when = frozenset({Status.SUSPENDED})

    plan: Plan
    review_by: date

    def rule(self, _case: Case, act: Act, /) -> Iterator[e.SuspensionReviewed]:
        due = review_due(self.review_by, act)
        yield e.SuspensionReviewed(plan=self.plan, review_by=self.review_by, review_due_at=due)


@command
class Reactivate(CaseCommand):
    """Take it off the list: a new stay at the same unit with its full time, and no first response to give."""

    verb = "reactivate"
    when = frozenset({Status.SUSPENDED})

    plan: Plan | None = None

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Reactivated]:
        yield reactivated(case, act, plan=self.plan)


def reactivated(case: Case, act: Act, *, plan: str | None) -> e.Reactivated:
    unit = again_at(case.stays[-1].unit, case, act)
    return e.Reactivated(
        **held_by(unit, case, act),
        plan=plan,
        starts=stay_clocks(unit, case, act, answering=False),
        moves=handed_over(case, unit, ClockKind.STATUTORY),
    )
