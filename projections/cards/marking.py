"""Keeps the marks of units: what each event gives or takes back, and what an appeal has struck for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Integer, Table, select

from domain.assessment.appeals import same
from domain.assessment.events import AppealDecided, CaseExcluded
from domain.assessment.sample import Sample
from domain.assessment.year import UnitYear
from domain.case import Case
from domain.duties import Target
from domain.household import Household
from projections.cards.given import mark_given, standing
from projections.cards.marks import Figure, Mark, marks_of
from projections.cards.other_marks import of_sample, of_target, of_visit, of_year
from projections.cards.sums import add_up, mark_sum, sums
from projections.cases.guard import guard_of
from projections.following.bulk import chunks, upsert
from projections.following.projection import Batch, Step
from projections.following.schema import metadata, text

mark_struck = Table(
    "mark_struck",
    metadata,
    Column("source", text(96), primary_key=True),
    Column("item", text(96), primary_key=True),
    Column("unit", text(64), primary_key=True),
    Column("year", Integer, primary_key=True),
)
"""Marks that an upheld appeal has struck for good, whatever the case does afterwards; `*` is all of an excluded case.
"""

ALL = "*"
g = mark_given.c


class Scorecards:
    name = "scorecards"
    version = 17
    tables: Sequence[Table] = (mark_given, mark_sum, mark_struck)

    def fold(self, db: Connection, batch: Batch) -> None:
        known: dict[str, Mapping[str, Mark]] = {}
        struck = _struck(db, batch)
        rows: list[dict[str, Any]] = []
        for step in batch.steps:
            match step.after:
                case Case():
                    stream = step.recorded.stream
                    old = known[stream] if stream in known else marks_of(step.before)
                    new = known[stream] = marks_of(step.after)
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


def _rows(step: Step, old: Mapping[str, Mark], new: Mapping[str, Mark]) -> list[dict[str, Any]]:
    changed = [(mark, -1) for item, mark in old.items() if new.get(item) != mark]
    changed += [(mark, 1) for item, mark in new.items() if old.get(item) != mark]
    where = {
        "source": step.after.id,
        "position": step.position,
        "version": step.recorded.version,
        "at": step.recorded.at,
        "guard": guard_of(step.after),
    }
    return [{**where, "n": n, **mark._asdict()} for mark, n in changed]


Struck = dict[str, set[tuple[str, str, int]]]
"""The struck marks of each source: the item, the unit and the year."""


def _struck(db: Connection, batch: Batch) -> Struck:
    found: Struck = {}
    if db.execute(select(mark_struck.c.year).limit(1)).first() is None:
        return found
    for some in chunks({step.after.id for step in batch.steps if isinstance(step.after, Case)}):
        for source, item, unit, year in db.execute(select(mark_struck).where(mark_struck.c.source.in_(some))):
            found.setdefault(source, set()).add((item, unit, year))
    return found


def _left(given: Mapping[str, Mark], gone: set[tuple[str, str, int]]) -> Mapping[str, Mark]:
    """Without what was struck."""
    if not gone:
        return given
    return {
        item: mark
        for item, mark in given.items()
        if not any((one, mark.unit, mark.year) in gone for one in (item, ALL))
    }


def _taken_back(
    db: Connection, step: Step, event: AppealDecided | CaseExcluded, struck: Struck
) -> list[dict[str, Any]]:
    """The rows that take back the marks appealed against, or all that an excluded case gave this unit in this year."""
    year: UnitYear = step.after
    source = event.case or year.id
    stands = [row for row in standing(db, source) if (row["unit"], row["year"]) == (year.unit, year.year)]
    where = {"position": step.position, "version": 0, "at": step.recorded.at}
    if isinstance(event, CaseExcluded):
        gone, items = stands, {ALL}
        guard = next((row["guard"] for row in stands), "")
        mark = Mark(f"excluded:{year.id}", Figure.EXCLUDED, event.ground, year.unit, event.accountable or "", year.year)
        given = [{**where, "source": source, "guard": guard, "n": 1, **mark._asdict()}] if stands else []
    elif event.upheld:
        against = _appealed(db, source, event)
        gone, items, given = [row for row in stands if (row["item"], row["mark"]) in against], set(), []
    else:
        return []
    items |= {row["item"] for row in gone}
    struck.setdefault(source, set()).update((item, year.unit, year.year) for item in items)
    kept = [{"source": source, "item": item, "unit": year.unit, "year": year.year} for item in sorted(items)]
    upsert(db, mark_struck, kept)
    return [{**row, **where, "n": -row["n"]} for row in gone] + given


def _appealed(db: Connection, source: str, event: AppealDecided) -> set[tuple[str, str]]:
    """The items with the mark that the event appealed against gave them; a later one may have given it anew."""
    given = select(g.item, g.mark, g.figure).where(g.source == source, g.position == event.event, g.mark == event.mark)
    return {(item, mark) for item, mark, figure in db.execute(given.where(g.n > 0)) if same(figure, event.figure)}


def _write(db: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    upsert(db, mark_given, rows)
    add_up(db, sums(rows, 1))


def _refile(db: Connection, batch: Batch) -> None:
    """Refile old marks under the guard of today: what a reader may not know of today he does not find in the past
    either.
    """
    guards = {
        change.after.id: guard_of(change.after)
        for change in batch.changes(Case)
        if guard_of(change.before) != guard_of(change.after)
    }
    for some in chunks(sorted(guards)):
        query = select(mark_given).where(g.source.in_(some))
        old = [dict(row) for row in db.execute(query).mappings() if row["guard"] != guards[row["source"]]]
        new = [{**row, "guard": guards[row["source"]]} for row in old]
        moved = sums(new, 1)
        moved.update(sums(old, -1))
        upsert(db, mark_given, new)
        add_up(db, moved)
