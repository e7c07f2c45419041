"""Households: what is known of them, the class that follows from it, who helps them and who visits."""

from domain.household.benefits import ApplyBenefit, EndBenefit, GrantBenefit, RefuseBenefit
from domain.household.decisions import Contest, DecideContest, OverrideClass, SignOverride
from domain.household.disclosure import DiscloseHousehold
from domain.household.events import HouseholdEvent
from domain.household.facts import JoinMember, LeaveMember, RecordFacts, RegisterHousehold
from domain.household.gate import NO_SUCH_HOUSEHOLD, HouseholdCommand, everywhere, may, sees
from domain.household.helper import Helper, HelperEvent
from domain.household.kin import CheckRelation, DeclareRelation
from domain.household.lapse import LapseHousehold
from domain.household.lineage import MergeHousehold, MoveHousehold, SplitHousehold
from domain.household.notices import PostNotice
from domain.household.pairing import EndPairing, HandOver, StartPairing
from domain.household.state import Household
from domain.household.visits import AuditVisit, RecordVisit, due_by

COMMANDS: tuple[type[HouseholdCommand], ...] = (
    RecordFacts,
    JoinMember,
    LeaveMember,
    SplitHousehold,
    MergeHousehold,
    MoveHousehold,
    DeclareRelation,
    CheckRelation,
    OverrideClass,
    SignOverride,
    Contest,
    DecideContest,
    PostNotice,
    StartPairing,
    HandOver,
    EndPairing,
    RecordVisit,
    AuditVisit,
    ApplyBenefit,
    GrantBenefit,
    RefuseBenefit,
    EndBenefit,
    DiscloseHousehold,
)
"""Everything one may ask of a household."""

__all__ = [
    "COMMANDS",
    "NO_SUCH_HOUSEHOLD",
    "ApplyBenefit",
    "Contest",
    "DecideContest",
    "DiscloseHousehold",
    "GrantBenefit",
    "HandOver",
    "Helper",
    "HelperEvent",
    "Household",
    "HouseholdCommand",
    "HouseholdEvent",
    "LapseHousehold",
    "PostNotice",
    "RecordFacts",
    "RecordVisit",
    "RefuseBenefit",
    "RegisterHousehold",
    "StartPairing",
    "due_by",
    "everywhere",
    "may",
    "sees",
]
