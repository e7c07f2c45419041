"""Working time: how much of a stretch of time fell into office hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from domain.rules.calendar import WorkingCalendar
from domain.rules.deadlines import Pause, union

Hours = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkingHours:
    """The office hours of a working day, in seconds since its midnight, by the clock on the wall."""

    slots: tuple[tuple[int, int], ...]
    day_s: int

    @staticmethod
    @cache
    def of(hours: Hours) -> "WorkingHours":
        """From pairs such as `("08:00", "12:00")`; a day may end at `24:00`."""
        slots = tuple((seconds_since_midnight(opens), seconds_since_midnight(closes)) for opens, closes in hours)
        return WorkingHours(slots=slots, day_s=sum(closes - opens for opens, closes in slots))

    def before(self, second: int) -> int:
        """Working seconds of a working day that are over at that second of the day."""
        return sum(min(second, closes) - opens for opens, closes in self.slots if second > opens)


def seconds_since_midnight(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def working_seconds(
    calendar: WorkingCalendar,
    hours: WorkingHours,
    zone: ZoneInfo,
    start: datetime,
    end: datetime,
    without: Sequence[Pause] = (),
) -> int:
    """Working time from `start` up to `end`, pauses left out, in seconds.

    Every instant is read to its whole second, so that the parts of a stretch always add up to the whole.
    """
    if end <= start:
        return 0
    worked = _between(calendar, hours, start.astimezone(zone), end.astimezone(zone))
    for pause in union(without):
        first, last = max(pause.start, start), min(pause.end, end)
        if first < last:
            worked -= _between(calendar, hours, first.astimezone(zone), last.astimezone(zone))
    return worked


def _between(calendar: WorkingCalendar, hours: WorkingHours, start: datetime, end: datetime) -> int:
    """The whole days, without what was over when the first began, and with what was over when the last ended."""
    worked = calendar.working_days(start.date(), end.date()) * hours.day_s
    if calendar.is_working_day(end.date()):
        worked += hours.before(_second_of_day(end))
    if calendar.is_working_day(start.date()):
        worked -= hours.before(_second_of_day(start))
    return worked


def _second_of_day(local: datetime) -> int:
    return local.hour * 3600 + local.minute * 60 + local.second
