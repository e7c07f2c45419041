"""Working days: the week as the State Council's notice for the year rearranges it, Sundays of make-up work included."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

SATURDAY = 5


@dataclass(frozen=True, kw_only=True)
class CalendarYear:
    """One year's notice, in one of its versions. Rest days that fall on a weekend may be listed or left out."""

    region: str
    year: int
    version: int
    holidays: frozenset[date]
    makeup_workdays: frozenset[date]
    source: str

    @property
    def label(self) -> str:
        return f"{self.region}-{self.year}.{self.version}"


@dataclass(frozen=True, kw_only=True)
class WorkingCalendar:
    """The working days of a region. A year without a notice is taken to have plain weeks, until the notice comes."""

    region: str
    years: Mapping[int, CalendarYear]

    def is_working_day(self, day: date) -> bool:
        notice = self.years.get(day.year)
        if notice is None:
            return day.weekday() < SATURDAY
        return day in notice.makeup_workdays or (day.weekday() < SATURDAY and day not in notice.holidays)

    def working_day_after(self, day: date, count: int = 1) -> date:
        """The `count`-th working day after `day`, which itself does not count."""
        year = day.year
        days = self._working_days_of(year)
        place = bisect_right(days, day) + count - 1
        while place >= len(days):
            place -= len(days)
            year += 1
            days = self._working_days_of(year)
        return days[place]

    def working_days(self, first: date, end: date) -> int:
        """How many working days there are from `first` up to, but not including, `end`."""
        whole_years = sum(len(self._working_days_of(year)) for year in range(first.year, end.year))
        before_first = bisect_left(self._working_days_of(first.year), first)
        return whole_years + bisect_left(self._working_days_of(end.year), end) - before_first

    def knows(self, when: date | int) -> bool:
        """Whether the notice for that day, or that year, has been published."""
        return (when if isinstance(when, int) else when.year) in self.years

    def known_until(self) -> date | None:
        """The last day before the first year without a notice; None while there is no notice at all."""
        if not self.years:
            return None
        year = min(self.years)
        while year + 1 in self.years:
            year += 1
        return date(year, 12, 31)

    def label(self, first: int, last: int) -> str:
        """The versions of those years, as events remember them: `cn-2025.1+cn-2026.1`. Version 0 is no notice yet."""
        span = (first, last)
        if span not in self._labels:
            self._labels[span] = "+".join(self._label_of(year) for year in range(first, last + 1))
        return self._labels[span]

    def _label_of(self, year: int) -> str:
        notice = self.years.get(year)
        return notice.label if notice else f"{self.region}-{year}.0"

    def _working_days_of(self, year: int) -> tuple[date, ...]:
        days = self._days.get(year)
        if days is None:
            all_days = range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)
            days = self._days[year] = tuple(filter(self.is_working_day, map(date.fromordinal, all_days)))
        return days

    @cached_property
    def _days(self) -> dict[int, tuple[date, ...]]:
        return {}

    @cached_property
    def _labels(self) -> dict[tuple[int, int], str]:
        return {}
