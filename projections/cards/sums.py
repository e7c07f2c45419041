"""The sums of marks by month and by day, so that a year is told from few rows, as it is or as it was at an instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, and_, func, or_, select, true

from projections.cards.given import mark_given
from projections.cards.marks import CONTACT
from projections.following.bulk import Key, add, counters, remove_spent
from projections.following.days import day_of, morning, spans_before, spans_of
from projections.following.schema import text

mark_sum = counters(
    "mark_sum",
    Column("year", Integer),
    Column("span", text(12)),
    Column("unit", text(64)),
    Column("official", text(64)),
    Column("figure", text(24)),
    Column("mark", text(24)),
    Column("mix", text(40)),
    Column("guard", text(1000)),
)
"""How many were given less taken back in a month (`m:2025-03`) and on a day (`d:2025-03-09`).

What cadres collect is not in it: there are thousands of them, and no unit is judged on it.
"""

g = mark_given.c


def sums(rows: Iterable[Mapping[str, Any]], sign: int) -> Counter[Key]:
    """What these rows add to the sums."""
    found: Counter[Key] = Counter()
    for row in rows:
        if row["figure"] in CONTACT:
            continue
        of = (row["unit"], row["official"], row["figure"], row["mark"], row["mix"], row["guard"])
        for span in spans_of(row["at"]):
            found[(row["year"], span, *of)] += sign * row["n"]
    return found


def add_up(db: Connection, amounts: Counter[Key]) -> None:
    """Add to the sums. One may have been below 0, on a day on which more marks were taken back than given."""
    add(db, mark_sum, amounts)
    remove_spent(db, mark_sum, [key for key, n in amounts.items() if n > 0])


Sum = tuple[str, str, str, str, str, str, int]
"""Unit, official, figure, mark, mix, guard, and how many."""


def totals(db: Connection, year: int, at: datetime | None, unit: str | None = None) -> list[Sum]:
    """The sums of a year, as they are or as they were at an instant: whole months, then days, then what is left."""
    c = mark_sum.c
    key = (c.unit, c.official, c.figure, c.mark, c.mix, c.guard)
    of_unit = [table.unit == unit for table in (c, g)] if unit is not None else [true(), true()]
    query = select(*key, func.sum(c.n)).where(c.year == year, of_unit[0]).group_by(*key)
    if at is None:
        return [_sum(row) for row in db.execute(query.where(c.span >= "m:"))]
    earlier = or_(*(and_(c.span >= first, c.span < last) for first, last in spans_before(day_of(at))))
    found = [_sum(row) for row in db.execute(query.where(earlier))]
    today = select(g.unit, g.official, g.figure, g.mark, g.mix, g.guard, g.n).where(
        g.year == year, g.at <= at, g.at >= morning(at), g.figure.not_in(sorted(CONTACT)), of_unit[1]
    )
    return found + [_sum(row) for row in db.execute(today)]


def _sum(row: Any) -> Sum:
    unit, official, figure, mark, mix, guard, n = row
    return unit, official, figure, mark, mix, guard, int(n)
