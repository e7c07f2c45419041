"""Publishing calendars: each year's notice, in versions, for each region. One stream holds them all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated

from annotated_types import Ge, Le, MaxLen

from domain.decider import Act, Recorded, command, event
from domain.refusals import Invalid
from domain.rules.calendar import SATURDAY, CalendarYear, WorkingCalendar

FIRST_YEAR, LAST_YEAR = 2004, 2100

REGION = re.compile(r"[a-z][a-z0-9]{0,15}")


def must_be_a_region(text: str) -> None:
    if not REGION.fullmatch(text):
        raise Invalid("a region is small letters and digits, such as cn", "地区代码只能用小写字母和数字，如 cn")


@event("calendar.published")
class CalendarPublished:
    """The notice for a year became known, or was changed."""

    region: str
    year: int
    holidays: tuple[date, ...]
    makeup_workdays: tuple[date, ...]
    source: str


@dataclass(frozen=True, kw_only=True)
class Calendars:
    """What has been published so far; the last version of a year counts."""

    version: int = 0
    regions: Mapping[str, WorkingCalendar] = field(default_factory=dict)

    def working(self, region: str) -> WorkingCalendar:
        return self.regions.get(region) or WorkingCalendar(region=region, years={})

    def evolve(self, recorded: Recorded[CalendarPublished], /) -> Calendars:
        published = recorded.event
        years = self.working(published.region).years
        before = years.get(published.year)
        notice = CalendarYear(
            region=published.region,
            year=published.year,
            version=before.version + 1 if before else 1,
            holidays=frozenset(published.holidays),
            makeup_workdays=frozenset(published.makeup_workdays),
            source=published.source,
        )
        calendar = WorkingCalendar(region=published.region, years={**years, published.year: notice})
        return replace(self, version=recorded.version, regions={**self.regions, published.region: calendar})


@command
class PublishCalendar:
    """Make known which days of a year are rest, and on which weekend days people work instead.

    The same days published again change nothing, whatever source they name.
    """

    region: str
    year: Annotated[int, Ge(FIRST_YEAR), Le(LAST_YEAR)]
    holidays: tuple[date, ...]
    makeup_workdays: tuple[date, ...]
    source: Annotated[str, MaxLen(500)] = ""

    def decide(self, calendars: Calendars, _: Act, /) -> Iterator[CalendarPublished]:
        holidays, makeup_workdays = frozenset(self.holidays), frozenset(self.makeup_workdays)
        self._must_make_sense(holidays, makeup_workdays)
        known = calendars.working(self.region).years.get(self.year)
        if known is None or (known.holidays, known.makeup_workdays) != (holidays, makeup_workdays):
            yield CalendarPublished(
                region=self.region,
                year=self.year,
                holidays=tuple(sorted(holidays)),
                makeup_workdays=tuple(sorted(makeup_workdays)),
                source=self.source,
            )

    def _must_make_sense(self, holidays: frozenset[date], makeup_workdays: frozenset[date]) -> None:
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise Invalid(
                f"calendars reach from {FIRST_YEAR} to {LAST_YEAR}", f"日历年份须在{FIRST_YEAR}年至{LAST_YEAR}年之间"
            )
        must_be_a_region(self.region)
        if elsewhere := [day for day in holidays | makeup_workdays if day.year != self.year]:
            raise Invalid(f"{min(elsewhere)} is not in {self.year}", f"{min(elsewhere)}不在{self.year}年内")
        if both := holidays & makeup_workdays:
            raise Invalid(f"{min(both)} cannot be both rest and work", f"{min(both)}不能既放假又上班")
        if weekdays := [day for day in makeup_workdays if day.weekday() < SATURDAY]:
            raise Invalid(f"{min(weekdays)} is a working day already", f"{min(weekdays)}本来就是工作日")
