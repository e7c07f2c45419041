"""Views as they stood: the view of now, less what the cases that moved since add to it, plus what they added then.

Only those cases are folded again, up to the instant. See docs/decisions/0007-as-it-stood.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, select

from domain.case import Case
from domain.case.clocks import end_of
from domain.zone import day_at
from projections.cases.case_file import CaseFile, case_file
from projections.cases.guard import guard_of
from projections.following.bulk import chunks
from projections.following.pages import MOST, not_too_many
from projections.following.projection import position_of

Recall = Callable[[Collection[str], int, datetime | None], Mapping[str, Case]]
"""Folds cases from the log up to a position, and up to an instant if one is given. A case not there yet is blank."""


@dataclass(frozen=True, kw_only=True)
class MovedCase:
    """A case to which something happened after the instant: as it stands now, and as it stood."""

    now: Case
    then: Case

    @property
    def guard(self) -> str:
        """What one may not know of today, one may not know of the past either."""
        return guard_of(self.now)


@dataclass(frozen=True, kw_only=True)
class Then:
    """An earlier instant, as the log tells of it up to a position, and the cases to which something happened after it."""

    at: datetime
    position: int
    moved: tuple[MovedCase, ...]

    @property
    def unmoved(self) -> ColumnElement[bool]:
        """The condition on `case_file` that leaves the cases which have not moved since."""
        return and_(case_file.c.updated_at <= self.at, case_file.c.position <= self.position)

    def both(self) -> Iterator[tuple[Case, str, int]]:
        """Each case as it stands now, to be taken away, and as it stood, to be put in its place; with its guard."""
        for one in self.moved:
            yield one.now, one.guard, -1
            yield one.then, one.guard, 1


def as_it_stood(db: Connection, at: datetime, recall: Recall, known: int | None = None) -> Then:
    """The cases that moved since an instant, as they stand and as they stood; by the log up to `known`, if that is
    given.

    The work grows with the cases that were alive around the instant, not with those before or after.
    """
    c, position = case_file.c, position_of(db, CaseFile.name)
    known = position if known is None else min(known, position)
    ids = {*db.scalars(select(c.case_id).where(c.updated_at > at, c.reported_at < end_of(day_at(at))))}
    if known < position:
        ids.update(not_too_many(db.scalars(select(c.case_id).where(c.position > known).limit(MOST + 1)).all()))
    moved: list[MovedCase] = []
    for some in chunks(sorted(ids)):
        now, then = recall(some, position, None), recall(some, known, at)
        moved += [MovedCase(now=now[one], then=then[one]) for one in some]
    return Then(at=at, position=known, moved=tuple(moved))
