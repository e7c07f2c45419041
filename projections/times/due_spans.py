"""Which sums cover what fell due in a period: years by whole months, months by whole days, days by whole hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.zone import just_before
from projections.following.days import day_of
from projections.following.schema import EPOCH
from projections.times.spans import DAY, LAST, MONTH, YEAR, Edges, Spans, beginning, inside

EVER = float("-inf")
HOUR = timedelta(hours=1)


class DueSpans:
    """The spans of a period, whose lengths each lie in the one before; `start` None is the beginning of the log.

    `edges` are the parts of the period that no sum can tell, since the shortest span counts by longer parts.
    """

    def __init__(self, start: datetime | None, end: datetime, lengths: Sequence[int]) -> None:
        self.spans: Spans = []
        self._whole: dict[int, tuple[datetime | None, datetime]] = {}
        first, last = start, end
        for length in lengths:
            if length == lengths[0]:
                begin, final = day_of(start) if start else "", day_of(just_before(end))
                self.spans.append((length, begin[:length], final[:length] + LAST))
            else:
                broken = {day_of(at)[:length] for at, whole in ((start, first), (end, last)) if at and at != whole}
                self.spans += [(length, span, span + LAST) for span in sorted(broken)]
            first, last = (start and _part(start, length, up=True)), _part(end, length, up=False)
            self._whole[length] = first, last
        self.edges = _around(start, first, last, end) if lengths else [(start or EPOCH, end)]

    def between(self, span: str) -> tuple[float, float]:
        """The numbers under which a sum of this span counts what lies in the period: from the first up to the second."""
        first, last = self._whole[len(span)]
        return (inside(len(span), first) if first else EVER), inside(len(span), last)


def _part(at: datetime, length: int, *, up: bool) -> datetime:
    """Where the part begins by which a span of this length counts (month, day or hour); with `up`, the next one."""
    if length == DAY:
        hours = at - EPOCH
        return EPOCH + HOUR * (-(-hours // HOUR) if up else hours // HOUR)
    return beginning(at, {YEAR: MONTH, MONTH: DAY}[length], up=up)


def _around(start: datetime | None, first: datetime | None, last: datetime, end: datetime) -> Edges:
    if first is not None and start is not None and first > last:
        return [(start, end)]
    sides = [(start, first), (last, end)] if start and first else [(last, end)]
    return [(one, other) for one, other in sides if one < other]
