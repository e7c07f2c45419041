"""Everything that happens to a unit's year apart from its cases: duties counted, appeals, vetoes, exclusions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.decider import event
from domain.duties import TargetKind


class VetoKind(StrEnum):
    """What is so wrong, once adjudicated, that nothing else makes up for it."""

    LEAK = "leak"
    RETALIATION = "retaliation"


class Exclusion(StrEnum):
    """Why a case is left out that would count otherwise."""

    FORCE_MAJEURE = "force_majeure"


@dataclass(frozen=True, kw_only=True)
class DutyCounted:
    """Of those owed a visit in a period that ended, how many were paid one that counts."""

    kind: TargetKind
    required: int
    verified: int


@event("assessment.quarter_closed")
class QuarterClosed:
    """What must be visited was counted; of kinds that are owed a visit in half a year, at its end. It is final.

    `accountable` was head of the town when the quarter ended.
    """

    quarter: str
    duties: tuple[DutyCounted, ...]
    accountable: str | None


@event("assessment.appealed")
class Appealed:
    """The unit says that what the event at position `event` counts for, under this figure and mark, is not so."""

    appeal: int
    figure: str
    mark: str
    event: int
    case: str | None
    grounds: str
    due_at: datetime
    policy: str
    calendar: str


@event("assessment.appeal_voted")
class AppealVoted:
    """A member of the panel says what he finds; `by` is who."""

    appeal: int
    upheld: bool
    reason: str


@event("assessment.appeal_decided")
class AppealDecided:
    """So many of the panel agree. If upheld, the mark is taken back for good."""

    appeal: int
    figure: str
    mark: str
    event: int
    case: str | None
    upheld: bool
    panel: tuple[str, ...]


@event("assessment.veto_adjudicated")
class VetoAdjudicated:
    """A leak of who reported, or a retaliation, was adjudicated."""

    kind: VetoKind
    basis: str
    accountable: str | None


@event("assessment.case_excluded")
class CaseExcluded:
    """A case does not count in this year, for a reason that was nobody's fault."""

    case: str
    ground: Exclusion
    reason: str
    accountable: str | None


YearEvent = QuarterClosed | Appealed | AppealVoted | AppealDecided | VetoAdjudicated | CaseExcluded
