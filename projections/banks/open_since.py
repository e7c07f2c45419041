"""How many cases the banks have open, by age, and when the oldest of them was reported: for many banks at once.

They are counted by the day of the report, and one by one only on the few days in which one age ends and another begins.
Of the highest age are all that are of no other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, case, func, select, true, tuple_, union_all

from domain.case.terms import OPEN
from domain.org import Tier
from projections.banks.standing import EVERYWHERE, bank_age, bank_cohort, bank_status, counters_now, standing
from projections.cases.guard import Known
from projections.cases.then import Then
from projections.following.among import among
from projections.following.days import day_of, morning

Bank = tuple[str, str]
"""Whose bank it is, and of which tier."""
Places = Mapping[Tier, Collection[str]]
"""Whose banks are meant, of each tier."""
MovedCounts = Mapping[tuple[str, str, datetime, str], int]
"""How many more, or fewer, were open then than now: by place, tier, instant of the report, and guard."""

Selects = Callable[[Tier, Collection[str]], Iterator[Select[Any]]]

age, cohort, status = bank_age.c, bank_cohort.c, bank_status.c
DAY = timedelta(days=1)
FEW = 20


class OpenSince:
    """The open cases of some banks by age, as they are or were then, as far as a reader may know of them."""

    def __init__(
        self,
        db: Connection,
        places: Places,
        known: Known,
        at: datetime,
        moved: MovedCounts | None,
    ) -> None:
        self._db, self._places, self._at, self._past = db, places, at, moved is not None
        self._moved = {key: n for key, n in (moved or {}).items() if n and key[2] <= at}
        guards = db.scalars(select(status.guard).where(status.place == EVERYWHERE).distinct())
        self._hidden = [guard for guard in guards if not known(guard)]

    def by_age(self, days: Sequence[int]) -> Mapping[Bank, Counter[int]]:
        """How many open cases each bank has in each age band: from `days[i]` full days on, below `days[i + 1]`; the
        last has no end.

        All of them count for the last band at first; then those that the sums of days show to be younger are moved to
        theirs. The day on which a band begins lies in two bands, and is split by the instant of the report.
        """
        begins, last = [self._at - timedelta(days=first) for first in days], len(days) - 1
        found: dict[Bank, Counter[int]] = defaultdict(Counter)
        for place, tier, n in self._rows(self._all):
            found[place, tier][last] += int(n)
        on_the_day: dict[int, dict[Tier, list[str]]] = defaultdict(lambda: defaultdict(list))
        counted: list[Any] = []
        for row in self._rows(partial(self._by_day, begins), _by_tier(found)):
            if row.part < last:
                counted.append(row)
            else:
                on_the_day[row.part - last][row.tier].append(row.place)
        for one, here in on_the_day.items():
            counted += self._rows(partial(self._on_the_day, begins, one), here)
        for place, tier, younger, n in counted:
            found[place, tier][younger] += int(n)
            found[place, tier][last] -= int(n)
        for (place, tier, reported_at, _), n in self._moved.items():
            found[place, tier][sum(reported_at <= begin for begin in begins) - 1] += n
        return {bank: counted for bank, counted in found.items() if counted.total()}

    def oldest(self) -> Mapping[Bank, datetime]:
        """When the oldest open case of each bank was reported."""
        found: dict[Bank, datetime | None] = {(place, tier): first for place, tier, first in self._rows(self._first)}
        left = {
            (place, tier)
            for (place, tier, first, _), n in self._moved.items()
            if n < 0 and first == found.get((place, tier))
        }
        found.update({bank: self._still(*bank) for bank in left})
        for (place, tier, first, _), n in self._moved.items():
            if n > 0:
                found[place, tier] = min(first, found.get((place, tier)) or first)
        return {bank: first for bank, first in found.items() if first is not None}

    def _rows(self, selects: Selects, places: Places | None = None) -> Sequence[Any]:
        parts = [one for tier, here in (places or self._places).items() for one in selects(tier, here)]
        return self._db.execute(union_all(*parts)).all()

    def _all(self, tier: Tier, here: Collection[str]) -> Iterator[Select[Any]]:
        if not self._past:
            yield self._sum(bank_status, tier, here, status.status.in_(OPEN))
            return
        yield self._sum(bank_cohort, tier, here, cohort.what.in_(OPEN), cohort.day < day_of(self._at))
        yield self._sum(bank_age, tier, here, *self._today)

    def _by_day(self, begins: Sequence[datetime], tier: Tier, here: Collection[str]) -> Iterator[Select[Any]]:
        """The sums of all days but those that lie wholly in the last band. `part` is the band of a day; or, where band
        `i` begins on it, `last + i`.
        """
        last, days = len(begins) - 1, [day_of(begin) for begin in begins]
        day, until = cohort.day, cohort.day <= days[0] if self._past else true()
        cut = {one: last + number for number, one in enumerate(days) if number or self._past}
        ages = ((day > begun, one) for one, begun in enumerate(days[1:]))
        part = case(*((day == one, number) for one, number in cut.items()), *ages)
        yield self._sum(bank_cohort, tier, here, cohort.what.in_(OPEN), day >= days[-1], until, by=part)

    def _on_the_day(
        self, begins: Sequence[datetime], one: int, tier: Tier, here: Collection[str]
    ) -> Iterator[Select[Any]]:
        """The cases of the day on which band `one` begins, by the band they are in; not those of the last band."""
        begin, at = begins[one], age.reported_at
        since = at > begin if one == len(begins) - 1 else at >= morning(begin)
        until = at <= begin if one == 0 else at < morning(begin) + DAY
        band = case((at > begin, one - 1), else_=one)
        yield self._sum(bank_age, tier, here, since, until, by=band)

    @property
    def _today(self) -> tuple[ColumnElement[bool], ...]:
        return age.reported_at >= morning(self._at), age.reported_at <= self._at

    def _sum(
        self,
        table: Table,
        tier: Tier,
        here: Collection[str],
        *which: ColumnElement[bool],
        by: ColumnElement[int] | None = None,
    ) -> Select[Any]:
        c = table.c
        key = [c.place, c.tier, *([] if by is None else [by.label("part")])]
        there = (among(self._db, c.place, here), c.tier == tier, c.guard.not_in(self._hidden))
        return select(*key, func.sum(c.n)).where(*there, *which).group_by(*key)

    def _first(self, tier: Tier, here: Collection[str]) -> Iterator[Select[Any]]:
        """When the oldest open case of each bank was reported, through an index."""
        which = (among(self._db, status.place, here), status.tier == tier, status.status.in_(OPEN))
        busy = select(status.place, status.tier).where(*which).group_by(status.place, status.tier).subquery().c
        its = (age.place == busy.place, age.tier == busy.tier, age.guard.not_in(self._hidden))
        until = age.reported_at <= self._at if self._past else true()
        first = select(age.reported_at).where(*its, until).order_by(age.reported_at).limit(1).scalar_subquery()
        yield select(busy.place, busy.tier, first)

    def _still(self, place: str, tier: str) -> datetime | None:
        """The oldest of a bank that was there then: cases that came to it since are passed over, seldom more than a
        few.
        """
        key = (age.reported_at, age.guard)
        its = (age.place == place, age.tier == tier, age.guard.not_in(self._hidden), age.reported_at <= self._at)
        query = select(*key, age.n).where(*its).order_by(*key).limit(FEW)
        rows = self._db.execute(query).all()
        while rows:
            for reported_at, guard, n in rows:
                if n + self._moved.get((place, tier, reported_at, guard), 0) > 0:
                    oldest: datetime = reported_at
                    return oldest
            after = tuple_(*key) > tuple_(*rows[-1][:2])
            rows = self._db.execute(query.where(after)).all() if len(rows) == FEW else []
        return None


def _by_tier(banks: Collection[Bank]) -> Places:
    return {tier: [place for place, one in banks if one == tier] for tier in Tier}


def moved_since(then: Then, known: Known, places: Places) -> MovedCounts:
    """How many more, or fewer, were open at these places then."""
    moved: Counter[tuple[str, str, datetime, str]] = Counter()
    for one, guard, sign in then.both():
        for table, keys in counters_now(standing(one, guard)) if known(guard) else ():
            if table is bank_age:
                moved.update({key: sign for key in keys if key[0] in places.get(key[1], ())})
    return moved
