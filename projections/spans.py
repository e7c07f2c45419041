"""Which years, months and days of the district make up a time, and what is left of it at its edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, false, func, or_

from domain.org.state import SHANGHAI
from projections.summed import DAY, MONTH, YEAR, day_of, held_sum

LAST = ":"
"""Sorts after every span."""


@dataclass
class Cover:
    """Spans of one length each, from a first up to but not including a last; and the edges, from and to."""

    spans: list[tuple[int, str, str]] = field(default_factory=list)
    edges: list[tuple[datetime, datetime]] = field(default_factory=list)

    def condition(self) -> ColumnElement[bool]:
        c = held_sum.c
        return or_(
            false(),
            *(
                and_(c.span >= first, c.span < last, func.length(c.span) == length)
                for length, first, last in self.spans
            ),
        )

    def holds(self, span: str) -> bool:
        return any(len(span) == length and first <= span < last for length, first, last in self.spans)


def cover(start: datetime | None, end: datetime | None, lengths: Sequence[int]) -> Cover:
    """A time from an instant, or ever, up to another, or open; by the longest spans of these lengths that lie in it."""
    if not lengths:
        assert start is not None
        assert end is not None
        return Cover(edges=[(start, end)] if start < end else [])
    length, rest = lengths[0], lengths[1:]
    first = None if start is None else _beginning(start, length, up=True)
    last = None if end is None else _beginning(end, length, up=False)
    if first is not None and last is not None and first >= last:
        return cover(start, end, rest)
    found = Cover(spans=[(length, day_of(first)[:length] if first else "", day_of(last)[:length] if last else LAST)])
    sides = [(start, first)] if start and first else []
    sides += [(last, end)] if last and end else []
    for one, other in sides:
        side = cover(one, other, rest)
        found.spans += side.spans
        found.edges += side.edges
    return found


def _beginning(at: datetime, length: int, *, up: bool) -> datetime:
    """When the span of an instant begins; or, unless it is that very instant, the next one."""
    here = at.astimezone(SHANGHAI)
    begun = datetime(here.year, here.month if length > YEAR else 1, here.day if length == DAY else 1, tzinfo=SHANGHAI)
    if not up or begun == at:
        return begun
    after = begun + timedelta(days={YEAR: 366, MONTH: 31, DAY: 1}[length])
    return _beginning(after, length, up=False)
