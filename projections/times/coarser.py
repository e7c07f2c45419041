"""How precise the counts of a sum are: the longer its span and the more stays it counts, the coarser."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from projections.times.durations import bucket_of
from projections.times.spans import DAY, YEAR
from projections.times.stay_counts import AGAIN, AGAIN_IN_TIER, DURATIONS, EVERYWHERE, SINCE
from projections.times.tally import Count

BUCKETED = {name: f"{name} in" for name in DURATIONS}
"""The name under which durations are counted by bucket."""
HOURS, DAYS = 24, 7


def coarser(counts: Sequence[Count], sort: str, length: int) -> Sequence[Count]:
    """The counts as precise as a sum over a span of this length keeps them, at a place of this sort."""
    return counts if length == DAY else [_coarser(count, sort, length) for count in counts]


def _coarser(count: Count, sort: str, length: int) -> Count:
    """Of what still goes on, the day it began, or the week in a year of the whole district; in a year, the month of an
    earlier stay.
    """
    name, number, n = count
    if name in SINCE:
        return name, _middle(number, HOURS * DAYS if (sort, length) == (EVERYWHERE, YEAR) else HOURS), n
    if name in DURATIONS:
        return BUCKETED[name], bucket_of(number), n
    if name in (AGAIN, AGAIN_IN_TIER) and length == YEAR:
        return name, date.fromordinal(number).replace(day=1).toordinal(), n
    return count


def _middle(hour: int, hours: int) -> int:
    return hour // hours * hours + hours // 2
