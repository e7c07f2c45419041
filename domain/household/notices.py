"""Public notices in the village: that a household is to leave its class, or applied for a benefit."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.decider import Act, command
from domain.household import events as e
from domain.household.classes import agreeing_since, verified_at_home
from domain.household.gate import HouseholdCommand
from domain.household.protection import state_of
from domain.household.state import Household
from domain.household.terms import Benefit, BenefitState, HouseholdClass
from domain.refusals import Invalid, WrongStatus


@command
class PostNotice(HouseholdCommand):
    """Tell the village that a household is to leave its class, or of its application for a benefit. It names nobody.

    To leave a class needs two assessments that agree at least 90 days apart, and a visit since the first that the
    household signed for; the notice hangs at least 7 days, if the policy says nothing else. When it ends uncontested,
    the class changes.
    """

    verb = "post-notice"

    ends: datetime
    benefit: Benefit | None = None
    """What was applied for; the class, where nothing is said."""

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        if self.benefit is not None:
            yield self._applied(self.benefit, household, act)
        else:
            yield self._leaves(household, act)

    def _applied(self, benefit: Benefit, household: Household, act: Act) -> e.BenefitPosted:
        if state_of(household, benefit) is not BenefitState.APPLIED or benefit in household.posted:
            raise WrongStatus(
                "nobody has applied for it, or a notice hangs already", "没有待审批的申请，或公示正在进行"
            )
        return e.BenefitPosted(benefit=benefit, ends=self._hangs(act.rules.policy.helping.notice_benefit_nd, act))

    def _leaves(self, household: Household, act: Act) -> e.NoticePosted:
        helping = act.rules.policy.helping
        if household.notice is not None:
            raise WrongStatus("a notice hangs already", "公示正在进行")
        if household.contested:
            raise WrongStatus("its class is contested: that is decided first", "类别异议待处理，暂不能公示")
        if household.override is not None:
            raise WrongStatus("the village meeting decided its class", "该户类别由村民会议特别认定")
        _agreed(household, timedelta(days=helping.assessments_apart_nd))
        cared = household.klass is HouseholdClass.PRIORITY  # whatever was found, who leaves that is looked after first
        to = HouseholdClass.ATTENTION if cared else HouseholdClass.SECURE
        return e.NoticePosted(now=to, ends=self._hangs(helping.notice_out_nd, act))

    def _hangs(self, least: int, act: Act) -> datetime:
        """Until when, where that is at least so many days."""
        until = self.ends
        if until.utcoffset() is None or not act.at + timedelta(days=least) <= until <= act.at + timedelta(days=366):
            raise Invalid(f"a notice hangs from {least} days to a year", f"公示期为{least}日至一年")
        return until


def _agreed(household: Household, apart: timedelta) -> None:
    """Refuse unless all assessments of its present class agree that it is less needy, and what is known of it is by so
    much newer than the first: the same facts under another ruleset are no second assessment.
    """
    since, known = agreeing_since(household), household.facts_as_of
    if since is None or known is None or known - since < apart:
        raise WrongStatus(
            f"it takes two assessments that agree, {apart.days} days apart", f"须有间隔{apart.days}日以上的两次一致评定"
        )
    if not verified_at_home(household):
        raise WrongStatus("nobody has verified it at home since", "尚未入户核实")
