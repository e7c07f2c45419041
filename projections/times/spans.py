"""Divides a period into whole years, months and days of the district, and what is left at its edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

from domain.zone import DISTRICT
from projections.following.days import KEPT, day_of
from projections.times.stay_counts import half_hour

YEAR, MONTH, DAY = 4, 7, 10
"""The length of the name of a span: 2025, 2025-03, 2025-03-05."""
LAST = ":"
"""Sorts after every span."""
Spans = list[tuple[int, str, str]]
"""The length of some spans, the first of them, and what sorts after the last."""
Edges = list[tuple[datetime, datetime]]


@dataclass
class Cover:
    """The spans that lie wholly in a period, and the times at its edges that lie in none."""

    spans: Spans = field(default_factory=list)
    edges: Edges = field(default_factory=list)

    def months(self) -> tuple[str, str] | None:
        """The first and the end of the last of its months and years; None where it has only days."""
        whole = [(first, last) for length, first, last in self.spans if length != DAY]
        return (min(first for first, _ in whole), max(last for _, last in whole)) if whole else None

    @property
    def by_years(self) -> bool:
        """Whether these months are whole years."""
        return all(length != MONTH for length, *_ in self.spans)


def cover(start: datetime | None, end: datetime | None, lengths: Sequence[int]) -> Cover:
    """Covers a period with the longest spans of these lengths that lie in it. `start` or `end` None: it is open there."""
    if not lengths:
        assert start is not None
        assert end is not None
        return Cover(edges=[(start, end)] if start < end else [])
    length, rest = lengths[0], lengths[1:]
    first = None if start is None else beginning(start, length, up=True)
    last = None if end is None else beginning(end, length, up=False)
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


def beginning(at: datetime, length: int, *, up: bool) -> datetime:
    """When the span of an instant begins; with `up` the next one, unless the instant is the beginning of one."""
    here = at.astimezone(DISTRICT)
    begun = datetime(here.year, here.month if length > YEAR else 1, here.day if length == DAY else 1, tzinfo=DISTRICT)
    if not up or begun == at:
        return begun
    after = begun + timedelta(days={YEAR: 366, MONTH: 31, DAY: 1}[length])
    return beginning(after, length, up=False)


@lru_cache(KEPT)
def inside(length: int, at: datetime) -> int:
    """Which month it is, of those of a year; which day, of those of a month; which half hour, of those of a day."""
    day = day_of(at)
    if length == YEAR:
        return number_of(day)
    return date.fromisoformat(day).toordinal() if length == MONTH else half_hour(at)


def number_of(month: str) -> int:
    """Which month it is, of all years."""
    return 12 * int(month[:YEAR]) + int(month[5:MONTH])
