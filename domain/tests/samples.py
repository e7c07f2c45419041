"""One sensible instance of every command one may give to a case, and many variations for those who give them at random."""

from datetime import date

from domain.case.correction import Correct, Field, Reclassify
from domain.case.disclosure import DiscloseIdentity
from domain.case.feedback import Feedback, RejectResolution
from domain.case.gate import CaseCommand
from domain.case.handling import Acknowledge, Assign, Contact, Dispute, Rule, Start, Transfer
from domain.case.intake import Accept, ChallengeDecline, DecideChallenge, Decline, Divert, RecordOutcome
from domain.case.joining import Merge, Unmerge
from domain.case.joint import CompleteTask, Convene, Task
from domain.case.oversight import Attach, Claim, LinkHousehold, Release, Supervise, TakeNote, Urge
from domain.case.reopening import Reopen
from domain.case.review import (
    DecideFinalReview,
    DecideReview,
    EndHearing,
    RequestFinalReview,
    RequestReview,
    StartHearing,
)
from domain.case.subjects import AddSubject, DeclareConflict
from domain.case.suspension import Reactivate, RequestSuspension, ReviewSuspension, Suspend
from domain.case.terms import (
    Basis,
    ContactOutcome,
    DeclineReason,
    FeedbackResult,
    Grade,
    Ground,
    Kind,
    SuspensionReason,
    Verdict,
)
from domain.case.tiers import Escalate, Remand
from domain.case.timing import DecideExtension, ProvideInformation, RequestExtension, RequestInformation
from domain.case.withdrawal import ConfirmWithdrawal, Withdraw
from domain.tests.road import NOT_SOLVED, RESOLVE, SOLVED

SAMPLES: tuple[CaseCommand, ...] = (
    Accept(),
    Decline(reason=DeclineReason.NOT_GOVERNMENT),
    ChallengeDecline(reason="it is"),
    DecideChallenge(upheld=True),
    Divert(to="D-DISCIPLINE", basis="law"),
    RecordOutcome(outcome="done", visible_to_reporter=True),
    Assign(unit="T01", override_reason="nearer"),
    Acknowledge(),
    Start(),
    Contact(outcome=ContactOutcome.REACHED),
    Dispute(ground="not_my_duty", evidence=()),
    Rule(upheld=True, unit="T02"),
    Transfer(unit="T02"),
    Escalate(ground=Ground.BEYOND_MEANS, tried=("all",)),
    Remand(unit="T01", instructions="do it"),
    Convene(lead="T01", tasks=(Task(unit="T02", task="help"),)),
    CompleteTask(task="help"),
    RequestInformation(items=("deed",), delivered="sms"),
    ProvideInformation(),
    RequestExtension(days=2, reason="rain", petitioner_told=True),
    DecideExtension(granted=True),
    RequestSuspension(reason=SuspensionReason.SEASON),
    Suspend(reason=SuspensionReason.SEASON, plan="spring", review_by=date(2025, 5, 1)),
    ReviewSuspension(plan="spring", review_by=date(2025, 6, 1)),
    Reactivate(),
    RESOLVE,
    RejectResolution(finding="no proof"),
    SOLVED,
    Reopen(reason="it drips"),
    RequestReview(),
    DecideReview(decision=Verdict.UPHELD),
    RequestFinalReview(),
    DecideFinalReview(decision=Verdict.UPHELD),
    StartHearing(),
    EndHearing(),
    Withdraw(),
    ConfirmWithdrawal(confirmed=True),
    Merge(into="case-2", basis=Basis.SAME_MATTER_OTHER_PERSON),
    Unmerge(reason="another pipe"),
    Urge(),
    Supervise(),
    Claim(lease_s=600),
    Release(),
    DiscloseIdentity(purpose="call back"),
    Reclassify(grade=Grade.MAJOR, reason="many people"),
    Correct(field=Field.TITLE, value="The well", reason="misheard"),
    AddSubject(official="head:T02"),
    DeclareConflict(official="head:T02"),
    LinkHousehold(household="HH-1"),
    Attach(kind="photo", ref="file:1"),
    TakeNote(text="x"),
)

UNITS = ("V0101", "V0102", "V0201", "T01", "T01-LAND", "T02", "D-TRANSPORT", "D-MASSWORK")
SUBJECTS = ("head:V0101", "head:T01", "clerk:T02", "officer:T01-LAND", "leader:D-TRANSPORT", "dispatcher", "follow-up")
TWO = (Task(unit="T02", task="Dig"), Task(unit="D-TRANSPORT", task="Pay", due=date(2025, 6, 1)))

VARIATIONS: tuple[CaseCommand, ...] = (
    *SAMPLES,
    *(Assign(unit=unit, override_reason="so") for unit in UNITS),
    *(Transfer(unit=unit) for unit in UNITS),
    *(Remand(unit=unit, instructions="do", premature=premature) for unit in UNITS for premature in (True, False)),
    *(Escalate(unit=unit, ground=Ground.SAFETY, tried=("all",)) for unit in UNITS),
    *(Rule(upheld=True, unit=unit) for unit in UNITS),
    *(Convene(lead=unit, tasks=TWO[:1]) for unit in UNITS),
    *(Convene(lead=unit, tasks=TWO[1:]) for unit in UNITS),
    *(Accept(kind=kind, village=village) for kind in Kind for village in (None, "V0101", "V0201")),
    *(Reclassify(kind=kind, reason="so") for kind in Kind),
    *(Reclassify(grade=grade, reason="so") for grade in Grade),
    *(Reopen(reason="again"), NOT_SOLVED, NOT_SOLVED, Start()),
    *(Feedback(result=FeedbackResult.ANSWERED, solved=True, reporter=f"citizen:{n}") for n in (1, 2, 3)),
    *(Feedback(result=FeedbackResult.NO_ANSWER), Contact(outcome=ContactOutcome.NO_ANSWER)),
    *(AddSubject(official=official) for official in SUBJECTS),
    *(DeclareConflict(official=official) for official in SUBJECTS),
    *(DecideReview(decision=verdict) for verdict in Verdict),
    *(DecideFinalReview(decision=verdict) for verdict in Verdict),
    *(RequestExtension(days=days, reason="so", petitioner_told=True) for days in (1, 5, 30)),
    *(Suspend(reason=SuspensionReason.SEASON, plan="p", review_by=date(2025, month, 1)) for month in (4, 5, 8)),
    *(DecideExtension(granted=False), ConfirmWithdrawal(confirmed=False), DecideChallenge(upheld=False, reason="so")),
    *(Rule(upheld=False), Dispute(ground="no", evidence=())),
    *(Correct(field=Field.VILLAGE, value=village, reason="so") for village in ("V0101", "V0201")),
    *(Correct(field=Field.OCCURRED_AT, value=f"2025-0{day}T09:00:00+08:00", reason="so") for day in ("2-20", "3-02")),
    *(Merge(into=case, basis=Basis.SAME_PERSON_SAME_MATTER) for case in ("case-1", "case-2")),
    Divert(to="D-TRANSPORT", basis="law"),
    *(CompleteTask(task=task.task) for task in TWO),
)
