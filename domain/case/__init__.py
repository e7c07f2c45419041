"""The life of a case, from report to verdict."""

from domain.case.confirmation import ConfirmDeadlines
from domain.case.correction import Correct, Reclassify
from domain.case.disclosure import DiscloseIdentity
from domain.case.events import CaseEvent
from domain.case.feedback import Feedback, RejectResolution
from domain.case.gate import NO_SUCH_CASE, CaseCommand, may, sees
from domain.case.handling import Acknowledge, Assign, Contact, Dispute, Rule, Start, Transfer
from domain.case.intake import Accept, ChallengeDecline, DecideChallenge, Decline, Divert, RecordOutcome
from domain.case.joining import Merge, Unmerge
from domain.case.joint import CompleteTask, Convene
from domain.case.lapse import Lapse
from domain.case.outcome import Resolve
from domain.case.oversight import Attach, Claim, LinkHousehold, Release, Supervise, TakeNote, Urge
from domain.case.reopening import Reopen
from domain.case.reporting import Report
from domain.case.review import (
    DecideFinalReview,
    DecideReview,
    EndHearing,
    RequestFinalReview,
    RequestReview,
    StartHearing,
)
from domain.case.state import Case
from domain.case.subjects import AddSubject, DeclareConflict
from domain.case.suspension import Reactivate, RequestSuspension, ReviewSuspension, Suspend
from domain.case.tiers import Escalate, Remand
from domain.case.timing import DecideExtension, ProvideInformation, RequestExtension, RequestInformation
from domain.case.withdrawal import ConfirmWithdrawal, Withdraw

COMMANDS: tuple[type[CaseCommand], ...] = (
    Accept,
    Decline,
    ChallengeDecline,
    DecideChallenge,
    Divert,
    RecordOutcome,
    Assign,
    Acknowledge,
    Start,
    Contact,
    Dispute,
    Rule,
    Transfer,
    Escalate,
    Remand,
    Convene,
    CompleteTask,
    RequestInformation,
    ProvideInformation,
    RequestExtension,
    DecideExtension,
    RequestSuspension,
    Suspend,
    ReviewSuspension,
    Reactivate,
    Resolve,
    RejectResolution,
    Feedback,
    Reopen,
    RequestReview,
    DecideReview,
    RequestFinalReview,
    DecideFinalReview,
    StartHearing,
    EndHearing,
    Withdraw,
    ConfirmWithdrawal,
    Merge,
    Unmerge,
    Urge,
    Supervise,
    Claim,
    Release,
    DiscloseIdentity,
    Reclassify,
    Correct,
    AddSubject,
    DeclareConflict,
    LinkHousehold,
    Attach,
    TakeNote,
)
"""Everything one may ask of a case, in the order of its life."""

__all__ = [
    "COMMANDS",
    "NO_SUCH_CASE",
    "Case",
    "CaseCommand",
    "CaseEvent",
    "ConfirmDeadlines",
    "DiscloseIdentity",
    "Lapse",
    "Report",
    "may",
    "sees",
]
