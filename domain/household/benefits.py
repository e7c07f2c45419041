"""Benefits (低保, 医保, 五保 ...): the village applies, the town decides within the statutory time; what is granted protects."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.decider import Act, altered, command
from domain.household import events as e
from domain.household.classes import reassessed
from domain.household.facts import recorded
from domain.household.gate import GRANT, HouseholdCommand
from domain.household.protection import granted, state_of
from domain.household.sealing import sealed_words
from domain.household.state import Household
from domain.household.terms import Benefit, BenefitState, Protected
from domain.refusals import NotPermitted, WrongStatus
from domain.rules.policy import working_days

Reason = Annotated[str, MinLen(2), MaxLen(500)]


@command
class ApplyBenefit(HouseholdCommand):
    """Apply for a benefit. The statutory clock starts: 30 working days, if the policy says nothing else."""

    verb = "apply-benefit"

    benefit: Benefit

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        if state_of(household, self.benefit) in (BenefitState.APPLIED, BenefitState.GRANTED):
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
    """Grant a benefit; where the town acts by itself, without an application. Nobody grants what he applied for."""

    verb = "grant-benefit"
    right = GRANT

    benefit: Benefit

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        if granted(household, self.benefit):
            raise WrongStatus("it is granted already", "已享受该待遇")
        _another_decides(household, self.benefit, act)
        yield e.BenefitGranted(benefit=self.benefit)
        yield from _taken_down(household, self.benefit)
        if self.benefit is Benefit.FIVE_GUARANTEES:
            yield from reassessed(household.with_benefit(self.benefit, BenefitState.GRANTED, act.at), act)


@command
class RefuseBenefit(HouseholdCommand):
    """Refuse what was applied for, and say why. Nobody refuses what he applied for."""

    verb = "refuse-benefit"
    right = GRANT

    benefit: Benefit
    reason: Reason

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        if state_of(household, self.benefit) is not BenefitState.APPLIED:
            raise WrongStatus("nobody has applied for it", "没有待审批的申请")
        _another_decides(household, self.benefit, act)
        yield e.BenefitRefused(benefit=self.benefit, told=sealed_words(household, act, reason=self.reason))
        yield from _taken_down(household, self.benefit)


@command
class EndBenefit(HouseholdCommand):
    """End a benefit."""

    verb = "end-benefit"
    right = GRANT

    benefit: Benefit
    reason: Annotated[str, MaxLen(500)] = ""

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        if not granted(household, self.benefit):
            raise WrongStatus("it is not granted", "该户未享受该待遇")
        yield e.BenefitEnded(benefit=self.benefit, told=sealed_words(household, act, reason=self.reason))
        if self.benefit is Benefit.FIVE_GUARANTEES:
            after = household.with_benefit(self.benefit, BenefitState.ENDED, act.at)
            yield from _unprotected(altered(after, version=household.version + 1), act)


def _unprotected(household: Household, act: Act) -> Iterator[e.Happening]:
    """Assessed without it. Facts that say 五保 do so no longer; that a minor is unsupported is another matter."""
    facts = household.facts
    if facts is not None and facts.protected is Protected.FIVE_GUARANTEES:
        yield from recorded(household, replace(facts, protected=Protected.NONE), act, household.facts_as_of)
    else:
        yield from reassessed(household, act)


def _another_decides(household: Household, benefit: Benefit, act: Act) -> None:
    if state_of(household, benefit) is BenefitState.APPLIED and household.benefits[benefit].by == act.by.id:
        raise NotPermitted("another than who applied decides", "申请经办人不得审批")


def _taken_down(household: Household, benefit: Benefit) -> Iterator[e.BenefitNoticeEnded]:
    """The village is not told of an application that has been decided."""
    if benefit in household.posted:
        yield e.BenefitNoticeEnded(benefit=benefit)


def lapsed(household: Household, act: Act) -> Iterator[e.Happening]:
    """Applications nobody decided in time, and notices that have hung long enough: all of this instant."""
    for benefit, grant in household.benefits.items():
        if grant.runs_out is not None and grant.runs_out <= act.at:
            yield e.BenefitOverdue(benefit=benefit, due_at=grant.runs_out)
    for benefit, ends in household.posted.items():
        if ends <= act.at:
            yield e.BenefitNoticeEnded(benefit=benefit)
