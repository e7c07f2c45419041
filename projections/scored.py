"""Every mark that ever was given to a unit or taken back, and their sums by month and by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, Table, and_, delete, func, literal_column, or_, select

from domain.case import Case
from domain.org.state import SHANGHAI
from projections.bulk import Key, add, chunks, counters, upsert
from projections.changes import cases, guard_of
from projections.follower import Batch, Step
from projections.schema import Instant, metadata, text
from projections.standing import day_of
from projections.tallies import Tally, tallies

mark_given = Table(
    "mark_given",
    metadata,
    Column("case_id", text(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("item", text(96), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("unit", text(64), nullable=False),
    Column("official", text(64), nullable=False),
    Column("year", Integer, nullable=False),
    Column("figure", text(24), nullable=False),
    Column("mark", text(24), nullable=False),
    Column("guard", text(1000), nullable=False),
    Index("mark_given_by_year", "year", "at"),
    Index("mark_given_by_unit", "unit", "year", "figure"),
)
"""What an event gave (1) or took back (-1): the evidence behind every figure."""

mark_sum = counters(
    "mark_sum",
    Column("year", Integer),
    Column("span", text(12)),
    Column("unit", text(64)),
    Column("official", text(64)),
    Column("figure", text(24)),
    Column("mark", text(24)),
    Column("guard", text(1000)),
)
"""How many were given less taken back in a month (`m:2025-03`) and on a day (`d:2025-03-09`)."""


class Scorecards:
    name = "scorecards"
    version = 1
    tables: Sequence[Table] = (mark_given, mark_sum)

    def fold(self, db: Connection, batch: Batch) -> None:
        known: dict[str, Mapping[str, Tally]] = {}
        rows: list[dict[str, Any]] = []
        for step in batch.steps:
            if isinstance(step.after, Case):
                stream = step.recorded.stream
                old = known[stream] if stream in known else tallies(step.before)
                new = known[stream] = tallies(step.after)
                if old != new:
                    rows += _rows(step, old, new)
        upsert(db, mark_given, rows)
        _add_up(db, sums(rows, 1))
        _refile(db, batch)


def _rows(step: Step, old: Mapping[str, Tally], new: Mapping[str, Tally]) -> list[dict[str, Any]]:
    guard, at = guard_of(step.after), step.recorded.at
    changed = [(tally, -1) for item, tally in old.items() if new.get(item) != tally]
    changed += [(tally, 1) for item, tally in new.items() if old.get(item) != tally]
    return [
        {
            "case_id": step.after.id,
            "version": step.recorded.version,
            "n": n,
            "at": at,
            "guard": guard,
            **tally._asdict(),
        }
        for tally, n in changed
    ]


def sums(rows: Sequence[Mapping[str, Any]], sign: int) -> Counter[Key]:
    """What these rows add to the sums."""
    found: Counter[Key] = Counter()
    for row in rows:
        of = (row["unit"], row["official"], row["figure"], row["mark"], row["guard"])
        for span in spans(row["at"]):
            found[(row["year"], span, *of)] += sign * row["n"]
    return found


def spans(at: datetime) -> tuple[str, str]:
    """The month and the day of an instant in the district."""
    day = day_of(at)
    return f"m:{day[:7]}", f"d:{day}"


def _add_up(db: Connection, amounts: Counter[Key]) -> None:
    """On a day on which more was taken back than given a sum is below nothing, and may come up to it."""
    add(db, mark_sum, amounts)
    if amounts:
        db.execute(delete(mark_sum).where(mark_sum.c.n == literal_column("0")))


def _refile(db: Connection, batch: Batch) -> None:
    """What one may not know of today, one may not know of the past either: old marks get the guard of today."""
    guards = {
        change.after.id: guard_of(change.after)
        for change in cases(batch)
        if guard_of(change.before) != guard_of(change.after)
    }
    for some in chunks(sorted(guards)):
        query = select(mark_given).where(mark_given.c.case_id.in_(some))
        old = [dict(row) for row in db.execute(query).mappings() if row["guard"] != guards[row["case_id"]]]
        new = [{**row, "guard": guards[row["case_id"]]} for row in old]
        moved = sums(new, 1)
        moved.update(sums(old, -1))
        upsert(db, mark_given, new)
        _add_up(db, moved)


Sum = tuple[str, str, str, str, str, int]
"""Unit, official, figure, mark, guard, and how many."""


def totals(db: Connection, year: int, at: datetime | None) -> list[Sum]:
    """The sums of a year, as they are or as they were at an instant: whole months, then days, then what is left."""
    c = mark_sum.c
    key = (c.unit, c.official, c.figure, c.mark, c.guard)
    query = select(*key, func.sum(c.n)).where(c.year == year).group_by(*key)
    if at is None:
        return [_sum(row) for row in db.execute(query.where(c.span >= "m:"))]
    month, day = spans(at)
    earlier = or_(and_(c.span >= "m:", c.span < month), and_(c.span >= "d:" + month[2:], c.span < day))
    found = [_sum(row) for row in db.execute(query.where(earlier))]
    g = mark_given.c
    today = select(g.unit, g.official, g.figure, g.mark, g.guard, g.n).where(
        g.year == year, g.at <= at, g.at >= _midnight(at)
    )
    return found + [_sum(row) for row in db.execute(today)]


def _sum(row: Any) -> Sum:
    unit, official, figure, mark, guard, n = row
    return unit, official, figure, mark, guard, int(n)


def _midnight(at: datetime) -> datetime:
    return at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
