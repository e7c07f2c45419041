"""How finely a sum tells of its stays: the longer its span, and the more of them it counts, the less."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from projections.times.durations import bucket_of
from projections.times.spans import DAY, YEAR
from projections.times.stay_marks import AGAIN, AGAIN_IN_TIER, DURATIONS, EVERYWHERE, SINCE
from projections.times.tally import Mark

BUCKETED = {name: f"{name} in" for name in DURATIONS}
"""Under which name durations are counted by their buckets."""
HOURS, DAYS = 24, 7


def coarser(marks: Sequence[Mark], sort: str, length: int) -> Sequence[Mark]:
    """The same marks, as a sum over a span of this length tells them at this sort of place."""
    return marks if length == DAY else [_coarser(mark, sort, length) for mark in marks]


def _coarser(mark: Mark, sort: str, length: int) -> Mark:
    """What is going on began on a day, or, of a whole year everywhere, in a week; of a year, the case had come in a month."""
    name, number, n = mark
    if name in SINCE:
        return name, _middle(number, HOURS * DAYS if (sort, length) == (EVERYWHERE, YEAR) else HOURS), n
    if name in DURATIONS:
        return BUCKETED[name], bucket_of(number), n
    if name in (AGAIN, AGAIN_IN_TIER) and length == YEAR:
        return name, date.fromordinal(number).replace(day=1).toordinal(), n
    return mark


def _middle(hour: int, hours: int) -> int:
    return hour // hours * hours + hours // 2
