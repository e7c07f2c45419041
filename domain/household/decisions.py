"""Classes that people decide, not the table: an override by the village meeting, signed twice, and a contest."""

from collections.abc import Iterator
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.decider import Act, command
from domain.household import events as e
from domain.household.classes import classified
from domain.household.classification import Finding
from domain.household.gate import DECIDE, SIGN, HouseholdCommand
from domain.household.sealing import sealed_words
from domain.household.state import Household
from domain.household.terms import ClassBasis, HouseholdClass
from domain.refusals import Invalid, NotPermitted, WrongStatus
from domain.zone import months_later

Reason = Annotated[str, MinLen(2), MaxLen(2000)]
Minutes = Annotated[str, MinLen(2), MaxLen(200)]


@command
class OverrideClass(HouseholdCommand):
    """Propose another class than the table gives, as the village meeting found: the first of two signatures.

    A new proposal takes the place of one that nobody has signed yet.
    """

    verb = "override-class"
    right = SIGN

    to: HouseholdClass
    minutes: Minutes
    reason: Reason

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        _open_to(household, self.to)
        yield e.OverrideProposed(
            now=self.to, minutes=self.minutes, told=sealed_words(household, act, reason=self.reason)
        )


@command
class SignOverride(HouseholdCommand):
    """Sign for what another proposed, naming it again: from now on it is the class.

    It ends after a year, if the policy says nothing else.
    """

    verb = "sign-override"
    right = SIGN

    to: HouseholdClass
    minutes: Minutes

    @classmethod
    def sensible(cls, household: Household, act: Act, /) -> None:
        proposed = household.proposed
        if proposed is None:
            raise WrongStatus("nobody has proposed another class", "没有待签字的特别认定")
        if proposed.by == act.by.id:
            raise NotPermitted("another person signs", "须由另一人签字")
        _open_to(household, proposed.to)

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        proposed = household.proposed
        assert proposed is not None
        if (proposed.to, proposed.minutes) != (self.to, self.minutes):
            raise Invalid("this is not what was proposed", "与提请认定的内容不一致")
        if household.notice is not None:
            yield e.NoticeEnded(withdrawn=True)
        until = months_later(act.at, act.rules.policy.helping.override_months)
        signed = (proposed.by, act.by.id)
        yield e.ClassOverridden(now=self.to, minutes=self.minutes, signed_by=signed, until=until)
        yield classified(household, Finding(gives=self.to, rules=()), ClassBasis.OVERRIDE, act)


def _open_to(household: Household, to: HouseholdClass) -> None:
    if household.override is not None or to is household.klass:
        raise WrongStatus("it has this class, or another override", "该户已是此类别或已有特别认定")


@command
class Contest(HouseholdCommand):
    """Say, for the household or a neighbour, that its class is wrong. A notice does not take effect meanwhile."""

    verb = "contest"

    reason: Reason

    @classmethod
    def sensible(cls, household: Household, _act: Act, /) -> None:
        if household.contested:
            raise WrongStatus("it is contested already", "已有异议待处理")

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        if household.notice is not None:
            yield e.NoticeEnded(withdrawn=True)
        yield e.ClassContested(told=sealed_words(household, act, reason=self.reason))


@command
class DecideContest(HouseholdCommand):
    """Decide whether the class was wrong; if so, say which is right. It takes the place of an override."""

    verb = "decide-contest"
    right = DECIDE

    upheld: bool
    reason: Reason
    to: HouseholdClass | None = None

    @classmethod
    def sensible(cls, household: Household, _act: Act, /) -> None:
        if not household.contested:
            raise WrongStatus("nobody has contested it", "没有待处理的异议")

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        if self.upheld != (self.to is not None):
            raise Invalid("a contest that is upheld names the right class", "异议成立须指明正确类别")
        if self.to is not None and household.override is not None:
            yield e.OverrideEnded()
        yield e.ContestDecided(upheld=self.upheld, now=self.to, told=sealed_words(household, act, reason=self.reason))
        if self.to is not None and self.to is not household.klass:
            yield classified(household, Finding(gives=self.to, rules=()), ClassBasis.CONTEST, act)
