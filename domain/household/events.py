"""Everything that can happen to a household. Names and fields are storage: add, never rename or repurpose.

What somebody said in his own words is sealed in `told`. Before that it stood in `reason`, `met`, `notes` and `needs`; they
are read where they lie and filled no more.
"""

from datetime import datetime

from domain.decider import Entry, Sealed, event
from domain.household.helper import HelperEvent
from domain.household.terms import Benefit, BenefitState, ClassBasis, Facts, HouseholdClass, Need


@event("household.registered")
class Registered:
    """It stands in the register. Who lives there lies apart, sealed."""

    village: str
    town: str | None
    identity: Sealed | None


@event("household.member_joined")
class MemberJoined:
    member: str
    relation: str
    identity: Sealed
    sealed_at: str | None = None
    """Where the name was sealed, if that was in another household."""


@event("household.member_left")
class MemberLeft:
    member: str
    reason: str = ""
    told: Sealed | None = None


@event("household.split_off")
class SplitOff:
    """These members are a household of their own."""

    household: str
    members: tuple[str, ...]


@event("household.merged_into")
class MergedInto:
    """It is no household of its own any more. What it had applied for or been granted, `benefits`, went along."""

    household: str
    benefits: tuple[Benefit, ...] = ()


@event("household.moved")
class Moved:
    village: str
    town: str | None


@event("household.relation_declared")
class RelationDeclared:
    """An official is a relative of somebody in it."""

    official: str
    told: Sealed | None


@event("household.relation_checked")
class RelationChecked:
    """The district looked whether its class is right all the same."""

    official: str
    fair: bool
    told: Sealed | None


@event("household.facts_recorded")
class FactsRecorded:
    """`lost_since` is when the home was first said to be lost, as long as it is.

    `captured_at` is when it was written down at the door, where that was out of reach.
    """

    facts: Facts
    lost_since: datetime | None
    captured_at: datetime | None = None


@event("household.earlier_facts_recorded")
class EarlierFactsRecorded:
    """How it lived when that was written down at the door. It came after what is known of a later day, which stands."""

    facts: Facts
    captured_at: datetime


@event("household.lost_home_counts")
class LostHomeCounts:
    """A home lost to a disaster counts by itself until then; no longer, where there is no such instant."""

    counts_until: datetime | None


@event("household.assessed")
class Assessed:
    """The class that follows from the facts under a ruleset. It is not yet the household's class."""

    ruleset: str
    facts_version: int
    result: HouseholdClass
    rules: tuple[str, ...]


@event("household.classified")
class Classified:
    """Its class from now on, and what that rests on. `aftercare_until` counts as attention by itself.

    `left_priority_at` is brought along by members of a household that had left key support.
    """

    was: HouseholdClass
    now: HouseholdClass
    rules: tuple[str, ...]
    basis: ClassBasis
    aftercare_until: datetime | None = None
    left_priority_at: datetime | None = None


@event("household.override_proposed")
class OverrideProposed:
    """The village meeting found otherwise; another person has to sign for it, too."""

    now: HouseholdClass
    minutes: str
    told: Sealed | None


@event("household.class_overridden")
class ClassOverridden:
    """The village meeting found otherwise: who proposed it and who signed stand in `signed_by`."""

    now: HouseholdClass
    minutes: str
    signed_by: tuple[str, ...]
    until: datetime
    reason: str = ""
    told: Sealed | None = None


@event("household.override_ended")
class OverrideEnded:
    """An override does not hold any more: its time is over, or something else decides."""


@event("household.class_contested")
class ClassContested:
    reason: str = ""
    told: Sealed | None = None


@event("household.contest_decided")
class ContestDecided:
    upheld: bool
    now: HouseholdClass | None
    reason: str = ""
    told: Sealed | None = None


@event("household.notice_posted")
class NoticePosted:
    """The village was told which class it is to have; nothing else of it."""

    now: HouseholdClass
    ends: datetime


@event("household.notice_ended")
class NoticeEnded:
    """Its time is over, or what it said is no longer so."""

    withdrawn: bool


@event("household.pairing_started")
class PairingStarted:
    helper: str


@event("household.pairing_ended")
class PairingEnded:
    helper: str
    reason: str = ""
    told: Sealed | None = None


@event("household.pairing_handed_over")
class PairingHandedOver:
    """One helper ends and the other starts, in one step."""

    helper: str
    next_helper: str


@event("household.visit_recorded")
class VisitRecorded:
    """Somebody was there. `captured_at` is when it was written down at the door, where that was out of reach.

    `cases` has a place for each need: the case that was opened for it, or nothing where it was answered at the door.
    """

    visitor: str
    cases: tuple[str | None, ...]
    countersigned: bool
    captured_at: datetime | None
    told: Sealed | None = None
    to_audit: bool = False
    """Drawn to be asked about by telephone."""
    met: tuple[str, ...] = ()
    notes: str = ""
    needs: tuple[Need, ...] = ()


@event("household.visit_audited")
class VisitAudited:
    """The household was asked by telephone whether somebody came: the visit stored under that version."""

    visit: int
    happened: bool
    told: Sealed | None


@event("household.benefit_applied")
class BenefitApplied:
    """The statutory clock runs until `due_at`."""

    benefit: Benefit
    due_at: datetime
    provisional: bool
    policy: str
    calendar: str


@event("household.benefit_granted")
class BenefitGranted:
    benefit: Benefit


@event("household.benefit_refused")
class BenefitRefused:
    benefit: Benefit
    reason: str = ""
    told: Sealed | None = None
    """Why; before it was sealed it stood in `reason`."""


@event("household.benefit_ended")
class BenefitEnded:
    benefit: Benefit
    reason: str = ""
    told: Sealed | None = None


@event("household.benefit_overdue")
class BenefitOverdue:
    """The statutory time of an application is over, and nobody has decided."""

    benefit: Benefit
    due_at: datetime


@event("household.benefit_brought")
class BenefitBrought:
    """A household that joined this one had it: it stands here as it stood there, and its time runs on."""

    benefit: Benefit
    state: BenefitState
    since: datetime
    due_at: datetime | None
    applied_by: str
    overdue: bool


@event("household.benefit_posted")
class BenefitPosted:
    """The village was told that somebody applied for this; nothing else."""

    benefit: Benefit
    ends: datetime


@event("household.benefit_notice_ended")
class BenefitNoticeEnded:
    benefit: Benefit


HouseholdEvent = (
    Registered
    | MemberJoined
    | MemberLeft
    | SplitOff
    | MergedInto
    | Moved
    | RelationDeclared
    | RelationChecked
    | FactsRecorded
    | EarlierFactsRecorded
    | LostHomeCounts
    | Assessed
    | Classified
    | OverrideProposed
    | ClassOverridden
    | OverrideEnded
    | ClassContested
    | ContestDecided
    | NoticePosted
    | NoticeEnded
    | PairingStarted
    | PairingEnded
    | PairingHandedOver
    | VisitRecorded
    | VisitAudited
    | BenefitApplied
    | BenefitGranted
    | BenefitRefused
    | BenefitEnded
    | BenefitOverdue
    | BenefitBrought
    | BenefitPosted
    | BenefitNoticeEnded
)

Happening = HouseholdEvent | Entry[HouseholdEvent | HelperEvent]
"""What is decided about a household: an event, perhaps of another household or of its helper."""
