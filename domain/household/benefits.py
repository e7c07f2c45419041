"""Benefits (低保, 医保, 五保 ...): applied for, granted, refused, ended. What is granted changes the facts."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any

from annotated_types import MaxLen, MinLen

from domain.decider import Act, command
from domain.household import events as e
from domain.household.facts import recorded
from domain.household.gate import HouseholdCommand
from domain.household.state import Household
from domain.household.terms import Benefit, BenefitState, Protected
from domain.refusals import WrongStatus
from domain.rules.policy import working_days

Reason = Annotated[str, MinLen(2), MaxLen(500)]


def stands(household: Household, benefit: Benefit) -> BenefitState | None:
    return household.benefits[benefit].state if benefit in household.benefits else None


@command
class ApplyBenefit(HouseholdCommand):
    """Apply for a benefit. The statutory clock starts: 30 working days, if the policy says nothing else."""

    verb = "apply-benefit"

    benefit: Benefit

    def rule(self, household: Household, act: Act, /) -> Iterator[Any]:
        if stands(household, self.benefit) in (BenefitState.APPLIED, BenefitState.GRANTED):
            raise WrongStatus("it is applied for or granted already", "已申请或已享受该待遇")
        due = act.rules.due(act.at, working_days(act.rules.policy.benefit_wd))
        yield e.BenefitApplied(
            benefit=self.benefit,
            due_at=due.at,
            provisional=due.provisional,
            policy=act.rules.policy_label,
            calendar=due.calendar,
        )


@command
class GrantBenefit(HouseholdCommand):
    """Grant a benefit; where the office acts by itself, without an application."""

    verb = "grant-benefit"

    benefit: Benefit

    def rule(self, household: Household, act: Act, /) -> Iterator[Any]:
        if stands(household, self.benefit) is BenefitState.GRANTED:
            raise WrongStatus("it is granted already", "已享受该待遇")
        yield e.BenefitGranted(benefit=self.benefit)
        yield from _protected(household, self.benefit, Protected.FIVE_GUARANTEES, act)


@command
class RefuseBenefit(HouseholdCommand):
    """Refuse what was applied for, and say why."""

    verb = "refuse-benefit"

    benefit: Benefit
    reason: Reason

    def rule(self, household: Household, _act: Act, /) -> Iterator[Any]:
        if stands(household, self.benefit) is not BenefitState.APPLIED:
            raise WrongStatus("nobody has applied for it", "没有待审批的申请")
        yield e.BenefitRefused(benefit=self.benefit, reason=self.reason)


@command
class EndBenefit(HouseholdCommand):
    """End a benefit."""

    verb = "end-benefit"

    benefit: Benefit
    reason: Annotated[str, MaxLen(500)] = ""

    def rule(self, household: Household, act: Act, /) -> Iterator[Any]:
        if stands(household, self.benefit) is not BenefitState.GRANTED:
            raise WrongStatus("it is not granted", "该户未享受该待遇")
        yield e.BenefitEnded(benefit=self.benefit, reason=self.reason)
        yield from _protected(household, self.benefit, Protected.NONE, act)


def _protected(household: Household, benefit: Benefit, status: Protected, act: Act) -> Iterator[Any]:
    """五保 is a fact of the household: its class follows (domain.md 5.4). The facts come one version later here."""
    facts = household.facts
    if benefit is Benefit.FIVE_GUARANTEES and facts is not None and facts.protected is not status:
        later = replace(household, version=household.version + 1)
        yield from recorded(later, replace(facts, protected=status), act)
