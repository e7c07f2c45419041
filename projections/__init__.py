"""Answers people ask for, kept true by following the log."""

from projections.benefits import Benefits
from projections.case_file import CaseFile
from projections.evidence import Evidence
from projections.flows import Flows
from projections.follower import Projection
from projections.held import ResponseTimes
from projections.households import Households
from projections.notices import Notices
from projections.problem_bank import ProblemBank
from projections.programmes import Programmes
from projections.scored import Scorecards
from projections.targets import Coverage
from projections.town_queue import TownQueue
from projections.visits import Visits
from projections.words import Words

PROJECTIONS: tuple[Projection, ...] = (
    CaseFile(),
    Words(),
    TownQueue(),
    ProblemBank(),
    ResponseTimes(),
    Flows(),
    Evidence(),
    Scorecards(),
    Households(),
    Visits(),
    Coverage(),
    Benefits(),
    Notices(),
    Programmes(),
)

__all__ = [
    "PROJECTIONS",
    "Benefits",
    "CaseFile",
    "Coverage",
    "Evidence",
    "Flows",
    "Households",
    "Notices",
    "ProblemBank",
    "Programmes",
    "ResponseTimes",
    "Scorecards",
    "TownQueue",
    "Visits",
    "Words",
]
