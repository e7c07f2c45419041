"""The life of a case, from report to verdict."""

from domain.case.events import CaseEvent
from domain.case.gate import CaseCommand, may, sees
from domain.case.handling import Acknowledge, Assign, Contact, Dispute, Rule, Start, Transfer
from domain.case.intake import Accept, ChallengeDecline, DecideChallenge, Decline, Divert, RecordOutcome, Report
from domain.case.lapse import Lapse
from domain.case.outcome import Feedback, RejectResolution, Reopen, Resolve
from domain.case.state import Case
from domain.case.tiers import Escalate, Remand

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
    Resolve,
    RejectResolution,
    Feedback,
    Reopen,
)
"""Everything one may ask of a case, in the order of its life."""

__all__ = ["COMMANDS", "Case", "CaseCommand", "CaseEvent", "Lapse", "Report", "may", "sees"]
