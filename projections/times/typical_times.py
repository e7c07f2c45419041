"""Median and 90th percentile of many groups at once: the seconds of all buckets that decide are read in one query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection

from domain.org import Tier
from projections.times.coarser import BUCKETED
from projections.times.durations import PARTS, bucket_of
from projections.times.lengths import IN_PARTS, LengthQuestion, found
from projections.times.selection import By, Selection
from projections.times.stay_counts import AT_UNIT, EVERYWHERE, IN_TOWN
from projections.times.stays import Stays
from projections.times.survival import Lasted, Unclear, typical_of
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
    times: dict[Key, Sequence[int | None]] = {}
    left = {
        (group, one): _lasted(tally, one, going.get((group, one), ()))
        for group, tally in tallies.items()
        for one in MEASURES
    }
    while left:
        unclear: list[tuple[Key, Unclear]] = []
        for key, lasted in left.items():
            times[key], buckets = typical_of(lasted, *SHARES[key[1]])
            unclear += [(key, bucket) for bucket in buckets]
        left = {key: left[key] for key, _ in unclear}
        if left:
            _open(db, selection, stays, unclear)
    return times


def _lasted(tally: Tally, measure: str, going: Sequence[tuple[int, int]]) -> Lasted:
    over, kept = MEASURES[measure]
    lasted = Lasted(over=tally[over], over_in=tally[BUCKETED[over]])
    if kept:
        lasted.others, lasted.others_in = tally[kept], tally[BUCKETED[kept]]
    for seconds, n in going:
        lasted.others[seconds] += n
    return lasted


def _open(db: Connection, selection: Selection, stays: Stays, unclear: Sequence[tuple[Key, Unclear]]) -> None:
    """Read the seconds of these buckets, or the parts of those that hold many."""
    wanted: list[LengthQuestion] = []
    counted: list[Counter[int]] = []
    for (group, measure), (lasted, bucket) in unclear:
        first, last = lasted.ends(bucket)
        inside = Lasted(fine=PARTS)
        parts = stays.in_parts and lasted.fine < PARTS and min(lasted.in_bucket(bucket), last - first) > MANY
        into = (inside.over_in, inside.others_in) if parts else (inside.over, inside.others)
        if parts:
            first, last = bucket_of(first, PARTS), bucket_of(last, PARTS)
        for name, known, counter in zip(MEASURES[measure], (lasted.over_in, lasted.others_in), into, strict=True):
            if name and known[bucket]:
                told_as = IN_PARTS[name] if parts else name
                wanted += _wanted(selection, stays.months, len(counted), group, told_as, first, last)
                counted.append(counter)
        lasted.open(bucket, inside)
    for number, lasted_s, n in found(db, wanted, stays.hidden):
        counted[number][lasted_s] += n


def _wanted(
    selection: Selection,
    months: tuple[str, str] | None,
    number: int,
    group: str | None,
    name: str,
    first_s: int,
    last_s: int,
) -> Iterator[LengthQuestion]:
    assert months is not None
    asked, by = selection.asked, selection.by
    places = [IN_TOWN + town for town in selection.towns or ()] or [EVERYWHERE]
    if by is By.TOWN:
        places = [IN_TOWN + (group or "")]
    elif selection.by_unit:
        places = [AT_UNIT + unit for unit in ([group or ""] if by is By.UNIT else sorted(selection.inside or ()))]
    tiers = [group or ""] if by is By.TIER else [asked.tier] if asked.tier else list(Tier)
    first, last = months
    if by is By.MONTH:
        first, last = max(first, group or ""), min(last, f"{group}:")
    for place in places:
        for tier in tiers:
            yield LengthQuestion(
                number=number,
                place=place,
                tier=tier,
                name=name,
                first_s=first_s,
                last_s=last_s,
                first_month=first,
                last_month=last,
                kind=asked.kind or (group or "" if by is By.KIND else ""),
                grade=group or "" if by is By.GRADE else "",
            )
