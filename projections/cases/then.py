"""As it stood: a view of an earlier instant is the view of now, less what the cases that moved since add to it now, plus
what they added then. Only those cases are folded again, up to the instant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from domain.case import Case
from domain.org import Org
from projections.cases.case_file import case_file
from projections.following.changes import guard_of

Recall = Callable[[Collection[str], datetime | None], Mapping[str, Case]]
"""Folds cases up to an instant, or up to now. Those that were not there yet are blank."""

TOGETHER = 500
"""Cases that are folded at a time."""


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A case to which something happened after the instant: as it stands now, and as it stood."""

    now: Case
    then: Case

    @property
    def guard(self) -> str:
        """What one may not know of today, one may not know of the past either."""
        return guard_of(self.now)


@dataclass(frozen=True, kw_only=True)
class Then:
    """An earlier instant, and the cases reported by the end of its day to which something happened after it."""

    at: datetime
    moved: tuple[Moved, ...]

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(one.now.id for one in self.moved)

    def both(self) -> Iterator[tuple[Case, str, int]]:
        """Each case as it stands now, to be taken away, and as it stood, to be put in its place; with its guard."""
        for one in self.moved:
            yield one.now, one.guard, -1
            yield one.then, one.guard, 1


def as_it_stood(db: Connection, org: Org, at: datetime, recall: Recall) -> Then:
    """What is needed to answer for an earlier instant.

    The work grows with the cases that were alive around it, not with those that came before or after.
    """
    c = case_file.c
    query = select(c.case_id).where(c.updated_at > at, c.reported_at < end_of_day(org, at)).order_by(c.case_id)
    ids = db.scalars(query).all()
    moved: list[Moved] = []
    for first in range(0, len(ids), TOGETHER):
        some = ids[first : first + TOGETHER]
        now, then = recall(some, None), recall(some, at)
        moved += [Moved(now=now[one], then=then[one]) for one in some]
    return Then(at=at, moved=tuple(moved))


def end_of_day(org: Org, at: datetime) -> datetime:
    """When the day of an instant ends in the district."""
    day = org.day(at) + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=org.zone)
