"""Which stays a question about response times is about, how they are grouped, and which of them the reader may know of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from domain.case.terms import Kind
from domain.decider import Act
from domain.org import Tier, UnitKind
from domain.zone import day_at
from projections.banks.problem_bank import counted_under
from projections.cases.guard import counts_for
from projections.cases.then import Then
from projections.following.days import morning
from projections.following.schema import MICROSECOND
from projections.times.stay_counts import Row, places


class By(StrEnum):
    """What the figures are grouped by. Weeks and months are those of entering, or of falling due.

    A group of two things is named by both, as in `T01:2025-W10`.
    """

    TIER = "tier"
    TOWN = "town"
    UNIT = "unit"
    KIND = "kind"
    GRADE = "grade"
    WEEK = "week"
    MONTH = "month"
    TIER_WEEK = "tier_week"
    TOWN_WEEK = "town_week"


WEEKLY = (By.WEEK, By.TIER_WEEK, By.TOWN_WEEK)
BY_TOWN = (By.TOWN, By.TOWN_WEEK)
NONE = "none"
"""The name of the group without a town, or without a tier."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """From an instant up to, but not including, another; by default from the beginning of the log until now."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, at: datetime | None) -> bool:
        return at is not None and (self.start is None or at >= self.start) and (self.end is None or at < self.end)


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which stays are asked for, and how they are grouped. `unit`: those of the unit and of all below it."""

    by: By
    period: Period
    tier: Tier | None = None
    kind: Kind | None = None
    unit: str | None = None


class Selection:
    """The stays asked for, as far as one reader may know of them, as they are or as they were then."""

    def __init__(self, act: Act, asked: Question, then: Then | None) -> None:
        self.asked, self.by, self.org = asked, asked.by, act.org
        self.at = then.at if then else act.at
        self.known = counts_for(act)
        self.until_now = then is None and (asked.period.end is None or asked.period.end > self.at)
        """Whether the period reaches up to now."""
        end = min(filter(None, (asked.period.end, self.at + MICROSECOND)))
        self.start, self.end = asked.period.start, end
        self.period = Period(start=self.start, end=end)
        self.due = Period(start=self.start, end=min(end, self.at))
        """The period for clocks: what counts is the last instant in time, for at its due instant a clock is late."""
        unit = act.org.unit(asked.unit) if asked.unit else None
        whole = asked.unit is None or (unit is not None and unit.kind is UnitKind.DISTRICT)
        of_town = unit is not None and unit.kind is UnitKind.TOWN and self.by is not By.UNIT
        self.inside = None if whole else act.org.within(asked.unit or "")
        self.towns = counted_under(act.org, asked.unit) if of_town else None
        self.by_unit = self.by is By.UNIT or not (whole or of_town)
        self.by_town = not self.by_unit and (of_town or self.by in BY_TOWN)
        self.by_kind = asked.kind is not None or self.by in (By.KIND, By.GRADE)

    def counts(self, row: Row) -> bool:
        """Whether a stay is asked for, and the reader may know of it."""
        if not self.known(row["guard"]) or self.asked.kind not in (None, row["kind"]):
            return False
        return self.asks_for(self._as_charged(row))

    def asks_for(self, told: Row) -> bool:
        if self.asked.tier not in (None, told["tier"]):
            return False
        if self.towns is not None and told.get("charged") is None:
            return told["town"] in self.towns
        return self.inside is None or told["unit"] in self.inside

    def charged(self, unit: str) -> dict[str, Any]:
        """The place of a void stay: the unit that dispatched it, to which its time is charged."""
        known = self.org.unit(unit)
        return {"charged": True, "unit": unit, "town": self.org.town_of(unit), "tier": known.tier if known else None}

    def group(self, row: Row, at: datetime) -> str | None:
        """The group of a row; None without a town, or without a tier."""
        return self.named(self._as_charged(row), day_at(at))

    def _as_charged(self, row: Row) -> Row:
        return {**row, **self.charged(row["charged_to"] or row["unit"])} if row["void"] else row

    def named(self, told: Mapping[str, Any], day: date | None) -> str | None:
        match self.by:
            case By.WEEK:
                return f"{day:%G-W%V}"
            case By.MONTH:
                return f"{day:%Y-%m}"
            case By.TIER_WEEK | By.TOWN_WEEK:
                return f"{told[self.by.partition('_')[0]] or NONE}:{day:%G-W%V}"
            case _:
                group: str | None = told[self.by]
                return group

    def place(self, row: Row) -> str:
        """The place in which it matters whether a case has been there before."""
        everywhere, town, unit = places(row)
        return unit if self.by_unit else town if self.by_town else everywhere

    def first_day(self, group: str | None) -> date:
        """The first day on which a case may be in a group."""
        start = day_at(self.start) if self.start else date.min
        if self.by is By.MONTH:
            return max(start, date.fromisoformat(f"{group}-01"))
        if self.by in WEEKLY:
            return max(start, date.fromisoformat(f"{(group or '').split(':')[-1]}-1"))
        return start

    def too_early(self, before: datetime | None) -> bool:
        """Whether a case had come on the first day of the period, but before the period began: sums only know the day."""
        return before is not None and self.start is not None and morning(self.start) <= before < self.start

    @property
    def by_tier(self) -> bool:
        """Whether an earlier stay is in the same group only if it was in the same tier."""
        return self.by in (By.TIER, By.TIER_WEEK) or self.asked.tier is not None
