"""Notices to the village: that a household is to leave its class, or that a benefit was applied for; how long they hang."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from domain.decider import Act, command
from domain.household import events as e
from domain.household.benefits import tell_the_village
from domain.household.gate import HouseholdCommand
from domain.household.state import Household
from domain.household.terms import Benefit, HouseholdClass
from domain.refusals import Invalid, WrongStatus


@command
class PostNotice(HouseholdCommand):
    """Tell the village that a household is to leave its class, or of its application for a benefit. It names nobody.

    To leave a class needs two assessments that agree at least 90 days apart, and a visit since the first that the
    household signed for; the notice hangs at least 7 days. When it ends uncontested, the class changes.
    """

    verb = "post-notice"

    ends: datetime
    benefit: Benefit | None = None
    """What was applied for; the class, where nothing is said."""

    def rule(self, household: Household, act: Act, /) -> Iterator[Any]:
        if self.benefit is not None:
            yield from tell_the_village(household, self.benefit, self.ends, act)
        else:
            yield self._leaves(household, act)

    def _leaves(self, household: Household, act: Act) -> e.NoticePosted:
        helping = act.rules.policy.helping
        if household.notice is not None:
            raise WrongStatus("a notice hangs already", "公示正在进行")
        if household.contested:
            raise WrongStatus("its class is contested: that is decided first", "类别异议待处理，暂不能公示")
        if household.override is not None:
            raise WrongStatus("the village meeting decided its class", "该户类别由村民会议特别认定")
        _agreed(household, timedelta(days=helping.assessments_apart_nd))
        if self.ends.utcoffset() is None or self.ends < act.at + timedelta(days=helping.notice_out_nd):
            raise Invalid(
                f"a notice hangs at least {helping.notice_out_nd} days", f"公示期不少于{helping.notice_out_nd}日"
            )
        if self.ends > act.at + timedelta(days=366):
            raise Invalid("a notice hangs a year at most", "公示期不超过一年")
        cared = household.klass is HouseholdClass.PRIORITY  # whatever was found, who leaves that is looked after first
        return e.NoticePosted(now=HouseholdClass.ATTENTION if cared else HouseholdClass.SECURE, ends=self.ends)


def _agreed(household: Household, apart: timedelta) -> None:
    """Refuse unless assessments agree since long enough, all of the present class, that it is less needy."""
    since: datetime | None = None
    own = [one for one in household.assessments if household.since is None or one.at >= household.since]
    for one in own:
        since = (since or one.at) if one.result.need < household.klass.need else None
    last = own[-1].at if own else None
    if since is None or last is None or last - since < apart:
        raise WrongStatus(
            f"it takes two assessments that agree, {apart.days} days apart", f"须有间隔{apart.days}日以上的两次一致评定"
        )
    if not any(visit.counts and visit.seen_at >= since for visit in household.visits):
        raise WrongStatus("nobody has verified it at home since", "尚未入户核实")
