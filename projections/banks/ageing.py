"""How long what is open has been waiting: by age band, for each tier and for each unit that has something open."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from domain.case.figures import seconds
from domain.decider import Act
from domain.org import Org, Tier
from projections.banks.open_since import OpenSince, moved_since
from projections.banks.problem_bank import counted_under
from projections.banks.standing import EVERYWHERE, HEIGHT
from projections.cases.guard import counts_for
from projections.cases.then import Then

BANDS = ((0, 3), (4, 7), (8, 15), (16, 30), (31, 60), (61, None))
"""Full days since the report, from and to. The last band has no end."""


@dataclass(frozen=True, kw_only=True)
class Band:
    from_days: int
    to_days: int | None
    n: int


@dataclass(frozen=True, kw_only=True)
class Ages:
    """What is open in a tier, or what one unit of that tier has open; `unit` is none for the whole tier."""

    tier: Tier
    unit: str | None
    label: str
    open: int
    oldest_age_s: int
    bands: list[Band]


Row = tuple[Tier, str | None]
"""A tier, and a unit of it, or the whole."""


def ages(db: Connection, act: Act, unit: str | None, tier: Tier | None = None, then: Then | None = None) -> list[Ages]:
    """Tier by tier: the whole, then each unit in it that has something open; of one unit and below, or of all."""
    known, org, at = counts_for(act), act.org, then.at if then else act.at
    whole = counted_under(org, unit)
    inside = org.units if whole == [EVERYWHERE] else set(whole).union(*map(org.below, whole))
    units = [its for one in inside if (its := org.unit(one))]
    tiers = [tier] if tier else list(Tier)
    places = {one: {*whole, *(its.id for its in units if its.tier is one)} for one in tiers}
    open_ = OpenSince(db, places, known, at, None if then is None else moved_since(then, known, places))
    counted: dict[Row, Counter[int]] = defaultdict(Counter)
    oldest: dict[Row, datetime] = {}
    bands, firsts = open_.by_age([first for first, _ in BANDS]), open_.oldest()
    for (place, held_in), by_band in bands.items():
        first = firsts[place, held_in]
        for row in _rows(place, Tier(held_in), whole, org):
            counted[row].update(by_band)
            oldest[row] = min(first, oldest.get(row, first))
    in_order = sorted(counted, key=lambda row: (HEIGHT[row[0]], row[1] is not None, row[1]))
    return [_ages(row, org, counted[row], seconds(oldest[row], at)) for row in in_order]


def _rows(place: str, tier: Tier, whole: Collection[str], org: Org) -> Iterator[Row]:
    """To which rows a count belongs: to its whole tier, and to the unit if it is of that tier and so holds the cases."""
    if place in whole:
        yield tier, None
    unit = org.unit(place)
    if unit is not None and unit.tier is tier:
        yield tier, org.successor(place)


def _ages(row: Row, org: Org, counted: Counter[int], oldest_age_s: int) -> Ages:
    tier, unit = row
    known = org.unit(unit) if unit else None
    return Ages(
        tier=tier,
        unit=unit,
        label=known.name if known else tier,
        open=counted.total(),
        oldest_age_s=oldest_age_s,
        bands=[Band(from_days=first, to_days=last, n=counted[band]) for band, (first, last) in enumerate(BANDS)],
    )
