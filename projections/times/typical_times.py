"""Median and 90th percentile of many groups at once: the seconds of the buckets that decide are read in one query."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection

from domain.org import Tier
from projections.times.coarser import BUCKETED
from projections.times.durations import first_of
from projections.times.lengths import LengthQuestion, found
from projections.times.selection import By, Selection
from projections.times.stay_counts import AT_UNIT, EVERYWHERE, IN_TOWN
from projections.times.survival import Lasted, typical_of
from projections.times.tally import Tally

MEASURES: Mapping[str, tuple[str, str | None]] = {
    "hold": ("hold", None),
    "net": ("net", "net_kept"),
    "answered": ("answered", "unanswered"),
}
"""The names under which a tally counts what is over, and what was lost from sight before."""
SHARES = (0.5, 0.9)

Key = tuple[str | None, str]
"""A group, and a measure."""
Going = Mapping[Key, Sequence[tuple[int, int]]]
"""How many still go on after how many seconds, for each group and measure."""


def typical_times(
    db: Connection,
    selection: Selection,
    months: tuple[str, str] | None,
    tallies: Mapping[str | None, Tally],
    going: Going,
) -> Mapping[Key, Sequence[int | None]]:
    """The median and the 90th percentile of each group by each measure, in seconds."""
    times: dict[Key, Sequence[int | None]] = {}
    left = {
        (group, one): _lasted(tally, one, going.get((group, one), ()))
        for group, tally in tallies.items()
        for one in MEASURES
    }
    while left:
        unclear: dict[Key, set[int]] = {}
        for key, lasted in left.items():
            times[key], unclear[key] = typical_of(lasted, *SHARES)
        left = {key: lasted for key, lasted in left.items() if unclear[key]}
        if left:
            assert months is not None
            _clear_up(db, selection, months, {(key, one): left[key] for key in left for one in unclear[key]})
    return times


def _lasted(tally: Tally, measure: str, going: Sequence[tuple[int, int]]) -> Lasted:
    over, kept = MEASURES[measure]
    lasted = Lasted(over=tally[over], over_in=tally[BUCKETED[over]])
    if kept:
        lasted.others, lasted.others_in = tally[kept], tally[BUCKETED[kept]]
    for seconds, n in going:
        lasted.others[seconds] += n
    return lasted


def _clear_up(
    db: Connection, selection: Selection, months: tuple[str, str], unclear: Mapping[tuple[Key, int], Lasted]
) -> None:
    numbered = list(unclear)
    wanted = [
        one
        for number, ((group, measure), bucket) in enumerate(numbered)
        for one in _wanted(selection, months, number, group, measure, bucket)
    ]
    seconds: dict[tuple[int, str], Counter[int]] = defaultdict(Counter)
    for row in found(db, wanted):
        if selection.known(row.guard):
            seconds[row.number, row.name][row.lasted_s] += row.n
    for number, (key, bucket) in enumerate(numbered):
        over, kept = MEASURES[key[1]]
        unclear[key, bucket].clear_up(bucket, seconds[number, over], seconds[number, kept or ""])


def _wanted(
    selection: Selection, months: tuple[str, str], number: int, group: str | None, measure: str, bucket: int
) -> Iterator[LengthQuestion]:
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
            for name in filter(None, MEASURES[measure]):
                yield LengthQuestion(
                    number=number,
                    place=place,
                    tier=tier,
                    name=name,
                    first_s=first_of(bucket),
                    last_s=first_of(bucket + 1),
                    first_month=first,
                    last_month=last,
                    kind=asked.kind or (group or "" if by is By.KIND else ""),
                    grade=group or "" if by is By.GRADE else "",
                )
