"""How a household comes into a class and out of it: assessed, overridden, contested, told to the village."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any

from annotated_types import MaxLen, MinLen

from domain.decider import Act, command
from domain.household import events as e
from domain.household.classification import Finding, classify, months_later
from domain.household.gate import SIGN, HouseholdCommand
from domain.household.state import Household
from domain.household.terms import Basis, Facts, HouseholdClass
from domain.household.told import told
from domain.refusals import Invalid, WrongStatus

Reason = Annotated[str, MinLen(2), MaxLen(2000)]


def assessed(household: Household, facts: Facts, version: int, lost: datetime | None, act: Act) -> Iterator[Any]:
    """What the ruleset finds; a needier class at once, a less needy one only after all that it takes."""
    found = finding(household, facts, lost, act)
    label = act.rules.policy_label
    yield e.Assessed(ruleset=label, facts_version=version, result=found.gives, rules=found.rules)
    if household.notice is not None and found.gives.need > household.notice.to.need:
        yield e.NoticeEnded(withdrawn=True)
    if found.gives.need > household.klass.need:
        if household.override is not None:
            yield e.OverrideEnded()
        yield _classified(household, found, Basis.FACTS, act)


def finding(household: Household, facts: Facts, lost: datetime | None, act: Act) -> Finding:
    helping = act.rules.policy.helping
    return classify(facts, helping, act.at, lost_since=lost, left_priority_at=household.left_priority_at)


def _classified(household: Household, found: Finding, basis: Basis, act: Act) -> e.Classified:
    """Whoever leaves the class of key support is looked after for some months."""
    leaves = household.klass is HouseholdClass.PRIORITY and found.gives is not HouseholdClass.PRIORITY
    until = months_later(act.at, act.rules.policy.helping.aftercare_months) if leaves else None
    if leaves and found.gives is HouseholdClass.SECURE and basis is not Basis.OVERRIDE:
        found = Finding(gives=HouseholdClass.ATTENTION, rules=("A4",))
    return e.Classified(was=household.klass, now=found.gives, rules=found.rules, basis=basis, aftercare_until=until)


@command
class PostNotice(HouseholdCommand):
    """Tell the village that a household is to leave its class. It names neither persons nor what ails them.

    Needs two assessments that agree at least 90 days apart, and a visit since the first that the household signed for;
    the notice hangs at least 7 days. When it ends uncontested, the class changes.
    """

    verb = "post-notice"

    ends: datetime

    def rule(self, household: Household, act: Act, /) -> Iterator[Any]:
        helping = act.rules.policy.helping
        if household.notice is not None:
            raise WrongStatus("a notice hangs already", "公示正在进行")
        to = _agreed(household, timedelta(days=helping.assessments_apart_nd))
        if self.ends.utcoffset() is None or self.ends < act.at + timedelta(days=helping.notice_out_nd):
            raise Invalid(
                f"a notice hangs at least {helping.notice_out_nd} days", f"公示期不少于{helping.notice_out_nd}日"
            )
        if self.ends > act.at + timedelta(days=366):
            raise Invalid("a notice hangs a year at most", "公示期不超过一年")
        yield e.NoticePosted(now=to, ends=self.ends)


def _agreed(household: Household, apart: timedelta) -> HouseholdClass:
    """The less needy class that assessments agree on since long enough. Raises WrongStatus."""
    since: datetime | None = None
    agreed = household.klass
    for one in household.assessments:
        if one.result.need < household.klass.need:
            since = since or one.at
            agreed = one.result
        else:
            since = None
    last = household.assessments[-1].at if household.assessments else None
    if since is None or last is None or last - since < apart:
        raise WrongStatus(
            f"it takes two assessments that agree, {apart.days} days apart", f"须有间隔{apart.days}日以上的两次一致评定"
        )
    if not any(visit.countersigned and visit.at >= since for visit in household.visits):
        raise WrongStatus("nobody has verified it at home since", "尚未入户核实")
    return agreed


@command
class OverrideClass(HouseholdCommand):
    """Give it another class than the table does, as the village meeting found. Two sign for it; it ends after a year."""

    verb = "override-class"
    right = SIGN

    to: HouseholdClass
    minutes: Annotated[str, MinLen(2), MaxLen(200)]
    signed_by: Annotated[tuple[str, ...], MinLen(2), MaxLen(10)]
    reason: Reason

    def rule(self, household: Household, act: Act, /) -> Iterator[Any]:
        if len(set(self.signed_by)) < 2 or any(act.org.official(one) is None for one in self.signed_by):
            raise Invalid("two different officials sign for it", "须由两名不同人员签字")
        if household.override is not None or self.to is household.klass:
            raise WrongStatus("it has this class, or another override", "该户已是此类别或已有特别认定")
        until = months_later(act.at, act.rules.policy.helping.override_months)
        yield e.ClassOverridden(
            now=self.to,
            minutes=self.minutes,
            signed_by=self.signed_by,
            until=until,
            told=told(household, act, reason=self.reason),
        )
        yield _classified(household, Finding(gives=self.to, rules=()), Basis.OVERRIDE, act)


@command
class Contest(HouseholdCommand):
    """Say, for the household or a neighbour, that its class is wrong. A notice does not take effect meanwhile."""

    verb = "contest"

    reason: Reason

    def rule(self, household: Household, act: Act, /) -> Iterator[Any]:
        if household.contested:
            raise WrongStatus("it is contested already", "已有异议待处理")
        if household.notice is not None:
            yield e.NoticeEnded(withdrawn=True)
        yield e.ClassContested(told=told(household, act, reason=self.reason))


@command
class DecideContest(HouseholdCommand):
    """Decide whether the class was wrong; if so, say which is right."""

    verb = "decide-contest"
    right = SIGN

    upheld: bool
    reason: Reason
    to: HouseholdClass | None = None

    def rule(self, household: Household, act: Act, /) -> Iterator[Any]:
        if not household.contested:
            raise WrongStatus("nobody has contested it", "没有待处理的异议")
        if self.upheld != (self.to is not None):
            raise Invalid("a contest that is upheld names the right class", "异议成立须指明正确类别")
        yield e.ContestDecided(upheld=self.upheld, now=self.to, told=told(household, act, reason=self.reason))
        if self.to is not None and self.to is not household.klass:
            yield _classified(household, Finding(gives=self.to, rules=()), Basis.CONTEST, act)


def ended(household: Household, act: Act) -> Iterator[Any]:
    """Everything whose time is over at this instant."""
    if household.notice is not None and household.notice.ends <= act.at:
        yield e.NoticeEnded(withdrawn=False)
        last = household.assessments[-1]
        if last.result.need < household.klass.need:
            found = Finding(gives=last.result, rules=last.rules)
            yield _classified(household, found, Basis.ASSESSMENTS, act)
    elif household.override is not None and household.override.until <= act.at:
        yield e.OverrideEnded()
        yield from _as_found(household, Basis.OVERRIDE_ENDED, act)
    elif household.aftercare_until is not None and household.aftercare_until <= act.at:
        yield from _as_found(household, Basis.AFTERCARE_ENDED, act)


def _as_found(household: Household, basis: Basis, act: Act) -> Iterator[Any]:
    if household.facts is None:
        found = Finding(gives=HouseholdClass.SECURE, rules=())
    else:
        found = finding(household, household.facts, household.lost_since, act)
    if basis is Basis.AFTERCARE_ENDED and found.gives.need > household.klass.need:
        found = Finding(gives=household.klass, rules=household.rules)
    yield e.Classified(was=household.klass, now=found.gives, rules=found.rules, basis=basis)
