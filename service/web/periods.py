"""Instants, weeks and months as readers write them, on the district's clock."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fastapi import Request

from service.http.requests import now_at

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Period:
    """From its first instant up to its last second; `at` is that second, or none while the period still runs."""

    name: str
    start: datetime
    end: datetime
    at: str | None

    @property
    def asked(self) -> dict[str, str | None]:
        """The period as routes are asked for it."""
        return {"from_": self.start.isoformat(), "to": self.end.isoformat(), "at": self.at}

    @property
    def asked_when_over(self) -> dict[str, str | None]:
        """The same, as of the instant at which what was due on its last day has become late."""
        over = (self.end + SECOND).isoformat() if self.at else None
        return {"from_": self.start.isoformat(), "to": over or self.end.isoformat(), "at": over}


def instant(request: Request, local: str | None) -> str | None:
    """What a reader wrote on the district's clock, as an instant."""
    if not local:
        return None
    try:
        at = datetime.fromisoformat(local)
    except ValueError:
        return local
    return (at if at.tzinfo else at.replace(tzinfo=now_at(request).tzinfo)).isoformat()


def week(written: str | None, now: datetime) -> Period:
    """The week `2026-W47`; the last complete one if the text is no week that has begun."""
    monday = now.date() - timedelta(days=now.weekday())
    first = monday - timedelta(weeks=1)
    if written and re.fullmatch(r"[12]\d{3}-W\d{2}", written):
        with suppress(ValueError):
            first = min(date.fromisocalendar(int(written[:4]), int(written[6:]), 1), monday)
    return _period(f"{first:%G-W%V}", first, first + timedelta(weeks=1), now)


def month(written: str | None, now: datetime) -> Period:
    """The month `2026-11`; the last complete one if the text is no month that has begun."""
    this = now.date().replace(day=1)
    first = (this - timedelta(days=1)).replace(day=1)
    if written and re.fullmatch(r"[12]\d{3}-(0[1-9]|1[0-2])", written):
        first = min(date.fromisoformat(f"{written}-01"), this)
    return _period(f"{first:%Y-%m}", first, (first + timedelta(days=31)).replace(day=1), now)


def _period(name: str, first: date, after: date, now: datetime) -> Period:
    start, end = (datetime(day.year, day.month, day.day, tzinfo=now.tzinfo) for day in (first, after))
    last = end - SECOND
    return Period(name=name, start=start, end=min(last, now), at=last.isoformat() if end <= now else None)
