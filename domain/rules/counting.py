"""A deadline explained day by day: which days count, which do not, and why. `due` computes the same in one step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.rules.calendar import SATURDAY, WorkingCalendar
from domain.rules.deadlines import ONE_DAY, Pause, Span, days_inside


class DayKind(StrEnum):
    """What a day is to a clock: whether it counts, and why."""

    WORKING_DAY = "working_day"
    MAKEUP_WORKDAY = "makeup_workday"
    """A weekend day on which people work instead of another (调休)."""
    NATURAL_DAY = "natural_day"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    PAUSED = "paused"
    """Wholly inside a pause."""
    ROLLED = "rolled"
    """After the last natural day, until a working day has come."""


COUNTING = frozenset({DayKind.WORKING_DAY, DayKind.MAKEUP_WORKDAY, DayKind.NATURAL_DAY})


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    day: date
    why: DayKind

    @property
    def counts(self) -> bool:
        return self.why in COUNTING


def days(
    calendar: WorkingCalendar, zone: ZoneInfo, start: date, span: Span, pauses: Sequence[Pause] = ()
) -> Iterator[Day]:
    """Every day after the day of `start` up to the last one, at whose end the time is up. None for hours and minutes."""
    if span.unit not in ("working_days", "natural_days"):
        return
    paused = list(days_inside(pauses, zone, start))
    left, day = span.amount, start
    while left:
        day += ONE_DAY
        if any(first <= day < end for first, end in paused):
            why = DayKind.PAUSED
        else:
            why = DayKind.NATURAL_DAY if span.unit == "natural_days" else _kind(calendar, day)
        left -= why in COUNTING
        yield Day(day=day, why=why)
    while span.unit == "natural_days" and not calendar.is_working_day(day):
        day += ONE_DAY
        yield Day(day=day, why=DayKind.ROLLED)


def _kind(calendar: WorkingCalendar, day: date) -> DayKind:
    if calendar.is_working_day(day):
        return DayKind.WORKING_DAY if day.weekday() < SATURDAY else DayKind.MAKEUP_WORKDAY
    return DayKind.HOLIDAY if calendar.knows(day) and day in calendar.years[day.year].holidays else DayKind.WEEKEND
