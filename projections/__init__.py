"""Answers people ask for, kept true by following the log."""

from projections.banks.flows import Flows
from projections.banks.pending_list import PendingList
from projections.banks.problem_bank import ProblemBank
from projections.cards.marking import Scorecards
from projections.cases.case_file import CaseFile
from projections.cases.quoted_files import QuotedFiles
from projections.duties.targets import Coverage
from projections.following.projection import Projection
from projections.lists.words import Words
from projections.queues.town_queue import TownQueue
from projections.register.benefits import Benefits
from projections.register.households import Households
from projections.register.notices import Notices
from projections.register.programmes import Programmes
from projections.register.visits import Visits
from projections.times.held import ResponseTimes

PROJECTIONS: tuple[Projection, ...] = (
    CaseFile(),
    Words(),
    TownQueue(),
    ProblemBank(),
    ResponseTimes(),
    Flows(),
    PendingList(),
    QuotedFiles(),
    Scorecards(),
    Households(),
    Visits(),
    Coverage(),
    Benefits(),
    Notices(),
    Programmes(),
)

__all__ = ["PROJECTIONS"]
