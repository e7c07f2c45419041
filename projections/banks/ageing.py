"""How long what is open has been waiting: by age band, for each tier and for each unit that has something open."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, func, select

from domain.case.figures import seconds
from domain.decider import Act
from domain.org import Org, Tier
from projections.banks.problem_bank import counted_under
from projections.banks.standing import EVERYWHERE, bank_age, now, standing
from projections.cases.then import Then
from projections.cases.visibility import counts_for

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


def ages(db: Connection, act: Act, unit: str | None, tier: Tier | None = None, then: Then | None = None) -> list[Ages]:
    """Tier by tier: the whole, then each unit in it that has something open; of one unit and below, or of all."""
    known, org, at = counts_for(act), act.org, then.at if then else act.at
    whole = frozenset(counted_under(org, unit))
    inside = None if whole == {EVERYWHERE} else whole.union(*map(org.below, whole))
    counted: dict[tuple[Tier, str | None], Counter[int]] = defaultdict(Counter)
    oldest: dict[tuple[Tier, str | None], datetime] = {}
    for place, held_in, reported_at, guard, n in _open(db, inside, at, then):
        if not known(guard) or tier not in (None, held_in):
            continue
        for row in _rows(place, Tier(held_in), whole, org):
            counted[row][_band(reported_at, at)] += n
            oldest[row] = min(reported_at, oldest.get(row, reported_at))
    in_order = sorted(counted, key=lambda row: (list(Tier).index(row[0]), row[1] is not None, row[1]))
    return [_ages(row, org, counted[row], seconds(oldest[row], at)) for row in in_order]


def _rows(place: str, tier: Tier, whole: Collection[str], org: Org) -> Iterator[tuple[Tier, str | None]]:
    """Where a count of a place belongs: to the whole tier; to the unit, if that is of the tier and so has the cases."""
    if place in whole:
        yield tier, None
    unit = org.unit(place)
    if unit is not None and unit.tier is tier:
        yield tier, org.successor(place)


def _open(
    db: Connection, inside: Collection[str] | None, at: datetime, then: Then | None
) -> Iterator[tuple[str, str, datetime, str, int]]:
    """How many open cases there are: their place, tier, report (of those together in a band the first), guard, number."""
    c = bank_age.c
    here = c.place.in_(sorted(inside)) if inside is not None else c.place.is_not(None)
    if then is None:
        starts = [(c.reported_at > at - timedelta(days=first), band) for band, (first, _) in enumerate(BANDS[1:])]
        which = case(*starts, else_=len(BANDS) - 1).label("band")
        key = (c.place, c.tier, c.guard, which)
        together = select(c.place, c.tier, func.min(c.reported_at), c.guard, func.sum(c.n)).group_by(*key)
        for place, tier, reported_at, guard, n in db.execute(together.where(here)):
            yield place, tier, reported_at, guard, int(n)
        return
    one_by_one = select(c.place, c.tier, c.reported_at, c.guard, c.n).where(here, c.reported_at <= at)
    found = Counter({tuple(key): n for *key, n in db.execute(one_by_one)})
    for moved, guard, sign in then.both():
        for table, keys in now(standing(moved, guard)):
            if table is bank_age:
                found.update({key: sign for key in keys if inside is None or key[0] in inside})
    for (place, tier, reported_at, guard), n in found.items():
        if n > 0 and reported_at <= at:
            yield place, tier, reported_at, guard, n


def _band(reported_at: datetime, at: datetime) -> int:
    days = (at - reported_at).days
    return next(band for band, (_, last) in enumerate(BANDS) if last is None or days <= last)


def _ages(row: tuple[Tier, str | None], org: Org, counted: Counter[int], oldest_age_s: int) -> Ages:
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
