"""The words of a case: its kinds, grades, statuses and the rest of the vocabulary clients see."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from annotated_types import Ge, Le, MaxLen, MinLen


class Kind(StrEnum):
    """What is brought. A petition runs on the statutory clock, an accusation is sealed."""

    EMERGENCY = "emergency"
    REQUEST = "request"
    BENEFIT = "benefit"
    SUGGESTION = "suggestion"
    COMPLAINT = "complaint"
    ACCUSATION = "accusation"
    PETITION = "petition"
    INQUIRY = "inquiry"


class Grade(StrEnum):
    """I: life or property. II: many people, or money or law beyond a village. III: ordinary."""

    URGENT = "I"
    MAJOR = "II"
    ORDINARY = "III"


class Status(StrEnum):
    UNKNOWN = "unknown"
    REPORTED = "reported"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    AWAITING_INFORMATION = "awaiting_information"
    DISPUTED = "disputed"
    SUSPENDED = "suspended"
    RESOLVED = "resolved"
    UNDER_REVIEW = "under_review"
    CLOSED = "closed"
    DECLINED = "declined"
    DIVERTED = "diverted"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    FINALISED = "finalised"


INTAKE = frozenset({Status.REPORTED, Status.ACCEPTED})
WORKABLE = frozenset({Status.ASSIGNED, Status.IN_PROGRESS})
HELD = WORKABLE | {Status.AWAITING_INFORMATION, Status.DISPUTED}
OPEN = INTAKE | HELD | {Status.SUSPENDED}
ALIVE = OPEN | {Status.RESOLVED, Status.UNDER_REVIEW}
"""Neither ended nor merged."""
ANY = frozenset(Status) - {Status.UNKNOWN, Status.FINALISED}
"""Whenever there is something to say."""


class Board(StrEnum):
    """The four boards of the town bank (Dahe town, 2012)."""

    COLLECTED = "collected"
    TRIAGED = "triaged"
    HANDLED = "handled"
    CLOSED_LOOP = "closed_loop"


BOARDS: dict[Status, Board] = {
    Status.REPORTED: Board.COLLECTED,
    Status.ACCEPTED: Board.COLLECTED,
    Status.ASSIGNED: Board.TRIAGED,
    Status.DISPUTED: Board.TRIAGED,
    Status.IN_PROGRESS: Board.HANDLED,
    Status.AWAITING_INFORMATION: Board.HANDLED,
    Status.SUSPENDED: Board.HANDLED,
    Status.RESOLVED: Board.CLOSED_LOOP,
    Status.UNDER_REVIEW: Board.CLOSED_LOOP,
    Status.CLOSED: Board.CLOSED_LOOP,
    Status.FINALISED: Board.CLOSED_LOOP,
}


class Confidentiality(StrEnum):
    OPEN = "open"
    IDENTITY_HIDDEN = "identity_hidden"
    ANONYMOUS = "anonymous"
    SEALED = "sealed"


class Channel(StrEnum):
    HOUSEHOLD_VISIT = "household_visit"
    VILLAGE_DESK = "village_desk"
    WALK_IN = "walk_in"
    HOTLINE = "hotline"
    PHONE = "phone"
    WEB = "web"
    LETTER = "letter"
    MEETING = "meeting"
    PATROL = "patrol"
    OTHER = "other"


class Source(StrEnum):
    """The six labels of Dahe town: 上级批转, 群众来访, 举报投诉, 群众诉求, 意见建议, 其它."""

    REFERRED = "referred"
    WALK_IN = "walk_in"
    COMPLAINT_REPORT = "complaint_report"
    REQUEST = "request"
    SUGGESTION = "suggestion"
    OTHER = "other"


class DeclineReason(StrEnum):
    NOT_GOVERNMENT = "not_government"
    COURT_OR_ARBITRATION_OR_RECONSIDERATION = "court_or_arbitration_or_reconsideration"
    ALREADY_FINALISED = "already_finalised"
    BEING_HANDLED_ELSEWHERE = "being_handled_elsewhere"
    NO_CONCRETE_DEMAND = "no_concrete_demand"
    UNLAWFUL = "unlawful"
    OUTSIDE_AREA = "outside_area"


class ContactOutcome(StrEnum):
    REACHED = "reached"
    SITE_CHECKED = "site_checked"
    NO_ANSWER = "no_answer"


class Ground(StrEnum):
    """Why a tier cannot settle a case itself."""

    BEYOND_POWERS = "beyond_powers"
    BEYOND_MEANS = "beyond_means"
    CROSS_BOUNDARY = "cross_boundary"
    SAFETY = "safety"
    REPEAT_REOPEN = "repeat_reopen"


class SuspensionReason(StrEnum):
    """Why a case that can be solved cannot be solved now."""

    BUDGET_CYCLE = "budget_cycle"
    LEGAL_PROCEEDINGS = "legal_proceedings"
    SEASON = "season"
    POLICY_GAP = "policy_gap"
    THIRD_PARTY = "third_party"


class Verdict(StrEnum):
    """What a review makes of the answer to a petition."""

    UPHELD = "upheld"
    CHANGED = "changed"
    SENT_BACK = "sent_back"


class Basis(StrEnum):
    """Why two reports are one case."""

    SAME_PERSON_SAME_MATTER = "same_person_same_matter"
    SAME_MATTER_OTHER_PERSON = "same_matter_other_person"


class Outcome(StrEnum):
    SOLVED = "solved"
    PARTLY = "partly"
    EXPLAINED = "explained"
    NOT_SUPPORTED = "not_supported"


class FeedbackResult(StrEnum):
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"


class Satisfaction(StrEnum):
    SATISFIED = "satisfied"
    BASICALLY_SATISFIED = "basically_satisfied"
    DISSATISFIED = "dissatisfied"


class Exit(StrEnum):
    """How a stay in a tier ended."""

    RESOLVED = "resolved"
    ESCALATED_MANUAL = "escalated_manual"
    ESCALATED_DEADLINE = "escalated_deadline"
    REMANDED = "remanded"
    DISPUTE_UPHELD = "dispute_upheld"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    REASSIGNED = "reassigned"


Title = Annotated[str, MinLen(1), MaxLen(200)]
Text = Annotated[str, MinLen(1), MaxLen(8000)]
Words = Annotated[str, MinLen(1), MaxLen(200)]
Note = Annotated[str, MaxLen(2000)]


@dataclass(frozen=True, kw_only=True)
class Location:
    """A point in WGS 84 degrees."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    lon: Annotated[float, Ge(-180), Le(180)]
    lat: Annotated[float, Ge(-90), Le(90)]


@dataclass(frozen=True, kw_only=True)
class Petitioner:
    """Who asks. It is never stored like this: only sealed, under a key of the person's own."""

    name: Words | None = None
    phone: Annotated[str, MinLen(3), MaxLen(32)] | None = None
    id_number: Annotated[str, MinLen(1), MaxLen(32)] | None = None
    address: Annotated[str, MinLen(1), MaxLen(500)] | None = None
    note: Annotated[str, MinLen(1), MaxLen(2000)] | None = None
    """What is personal about the matter: an illness, a bank account. Read and erased with his name."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Something that shows what was done: a photo, a receipt, a decision, a signed note."""

    kind: Words
    ref: Words | None = None
    sha256: Annotated[str, MinLen(64), MaxLen(64)] | None = None
