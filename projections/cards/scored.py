"""Every mark that ever was given to a unit or taken back, and their sums by month and by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    Table,
    and_,
    delete,
    func,
    literal_column,
    or_,
    select,
    true,
)

from domain.assessment.events import AppealDecided, CaseExcluded
from domain.assessment.sample import Sample
from domain.assessment.year import UnitYear
from domain.case import Case
from domain.duties import Target
from domain.household import Household
from domain.org.state import SHANGHAI
from projections.cards.counted import of_sample, of_target, of_visit, of_year
from projections.cards.tallies import CONTACT, Figure, Tally, tallies
from projections.following.bulk import Key, add, chunks, counters, upsert
from projections.following.changes import cases, guard_of
from projections.following.days import day_of
from projections.following.follower import Batch, Step
from projections.following.schema import Instant, metadata, text

mark_given = Table(
    "mark_given",
    metadata,
    Column("source", text(96), primary_key=True),
    Column("item", text(96), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("unit", text(64), nullable=False),
    Column("official", text(64), nullable=False),
    Column("year", Integer, nullable=False),
    Column("figure", text(24), nullable=False),
    Column("mark", text(24), nullable=False),
    Column("mix", text(40), nullable=False),
    Column("guard", text(1000), nullable=False),
    Index("mark_given_by_year", "year", "at"),
    Index("mark_given_by_unit", "unit", "year", "figure", "mark", "position"),
)
"""What the event at a position gave (n above 0) or took back (below): the evidence behind every figure.

`source` is the case or whatever else the mark follows from; `version` is that of the case, 0 of anything else.
"""

collecting = mark_given.c.figure.in_([literal_column(f"'{figure}'") for figure in sorted(CONTACT)])
Index(
    "mark_given_by_cadre",
    mark_given.c.official,
    mark_given.c.year,
    sqlite_where=collecting,
    postgresql_where=collecting,
)

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

mark_struck = Table(
    "mark_struck",
    metadata,
    Column("source", text(96), primary_key=True),
    Column("item", text(96), primary_key=True),
    Column("unit", text(64), primary_key=True),
    Column("year", Integer, primary_key=True),
)
"""What an upheld appeal has taken back for good, whatever the case does afterwards; all of a case that is excluded."""

ALL = "*"
g = mark_given.c
Row = dict[str, Any]


class Scorecards:
    name = "scorecards"
    version = 3
    tables: Sequence[Table] = (mark_given, mark_sum, mark_struck)

    def fold(self, db: Connection, batch: Batch) -> None:
        known: dict[str, Mapping[str, Tally]] = {}
        struck = _struck(db, batch)
        rows: list[Row] = []
        for step in batch.steps:
            match step.after:
                case Case():
                    stream = step.recorded.stream
                    old = known[stream] if stream in known else tallies(step.before)
                    new = known[stream] = tallies(step.after)
                    if old != new:
                        gone = struck.get(step.after.id, set())
                        rows += _rows(step, _left(old, gone), _left(new, gone))
                case UnitYear():
                    rows += of_year(step)
                    if isinstance(step.recorded.event, AppealDecided | CaseExcluded):
                        _write(db, rows)
                        rows = _taken_back(db, step, step.recorded.event, struck)
                case Sample():
                    rows += of_sample(step)
                case Household():
                    rows += of_visit(step)
                case Target():
                    rows += of_target(step)
        _write(db, rows)
        _refile(db, batch)


def _rows(step: Step, old: Mapping[str, Tally], new: Mapping[str, Tally]) -> list[Row]:
    changed = [(tally, -1) for item, tally in old.items() if new.get(item) != tally]
    changed += [(tally, 1) for item, tally in new.items() if old.get(item) != tally]
    where = {
        "source": step.after.id,
        "position": step.position,
        "version": step.recorded.version,
        "at": step.recorded.at,
        "guard": guard_of(step.after),
    }
    return [{**where, "n": n, **tally._asdict()} for tally, n in changed]


Struck = dict[str, set[tuple[str, str, int]]]
"""Of a case or another source: which item, for which unit and year."""


def _struck(db: Connection, batch: Batch) -> Struck:
    found: Struck = {}
    if db.execute(select(mark_struck.c.year).limit(1)).first() is None:
        return found
    for some in chunks({step.after.id for step in batch.steps if isinstance(step.after, Case)}):
        for source, item, unit, year in db.execute(select(mark_struck).where(mark_struck.c.source.in_(some))):
            found.setdefault(source, set()).add((item, unit, year))
    return found


def _left(given: Mapping[str, Tally], gone: set[tuple[str, str, int]]) -> Mapping[str, Tally]:
    """Without what was struck."""
    if not gone:
        return given
    return {
        item: tally
        for item, tally in given.items()
        if not any((one, tally.unit, tally.year) in gone for one in (item, ALL))
    }


def _taken_back(db: Connection, step: Step, event: AppealDecided | CaseExcluded, struck: Struck) -> list[Row]:
    """What the decision takes away: the marks appealed against, or all that the case gave this unit in this year."""
    year: UnitYear = step.after
    source = event.case or year.id
    stands = [row for row in standing(db, source) if (row["unit"], row["year"]) == (year.unit, year.year)]
    where = {"position": step.position, "version": 0, "at": step.recorded.at}
    if isinstance(event, CaseExcluded):
        gone, items = stands, {ALL}
        guard = next((row["guard"] for row in stands), "")
        tally = Tally(
            f"excluded:{year.id}", Figure.EXCLUDED, event.ground, year.unit, event.accountable or "", year.year
        )
        given = [{**where, "source": source, "guard": guard, "n": 1, **tally._asdict()}] if stands else []
    elif event.upheld:
        gone, items, given = [row for row in stands if _appealed(row, event)], set(), []
    else:
        return []
    items |= {row["item"] for row in gone}
    struck.setdefault(source, set()).update((item, year.unit, year.year) for item in items)
    kept = [{"source": source, "item": item, "unit": year.unit, "year": year.year} for item in sorted(items)]
    upsert(db, mark_struck, kept)
    return [{**row, **where, "n": -row["n"]} for row in gone] + given


def _appealed(row: Mapping[str, Any], event: AppealDecided) -> bool:
    duty = {Figure.DUTY_REQUIRED, Figure.DUTY_VERIFIED}
    figures = duty if event.figure in duty else {event.figure}
    return row["position"] == event.event and row["figure"] in figures and row["mark"] == event.mark


def standing(db: Connection, source: str) -> list[Row]:
    """The marks of a source that stand now."""
    found: dict[str, Row] = {}
    for row in db.execute(select(mark_given).where(g.source == source).order_by(g.position, g.n)).mappings():
        if row["n"] > 0:
            found[row["item"]] = dict(row)
        else:
            found.pop(row["item"], None)
    return list(found.values())


def _write(db: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    upsert(db, mark_given, rows)
    _add_up(db, sums(rows, 1))


def sums(rows: Iterable[Mapping[str, Any]], sign: int) -> Counter[Key]:
    """What these rows add to the sums."""
    found: Counter[Key] = Counter()
    for row in rows:
        if row["figure"] in CONTACT:
            continue
        of = (row["unit"], row["official"], row["figure"], row["mark"], row["mix"], row["guard"])
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
        query = select(mark_given).where(g.source.in_(some))
        old = [dict(row) for row in db.execute(query).mappings() if row["guard"] != guards[row["source"]]]
        new = [{**row, "guard": guards[row["source"]]} for row in old]
        moved = sums(new, 1)
        moved.update(sums(old, -1))
        upsert(db, mark_given, new)
        _add_up(db, moved)


def first_marked(db: Connection) -> datetime | None:
    """When the first mark was given."""
    year = db.scalar(select(func.min(g.year)))
    return None if year is None else db.scalar(select(func.min(g.at)).where(g.year == year))


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
    month, day = spans(at)
    earlier = or_(and_(c.span >= "m:", c.span < month), and_(c.span >= "d:" + month[2:], c.span < day))
    found = [_sum(row) for row in db.execute(query.where(earlier))]
    today = select(g.unit, g.official, g.figure, g.mark, g.mix, g.guard, g.n).where(
        g.year == year, g.at <= at, g.at >= _midnight(at), g.figure.not_in(sorted(CONTACT)), of_unit[1]
    )
    return found + [_sum(row) for row in db.execute(today)]


def _sum(row: Any) -> Sum:
    unit, official, figure, mark, mix, guard, n = row
    return unit, official, figure, mark, mix, guard, int(n)


def _midnight(at: datetime) -> datetime:
    return at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
