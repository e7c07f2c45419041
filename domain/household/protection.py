"""The protection a benefit gives by itself: a household granted 五保 is protected, whatever its facts say."""

from dataclasses import replace

from domain.household.state import Household
from domain.household.terms import Benefit, BenefitState, Facts, Protected

NOTHING_KNOWN = Facts(members=1, income_per_head=1_000_000_000, debt_total=0)
"""No rule of the table hits."""


def granted(household: Household, benefit: Benefit) -> bool:
    return state_of(household, benefit) is BenefitState.GRANTED


def state_of(household: Household, benefit: Benefit) -> BenefitState | None:
    return household.benefits[benefit].state if benefit in household.benefits else None


def protected(household: Household, facts: Facts) -> Facts:
    """The facts as the table is asked about them: what is granted counts beside them, and is not written into them."""
    if granted(household, Benefit.FIVE_GUARANTEES):
        return replace(facts, protected=Protected.FIVE_GUARANTEES)
    return facts


def as_known(household: Household) -> Facts | None:
    """The same for what is known now; nothing, where neither facts nor a benefit tell of it."""
    known = protected(household, household.facts or NOTHING_KNOWN)
    return None if known is NOTHING_KNOWN else known
