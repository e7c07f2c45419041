"""When people in offices do things: in office hours of working days, a while after the thing before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from domain.rules import Rules

ONE_DAY = timedelta(days=1)


class Diary:
    """The office hours of the rules in force."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def after(self, at: datetime, hours: float) -> datetime:
        """The instant by which so many working hours have gone by since `at`."""
        left = timedelta(hours=hours)
        day = self._rules.local(at).date()
        while True:
            for opens, closes in self._open(day):
                begin = max(opens, at)
                if begin < closes and left <= closes - begin:
                    return begin + left
                left -= max(timedelta(), closes - begin)
            day += ONE_DAY

    def when_open(self, at: datetime, late: float) -> datetime:
        """The same instant, if offices are open then; otherwise so many working hours after they open."""
        opening = self.after(at, 0)
        return at if opening == at else self.after(opening, late)

    def before(self, at: datetime, hours: float) -> datetime:
        """The instant from which on so many working hours went by until `at`."""
        left = timedelta(hours=hours)
        day = self._rules.local(at).date()
        while True:
            for opens, closes in reversed(list(self._open(day))):
                end = min(closes, at)
                if opens < end and left <= end - opens:
                    return end - left
                left -= max(timedelta(), end - opens)
            day -= ONE_DAY

    def _open(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if self._rules.calendar.is_working_day(day):
            for opens, closes in self._rules.policy.hours:
                yield self._at(day, opens), self._at(day, closes)

    def _at(self, day: date, clock: str) -> datetime:
        return datetime.combine(day, time.fromisoformat(clock), self._rules.zone).astimezone(UTC)
