"""Must go, must visit in the policy: how long a flag obliges, how soon one comes after a disaster, how many reports are many.

All figures are our proposal until a district sets its own.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class MustVisits:
    """五必去, 五必访: what a district may set for itself."""

    flagged_nd: int = 15
    """So many days of a period a target must be flagged to be owed a visit; a disaster counts from the first."""
    head_within_hours: int = 24
    """After a disaster the head of its town comes within so many hours,"""
    leader_within_hours: int = 72
    """and a district leader within so many."""
    busy_reports: int = 10
    """Reports within twelve months from which a village may count as petition-intensive,"""
    busy_pct: int = 10
    """if it is among so many percent of the villages that have the most for each thousand inhabitants."""
