"""Everything that can happen to a case. Names and fields are storage: add, never rename or repurpose."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.case.clocks import ClockChanges
from domain.case.terms import (
    Channel,
    Confidentiality,
    ContactOutcome,
    DeclineReason,
    Grade,
    Ground,
    Kind,
    Location,
    Outcome,
    Proof,
    Satisfaction,
    Source,
)
from domain.decider import Entry, Sealed, event
from domain.org import Tier


@dataclass(frozen=True, kw_only=True)
class StayOpened(ClockChanges):
    """The case enters a tier, or enters it again: who holds it, who answers for it, and which entry this is."""

    tier: Tier
    unit: str
    town: str | None
    accountable: str | None
    entry_no: int


@event("case.reported")
class Reported(ClockChanges):
    """A difficulty or petition was written down. `receipt` finds it again by its query code."""

    title: str
    kind: Kind
    grade: Grade
    description: str
    category: str | None
    village: str | None
    town: str | None
    channel: Channel
    source: Source
    confidentiality: Confidentiality
    reporter: str
    collector: str | None
    petitioner: Sealed | None
    subjects: tuple[str, ...]
    household: str | None
    proxy: bool
    location: Location | None
    external_id: str | None
    occurred_at: datetime | None
    receipt: str
    imported: str | None = None
    """The imported log this history comes from. Such a case does not continue here."""
    year: int | None = None
    """The year in its number: that of the district's day when it was recorded. Missing in old lines: the year in UTC."""


@event("case.identity_sealed")
class IdentitySealed(ClockChanges):
    """Hidden from the units of its subjects. `units` are those of this moment; each access works them out anew."""

    units: tuple[str, ...]


@event("case.accepted")
class Accepted(ClockChanges):
    """It will be dealt with, as this kind and grade of matter, found in this village."""

    kind: Kind
    grade: Grade
    category: str | None
    village: str | None
    town: str | None
    written_notice: bool


@event("case.declined")
class Declined(ClockChanges):
    reason: DeclineReason
    where_to: str | None


@event("case.decline_challenged")
class DeclineChallenged(ClockChanges):
    """The reporter objects; `to` is the unit that decides."""

    reason: str
    to: str | None = None


@event("case.challenge_upheld")
class ChallengeUpheld(ClockChanges):
    reason: str | None


@event("case.challenge_rejected")
class ChallengeRejected(ClockChanges):
    reason: str | None


@event("case.diverted")
class Diverted(ClockChanges):
    """Sent to the body the law names for such matters; it enters no tier and no unit's figures."""

    to: str
    basis: str


@event("case.notice_issued")
class NoticeIssued(ClockChanges):
    """The reporter was told, by the query code."""

    via: str
    text: str


@event("case.external_outcome_recorded")
class ExternalOutcomeRecorded(ClockChanges):
    outcome: str
    visible_to_reporter: bool


@event("case.assigned")
class Assigned(StayOpened):
    """A unit got the case to solve. `by_unit` is the dispatcher's unit, charged if the assignment proves wrong."""

    by_unit: str
    override_reason: str | None = None


@event("case.assignment_acknowledged")
class AssignmentAcknowledged(ClockChanges):
    """Signed for. No clock depends on it."""


@event("case.work_started")
class WorkStarted(ClockChanges):
    pass


@event("case.citizen_contacted")
class CitizenContacted(ClockChanges):
    """The person was reached, or the site checked; the first one of a stay is its first response."""

    outcome: ContactOutcome
    note: str | None
    first: bool


@event("case.contact_failed")
class ContactFailed(ClockChanges):
    note: str | None


@event("case.assignment_disputed")
class AssignmentDisputed(ClockChanges):
    """The unit says the case is not its own. No clock stops for that."""

    ground: str
    evidence: tuple[str, ...]
    suggested_unit: str | None


@event("case.dispute_upheld")
class DisputeUpheld(ClockChanges):
    """The stay is void and its time charged to the dispatcher's unit."""

    reason: str | None
    charged_to: str


@event("case.dispute_rejected")
class DisputeRejected(ClockChanges):
    reason: str | None


@event("case.transferred")
class Transferred(ClockChanges):
    """Another unit of the same tier took over; the tier's clocks go on."""

    unit: str
    town: str | None
    accountable: str | None
    reason: str | None


@event("case.escalated")
class Escalated(StayOpened):
    """The tier above took over: by hand, because the time was over, or because it was reopened again."""

    trigger: str
    ground: Ground | None
    tried: tuple[str, ...]


@event("case.remanded")
class Remanded(StayOpened):
    """The upper tier sent it back with instructions; `premature`: it should never have been sent up."""

    instructions: str
    premature: bool


@dataclass(frozen=True, kw_only=True)
class TaskGiven:
    """What a unit is to do; `house` is in whose name it works: an office in its town's."""

    unit: str
    task: str
    house: str | None = None


@event("case.joint_handling_convened")
class JointHandlingConvened(ClockChanges):
    """Several units come together (吹哨报到); the lead keeps the clock, each other has one for its task."""

    lead: str
    tasks: tuple[TaskGiven, ...]


@event("case.joint_task_completed")
class JointTaskCompleted(ClockChanges):
    unit: str
    task: str


@event("case.joint_task_missed")
class JointTaskMissed(ClockChanges):
    """The time of a task is over; the unit still owes it. In old lines its clock stops here."""

    unit: str
    task: str


@event("case.information_requested")
class InformationRequested(ClockChanges):
    """The unit waits for the citizen; the tier's clock pauses, by whole days only."""

    items: tuple[str, ...]
    delivered: str


@event("case.information_provided")
class InformationProvided(ClockChanges):
    note: str | None


@event("case.information_wait_expired")
class InformationWaitExpired(ClockChanges):
    pass


@event("case.extension_requested")
class ExtensionRequested(ClockChanges):
    """More time is asked for; `to` is the unit that decides, one level up. A petition's own unit does."""

    days: int
    reason: str
    petitioner_told: bool
    to: str | None = None


@event("case.extension_granted")
class ExtensionGranted(ClockChanges):
    """The due instant moved by `days` (working days; petitions: natural days), counted from the nominal date."""

    days: int
    reason: str | None


@event("case.extension_refused")
class ExtensionRefused(ClockChanges):
    reason: str | None


@event("case.suspension_requested")
class SuspensionRequested(ClockChanges):
    """The unit, or the town that sent it up, proposes the pending list."""

    reason: str


@event("case.suspended")
class Suspended(ClockChanges):
    """On the pending list (挂账): solvable, but not now. Reviewed by `review_by`; its age still counts."""

    reason: str
    plan: str
    review_by: date
    review_due_at: datetime
    ends_at: datetime


@event("case.suspension_reviewed")
class SuspensionReviewed(ClockChanges):
    plan: str
    review_by: date
    review_due_at: datetime


@event("case.reactivated")
class Reactivated(StayOpened):
    plan: str | None


@event("case.resolved")
class Resolved(ClockChanges):
    """The handler claims it is settled, with proof. Only the citizen's answer, or silence, makes it effective."""

    outcome: Outcome
    proof: tuple[Proof, ...]
    reply: str | None
    signed_by: str | None
    unreasoned: bool = False
    """It is not supported, and no opinion was written: the citizen may still say that nothing is solved."""


@event("case.resolution_rejected")
class ResolutionRejected(ClockChanges):
    """The follow-up centre found no proof, or a false one."""

    finding: str


@event("case.feedback_recorded")
class FeedbackRecorded(ClockChanges):
    reporter: str
    solved: bool | None
    satisfaction: Satisfaction | None
    comment: str | None


@event("case.feedback_attempted")
class FeedbackAttempted(ClockChanges):
    """A citizen was called back and not reached. `tries` are those at different hours; `enough` is what the policy asks."""

    tries: int
    enough: int = 3
    reporter: str | None = None
    """Who was called. Missing in old lines: whoever reported first."""


@event("case.reopened")
class Reopened(ClockChanges):
    """Not settled after all. `stay` is the entry it continues in; none when it goes to the tier above."""

    reason: str
    count: int
    leader_takes_it: bool
    stay: StayOpened | None


@event("case.closed")
class Closed(ClockChanges):
    reason: str


@event("case.review_requested")
class ReviewRequested(ClockChanges):
    reason: str | None


@event("case.review_decided")
class ReviewDecided(ClockChanges):
    decision: str
    reason: str | None
    stay: StayOpened | None


@event("case.final_review_requested")
class FinalReviewRequested(ClockChanges):
    reason: str | None


@event("case.hearing_started")
class HearingStarted(ClockChanges):
    pass


@event("case.hearing_ended")
class HearingEnded(ClockChanges):
    """The days of the hearing do not count for the decision."""


@event("case.final_review_decided")
class FinalReviewDecided(ClockChanges):
    decision: str
    reason: str | None
    stay: StayOpened | None


@event("case.finalised")
class Finalised(ClockChanges):
    """Handled, reviewed, reviewed again (三级终结): the same facts and reasons are not accepted any more."""


@event("case.withdrawal_requested")
class WithdrawalRequested(ClockChanges):
    """The reporter takes it back; `to` is the unit that finds out whether he means it."""

    reason: str | None
    to: str | None = None


@event("case.withdrawn")
class Withdrawn(ClockChanges):
    pass


@event("case.withdrawal_not_confirmed")
class WithdrawalNotConfirmed(ClockChanges):
    """It stays open: the citizen did not mean it, or the matter is not his alone (`reason`)."""

    reason: str | None = None


@event("case.merged")
class Merged(ClockChanges):
    """This report went into an earlier one of the same matter."""

    into: str
    basis: str


@event("case.unmerged")
class Unmerged(ClockChanges):
    """The report stands on its own again, with its clocks as they were."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class JoinedReport:
    """A reporter and the report that brought him here."""

    case: str
    reporter: str
    reported_at: datetime


@event("case.report_joined")
class ReportJoined(ClockChanges):
    """Another case was merged into this one: its reporters keep their rights here. `count` reports came with it."""

    case: str
    basis: str
    reports: tuple[JoinedReport, ...]
    count: int = 1


@event("case.report_left")
class ReportLeft(ClockChanges):
    """A report that had joined stands on its own again; it takes as many reports with it as it brought."""

    case: str
    reports: int


@event("case.urged")
class Urged(ClockChanges):
    note: str | None


@event("case.supervised")
class Supervised(ClockChanges):
    """The level above steps in (督办): by hand, or because a clock that nobody else answers for ran out.

    `to` is the unit in whose queue the case stands from then on, besides that of the clock's holder.
    """

    reason: str
    note: str | None = None
    to: str | None = None


@event("case.claimed")
class Claimed(ClockChanges):
    until: datetime


@event("case.released")
class Released(ClockChanges):
    pass


@event("case.reclassified")
class Reclassified(ClockChanges):
    kind: Kind
    grade: Grade
    category: str | None
    reason: str


@event("case.subject_added")
class SubjectAdded(ClockChanges):
    official: str
    withdrawal_to: str | None = None
    """The unit that from now on confirms a pending withdrawal; None if none is pending."""


@event("case.conflict_declared")
class ConflictDeclared(ClockChanges):
    official: str
    withdrawal_to: str | None = None
    """The unit that from now on confirms a pending withdrawal; None if none is pending."""


@event("case.household_linked")
class HouseholdLinked(ClockChanges):
    household: str


@event("case.evidence_attached")
class EvidenceAttached(ClockChanges):
    kind: str
    ref: str | None
    sha256: str | None


@event("case.noted")
class Noted(ClockChanges):
    text: str


@event("case.entry_corrected")
class EntryCorrected(ClockChanges):
    """A compensating entry: both values stay. `reported_at` and `town` follow from the new value."""

    field: str
    old: str | None
    new: str | None
    reason: str
    town: str | None = None
    reported_at: datetime | None = None


@event("case.deadline_confirmed")
class DeadlineConfirmed(ClockChanges):
    """The year's calendar was published: what was provisional is now counted with it."""


CaseEvent = (
    Reported
    | IdentitySealed
    | Accepted
    | Declined
    | DeclineChallenged
    | ChallengeUpheld
    | ChallengeRejected
    | Diverted
    | NoticeIssued
    | ExternalOutcomeRecorded
    | Assigned
    | AssignmentAcknowledged
    | WorkStarted
    | CitizenContacted
    | ContactFailed
    | AssignmentDisputed
    | DisputeUpheld
    | DisputeRejected
    | Transferred
    | Escalated
    | Remanded
    | JointHandlingConvened
    | JointTaskCompleted
    | JointTaskMissed
    | InformationRequested
    | InformationProvided
    | InformationWaitExpired
    | ExtensionRequested
    | ExtensionGranted
    | ExtensionRefused
    | SuspensionRequested
    | Suspended
    | SuspensionReviewed
    | Reactivated
    | Resolved
    | ResolutionRejected
    | FeedbackRecorded
    | FeedbackAttempted
    | Reopened
    | Closed
    | ReviewRequested
    | ReviewDecided
    | FinalReviewRequested
    | HearingStarted
    | HearingEnded
    | FinalReviewDecided
    | Finalised
    | WithdrawalRequested
    | Withdrawn
    | WithdrawalNotConfirmed
    | Merged
    | Unmerged
    | ReportJoined
    | ReportLeft
    | Urged
    | Supervised
    | Claimed
    | Released
    | Reclassified
    | SubjectAdded
    | ConflictDeclared
    | HouseholdLinked
    | EvidenceAttached
    | Noted
    | EntryCorrected
    | DeadlineConfirmed
)

Happening = CaseEvent | Entry[CaseEvent]
"""What is decided about a case: an event, perhaps with more to say about its envelope."""
