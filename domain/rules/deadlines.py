"""When time is up: the deadline function of the policy."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from domain.rules.calendar import WorkingCalendar

TimeUnit = Literal["working_days", "natural_days", "hours", "minutes"]

MIDNIGHT = time(0)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """How much time somebody has."""

    amount: int
    unit: TimeUnit

    def longer(self, by: int) -> "Span":
        """The same, extended: it still counts from the first day, so that only the new last day rolls."""
        return Span(amount=self.amount + by, unit=self.unit)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """The clock stood still from `start` up to, but not including, `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """The instant at which it is too late, in UTC, and the calendar that decided.

    Provisional as long as a day that mattered lies in a year without a notice. Hours and minutes need no calendar:
    for them `calendar` is empty.
    """

    at: datetime
    provisional: bool
    calendar: str


def due(calendar: WorkingCalendar, zone: ZoneInfo, start: datetime, span: Span, pauses: Sequence[Pause] = ()) -> Due:
    """Count days after the day of `start`, leave out those wholly inside a pause; the last one ends at 24:00.

    Natural days then roll to the next working day (Civil Code, articles 201 and 203). Hours and minutes never pause.
    """
    if span.unit == "hours" or span.unit == "minutes":
        return Due(at=start.astimezone(UTC) + timedelta(**{span.unit: span.amount}), provisional=False, calendar="")
    today = start.astimezone(zone).date()
    paused = days_inside(pauses, zone, today)
    if span.unit == "working_days":
        needed_from = today + ONE_DAY
        last = calendar.working_day_after(today, span.amount)
        for first, end in paused:
            if first > last:
                break
            last = calendar.working_day_after(last, calendar.working_days(first, end))
    else:
        nominal = today + timedelta(days=span.amount)
        for first, end in paused:
            if first > nominal:
                break
            nominal += end - first
        needed_from = nominal
        last = calendar.working_day_after(nominal - ONE_DAY)
    return Due(
        at=datetime.combine(last + ONE_DAY, MIDNIGHT, zone).astimezone(UTC),
        provisional=not all(calendar.knows(year) for year in range(needed_from.year, last.year + 1)),
        calendar=calendar.label(needed_from.year, last.year),
    )


def union(pauses: Iterable[Pause]) -> Iterator[Pause]:
    """The same standstill as separate pauses in order of time."""
    current: Pause | None = None
    for pause in sorted(pauses, key=lambda pause: pause.start):
        if current is None:
            current = pause
        elif pause.start <= current.end:
            current = Pause(start=current.start, end=max(current.end, pause.end))
        else:
            yield current
            current = pause
    if current is not None:
        yield current


def days_inside(pauses: Iterable[Pause], zone: ZoneInfo, today: date) -> Iterator[tuple[date, date]]:
    """For each pause the days after `today` wholly inside it: the first, and the one after the last."""
    for pause in union(pauses):
        start, end = pause.start.astimezone(zone), pause.end.astimezone(zone).date()
        first = start.date() if start.time() == MIDNIGHT else start.date() + ONE_DAY
        first = max(first, today + ONE_DAY)
        if first < end:
            yield first, end
