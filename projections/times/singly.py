"""Stays that are read one by one, where no sum tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, null, or_, select, true

from domain.case import Case
from domain.zone import just_before
from projections.following.days import morning
from projections.times.held import held, spells
from projections.times.held import row as row_of
from projections.times.selection import Selection
from projections.times.stay_counts import AGAIN, AGAIN_IN_TIER, CLOCKS, Row, entered, on_day, void
from projections.times.tally import Count

c, BEFORE = held.c, held.alias("earlier")
before = BEFORE.c

WHERE = (c.guard, c.tier, c.unit, c.town, c.kind, c.grade, c.void, c.charged_to, c.entered_at)
COURSE = (c.entry_no, c.left_at, c.exit, c.paused_s, c.paused_since, c.took_s, c.net_s, c.response_s)
STOPPED = (c.first_response_at, c.response_due_at, c.response_stopped_at, c.hold_due_at, c.hold_stopped_at)
FAULTS = (c.reopened, c.premature, c.rejected_disputes)


def began(db: Connection, selection: Selection, start: datetime, end: datetime) -> Iterator[tuple[Row, list[Count]]]:
    """The stays that were entered in a time, each with what it adds."""
    query = select(*WHERE, *COURSE, *STOPPED, *FAULTS, _before(selection).label("before"))
    here = query.where(c.entered_at >= start, c.entered_at < end)
    for row in _counted(db, selection, here.where(c.void)):
        yield row, void(row)
    for row in _counted(db, selection, here.where(~c.void, _mine(selection))):
        again = [] if row["before"] is None else [_again(selection, row)]
        yield row, [*entered(row), *again]


def came_that_morning(db: Connection, selection: Selection) -> Iterator[tuple[Row, Count]]:
    """The stays whose case had come on the first day of the period, but before the period began; each with the count to
    take away.
    """
    if selection.start is None or (begun := morning(selection.start)) == selection.start:
        return
    last = _before(selection)
    came = select(before.case_id).where(before.entered_at >= begun, before.entered_at < selection.start)
    here = (c.entered_at >= selection.start, c.entered_at < selection.end, _mine(selection, by_time=True))
    query = select(*WHERE, last.label("before")).where(c.case_id.in_(came), last >= begun, last < selection.start)
    for row in _counted(db, selection, query.where(*here)):
        yield row, _again(selection, row)


def _again(selection: Selection, row: Row) -> Count:
    return on_day(AGAIN_IN_TIER if selection.by_tier else AGAIN, row["before"])


def went_by(
    db: Connection, selection: Selection, start: datetime, end: datetime
) -> Iterator[tuple[Row, datetime, list[str]]]:
    """The clocks that fell due in a time: the row, the last instant in time, and what it counts for.

    Sought by the time, if that is short: SQLite would rather look at all that a unit ever had.
    """
    mine = _mine(selection, by_time=end - start <= timedelta(days=1))
    for column, told in CLOCKS.items():
        due = c[column]
        query = select(*WHERE, *STOPPED, *FAULTS).where(due > start, due <= end, ~c.void, mine)
        for row in _counted(db, selection, query):
            yield row, just_before(row[column]), told(row)


def still_open(db: Connection, selection: Selection) -> Iterator[Row]:
    """The stays entered in the period that still go on."""
    query = select(c.case_id, *WHERE, *COURSE, *STOPPED).where(c.left_at.is_(None), ~c.void, _mine(selection))
    begun = true() if selection.start is None else c.entered_at >= selection.start
    return _counted(db, selection, query.where(begun, c.entered_at < selection.end))


def rows_of(case: Case, guard: str) -> list[Row]:
    """The stays of a case, as they would be read if it stood so; who may know of them is told by the guard."""
    return [row_of(spell) | {"guard": guard} for spell in spells(case)]


def _counted(db: Connection, selection: Selection, query: Select[Any]) -> Iterator[Row]:
    same = c.kind == selection.asked.kind if selection.asked.kind else true()
    found = map(dict, db.execute(query.where(same)).mappings())
    return (row for row in found if selection.counts(row))


def _mine(selection: Selection, *, by_time: bool = False) -> ColumnElement[bool]:
    """The condition on stays that are not void; void ones are chosen by the unit they are charged to. With `by_time`, no
    index leads to the stays of a unit or town.
    """
    tier = true() if selection.asked.tier is None else c.tier == selection.asked.tier
    unit, town = (c.unit.concat(""), c.town.concat("")) if by_time else (c.unit, c.town)
    if selection.towns is not None:
        return and_(tier, town.in_(selection.towns))
    return tier if selection.inside is None else and_(tier, unit.in_(sorted(selection.inside)))


def _before(selection: Selection) -> ColumnElement[Any]:
    """When the case had last entered the same place before; NULL if it had not."""
    same = [before.case_id == c.case_id, before.stay < c.stay, ~before.void]
    if selection.by_unit:
        same.append(before.unit == c.unit)
    elif selection.by_town:
        same.append(func.coalesce(before.town, "") == func.coalesce(c.town, ""))
    if selection.by_tier:
        same.append(before.tier == c.tier)
    last = select(before.entered_at).where(*same).order_by(before.stay.desc()).limit(1)
    return case((or_(c.stay == 0, c.void), null()), else_=last.correlate(held).scalar_subquery())
