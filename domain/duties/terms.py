"""The words of the two duties: five kinds of places to go to, five kinds of people to visit, and the quarters they fall in.

Visits are owed quarterly to places, poor and five-guarantees households, half-yearly to others: our choice.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from domain.zone import midnight


class VisitDuty(StrEnum):
    MUST_GO = "must_go"
    MUST_VISIT = "must_visit"


class TargetKind(StrEnum):
    """The first five are places, the others people. `petition_intensive` is worked out from counts, never flagged."""

    EXTREME_POVERTY = "extreme_poverty"
    REMOTE = "remote"
    PETITION_INTENSIVE = "petition_intensive"
    WORK_DIFFICULTY = "work_difficulty"
    DISASTER_AFFECTED = "disaster_affected"
    POOR_HOUSEHOLD = "poor_household"
    FIVE_GUARANTEES = "five_guarantees"
    VETERAN_PARTY_MEMBER = "veteran_party_member"
    DEPUTY = "deputy"
    VILLAGE_GROUP_CADRE = "village_group_cadre"

    @property
    def duty(self) -> VisitDuty:
        return VisitDuty.MUST_GO if self in PLACES else VisitDuty.MUST_VISIT

    @property
    def quarterly(self) -> bool:
        return self in PLACES or self in (TargetKind.POOR_HOUSEHOLD, TargetKind.FIVE_GUARANTEES)


PLACES = frozenset(list(TargetKind)[:5])


class CameAs(StrEnum):
    """How a visitor stands to the place he came to, as the organisation had it when he was there."""

    LOCAL = "local"
    """Of the village itself: to be there is no visit to a place."""
    OFFICIAL = "official"
    """From elsewhere: the town, the district."""
    TOWN_HEAD = "town_head"
    """The head of the town the place lies in."""
    DISTRICT_LEADER = "district_leader"


@dataclass(frozen=True, kw_only=True)
class Quarter:
    """Three months of the district's calendar: `2025-Q2`."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(year=day.year, number=(day.month + 2) // 3)

    def period(self, kind: TargetKind) -> tuple[date, date]:
        """From its first day up to, but not including, another: the quarter, or the half-year it lies in."""
        months, first = (3, self.number * 3 - 2) if kind.quarterly else (6, 1 if self.number < 3 else 7)
        after = first + months
        return date(self.year, first, 1), date(self.year + after // 13, (after - 1) % 12 + 1, 1)

    def ends(self) -> datetime:
        """When it is over: what the rules say just before is what it is judged by."""
        return midnight(self.period(TargetKind.REMOTE)[1])

    @property
    def next(self) -> Self:
        return type(self)(year=self.year + self.number // 4, number=self.number % 4 + 1)

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"
