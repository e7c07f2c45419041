"""Which sums tell what fell due in a time: years and months by whole days, single days by whole hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.org.state import SHANGHAI
from projections.following.days import day_of
from projections.following.schema import EPOCH, MICROSECOND
from projections.times.spans import LAST, Edges, Spans, beginning
from projections.times.stay_marks import half_hour
from projections.times.summed import DAY

FIRST = float("-inf")
HOUR = timedelta(hours=1)


class DueSpans:
    """Of a time from an instant, or ever, up to another; by spans of these lengths, the longest first.

    `edges` is what lies neither in a whole day nor, if single days are among them, in a whole hour.
    """

    def __init__(self, start: datetime | None, end: datetime, lengths: Sequence[int]) -> None:
        first, last = (at and beginning(at, DAY, up=up) for at, up in ((start, True), (end, False)))
        assert last is not None
        self._days = (_day(first) if first else FIRST, _day(last))
        self._hours = (half_hour(start) + half_hour(start) % 2 if start else FIRST, half_hour(end) // 2 * 2)
        self.spans: Spans = []
        if lengths:
            begin, final = day_of(start) if start else "", day_of(end - MICROSECOND)
            self.spans.append((lengths[0], begin[: lengths[0]], final[: lengths[0]] + LAST))
        if DAY in lengths[1:]:
            single = {day_of(at) for at, whole in ((start, first), (end, last)) if at and at != whole}
            self.spans += [(DAY, day, day + LAST) for day in sorted(single)]
        if DAY in lengths:
            first, last = start and EPOCH + HOUR * (-(-(start - EPOCH) // HOUR)), EPOCH + HOUR * ((end - EPOCH) // HOUR)
        self.edges = _around(start, first, last, end) if lengths else [(start or EPOCH, end)]

    def between(self, span: str) -> tuple[float, float]:
        """Which numbers of a sum lie in the time."""
        return self._hours if len(span) == DAY else self._days


def _day(at: datetime) -> int:
    return at.astimezone(SHANGHAI).toordinal()


def _around(start: datetime | None, first: datetime | None, last: datetime, end: datetime) -> Edges:
    if first is not None and start is not None and first > last:
        return [(start, end)]
    sides = [(start, first), (last, end)] if start and first else [(last, end)]
    return [(one, other) for one, other in sides if one < other]
