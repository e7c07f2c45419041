"""Median and 90th percentile of many groups at once: the seconds of all buckets that decide are read in one query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from domain.org import Tier
from projections.times.coarser import BUCKETED
from projections.times.durations import BUCKETS, PARTS, SECONDS, bucket_of
from projections.times.lengths import IN_PARTS, LengthQuestion, found
from projections.times.selection import By, Selection
from projections.times.spans import LAST
from projections.times.stay_counts import AT_UNIT, EVERYWHERE, IN_TOWN
from projections.times.stays import Stays
from projections.times.survival import Curve, Lasted, Opening
from projections.times.tally import Tally

MEASURES: Mapping[str, tuple[str, str | None]] = {
    "hold": ("hold", None),
    "net": ("net", "net_kept"),
    "answered": ("answered", "unanswered"),
}
"""The names under which a tally counts what is over, and what was lost from sight before."""
SHARES: Mapping[str, Sequence[float]] = {"hold": (0.5, 0.9), "net": (0.5,), "answered": (0.5, 0.9)}
MANY = 64
"""Of a bucket that holds more, and is wider in seconds, the parts are read first."""

Key = tuple[str | None, str]
"""A group, and a measure."""
Going = Mapping[Key, Sequence[tuple[int, int]]]
"""How many still go on after how many seconds, for each group and measure."""


def typical_times(
    db: Connection, selection: Selection, stays: Stays, tallies: Mapping[str | None, Tally], going: Going
) -> Mapping[Key, Sequence[int | None]]:
    """The median and the 90th percentile of each group by each measure, in seconds; of net times only the median."""
    curves: dict[Key, list[Curve]] = {}
    for group, tally in tallies.items():
        for one, shares in SHARES.items():
            lasted = _lasted(tally, one, going.get((group, one), ()))
            curves[group, one] = [Curve(lasted, share) for share in shares]
    while unclear := [(key, one) for key, its in curves.items() for curve in its for one in next(curve.openings, ())]:
        _open(db, selection, stays, unclear)
    return {key: [curve.typical_s for curve in its] for key, its in curves.items()}


def _lasted(tally: Tally, measure: str, going: Sequence[tuple[int, int]]) -> Lasted:
    over, kept = MEASURES[measure]
    lasted = Lasted(over=tally[over], over_in=tally[BUCKETED[over]])
    if kept:
        lasted.others, lasted.others_in = tally[kept], tally[BUCKETED[kept]]
    for seconds, n in going:
        lasted.others[seconds] += n
    if lasted.over_in or lasted.others_in:
        lasted.fine = BUCKETS
    return lasted


def _open(db: Connection, selection: Selection, stays: Stays, unclear: Sequence[tuple[Key, Opening]]) -> None:
    """Read the seconds of these buckets, or the parts of those that hold many."""
    wanted: list[LengthQuestion] = []
    counted: list[Counter[int]] = []
    filed = {group: _filed(selection, stays.months, group) for group in {group for (group, _), _ in unclear}}
    for (group, measure), (first, last, over, others, inside) in unclear:
        in_parts = stays.in_parts and inside.fine < PARTS and min(over + others, last - first) > MANY
        inside.fine = PARTS if in_parts else SECONDS
        span = bucket_of(first, inside.fine), bucket_of(last, inside.fine)
        for name, n, counter in zip(MEASURES[measure], (over, others), (inside.over_in, inside.others_in), strict=True):
            if name and n:
                told_as = IN_PARTS[name] if in_parts else name
                wanted += [LengthQuestion(len(counted), told_as, *span, *where) for where in filed[group]]
                counted.append(counter)
    for number, lasted_s, n in found(db, wanted, stays.hidden):
        counted[number][lasted_s] += n


def _filed(
    selection: Selection, months: tuple[str, str] | None, group: str | None
) -> Sequence[tuple[str, str, str, str, str, str]]:
    """Where the durations of a group are filed: place, tier, kind, grade and months."""
    asked, by = selection.asked, selection.by
    places = [IN_TOWN + town for town in selection.towns or ()] or [EVERYWHERE]
    if by is By.TOWN:
        places = [IN_TOWN + (group or "")]
    elif selection.by_unit:
        places = [AT_UNIT + unit for unit in ([group or ""] if by is By.UNIT else sorted(selection.inside or ()))]
    tiers = [group or ""] if by is By.TIER else [asked.tier] if asked.tier else list(Tier)
    kind, grade = asked.kind or (group or "" if by is By.KIND else ""), group or "" if by is By.GRADE else ""
    first, last = months or ("", LAST)
    if by is By.MONTH:
        first, last = max(first, group or ""), min(last, f"{group}{LAST}")
    return [(place, tier, kind, grade, first, last) for place in places for tier in tiers]
