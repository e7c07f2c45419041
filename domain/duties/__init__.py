"""Five kinds of places to go to, five kinds of people to visit (五必去, 五必访): who is flagged, since when, visited by whom."""

from domain.duties.flagging import FlagTarget
from domain.duties.target import Flagged, Target, TargetEvent, Unflagged, VisitApproved, Visited, in_office, sees
from domain.duties.terms import PLACES, CameAs, Quarter, TargetKind, VisitDuty
from domain.duties.visiting import ApproveVisit, VisitTarget

__all__ = [
    "PLACES",
    "ApproveVisit",
    "CameAs",
    "FlagTarget",
    "Flagged",
    "Quarter",
    "Target",
    "TargetEvent",
    "TargetKind",
    "Unflagged",
    "VisitApproved",
    "VisitDuty",
    "VisitTarget",
    "Visited",
    "in_office",
    "sees",
]
