"""Stays that are read one by one, where no sum tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, null, or_, select, true

from domain.zone import just_before
from projections.following.days import morning
from projections.following.schema import Instant
from projections.times.held import held
from projections.times.scope import Scope
from projections.times.stay_counts import AGAIN, AGAIN_IN_TIER, CLOCKS, Row, entered, on_day, void
from projections.times.tally import Count

c, BEFORE = held.c, held.alias("earlier")
before = BEFORE.c

WHERE = (c.guard, c.tier, c.unit, c.town, c.kind, c.grade, c.void, c.charged_to, c.entered_at)
COURSE = (c.entry_no, c.left_at, c.exit, c.paused_s, c.paused_since, c.took_s, c.net_s, c.response_s)
STOPPED = (c.first_response_at, c.response_due_at, c.response_stopped_at, c.hold_due_at, c.hold_stopped_at)
FAULTS = (c.reopened, c.premature, c.rejected_disputes)


def began(db: Connection, scope: Scope, start: datetime, end: datetime) -> Iterator[tuple[Row, list[Count]]]:
    """The stays that were entered in a time, each with what it adds."""
    query = select(*WHERE, *COURSE, *STOPPED, *FAULTS, _before(scope).label("before"))
    for row in _counted(db, scope, query.where(c.entered_at >= start, c.entered_at < end, or_(_mine(scope), c.void))):
        counts = void(row) if row["void"] else entered(row)
        if not row["void"] and row["before"] is not None:
            counts.append(_again(scope, row))
        yield row, counts


def came_that_morning(db: Connection, scope: Scope) -> Iterator[tuple[Row, Count]]:
    """The stays whose case had come on the first day of the period, but before the period began; each with the count to
    take away.
    """
    if scope.start is None or (begun := morning(scope.start)) == scope.start:
        return
    last = _before(scope)
    came = select(before.case_id).where(before.entered_at >= begun, before.entered_at < scope.start)
    query = select(*WHERE, last.label("before")).where(c.case_id.in_(came), last >= begun, last < scope.start)
    for row in _counted(db, scope, query.where(c.entered_at >= scope.start, c.entered_at < scope.end, _mine(scope))):
        yield row, _again(scope, row)


def _again(scope: Scope, row: Row) -> Count:
    return on_day(AGAIN_IN_TIER if scope.by_tier else AGAIN, row["before"])


def went_by(db: Connection, scope: Scope, start: datetime, end: datetime) -> Iterator[tuple[Row, datetime, list[str]]]:
    """The clocks that fell due in a time: the row, the last instant in time, and what it counts for."""
    for column, told in CLOCKS.items():
        due = c[column]
        query = select(*WHERE, *STOPPED, *FAULTS).where(due > start, due <= end, ~c.void, _mine(scope))
        for row in _counted(db, scope, query):
            yield row, just_before(row[column]), told(row)


def still_open(db: Connection, scope: Scope) -> Iterator[Row]:
    """The stays entered in the period that still go on."""
    query = select(c.case_id, *WHERE, *COURSE, *STOPPED).where(c.left_at.is_(None), ~c.void, _mine(scope))
    begun = true() if scope.start is None else c.entered_at >= scope.start
    return _counted(db, scope, query.where(begun, c.entered_at < scope.end))


def _counted(db: Connection, scope: Scope, query: Select[Any]) -> Iterator[Row]:
    same = c.kind == scope.asked.kind if scope.asked.kind else true()
    found = map(dict, db.execute(query.where(same)).mappings())
    return (row for row in found if scope.counts(row))


def _mine(scope: Scope) -> ColumnElement[bool]:
    """The condition on stays that are not void; void ones are chosen by the unit they are charged to."""
    tier = true() if scope.asked.tier is None else c.tier == scope.asked.tier
    if scope.towns is not None:
        return and_(tier, c.town.in_(scope.towns))
    return tier if scope.inside is None else and_(tier, c.unit.in_(sorted(scope.inside)))


def _before(scope: Scope) -> ColumnElement[Any]:
    """When the case had last entered the same place before; NULL if it had not."""
    same = [before.case_id == c.case_id, before.stay < c.stay, ~before.void]
    if scope.by_unit:
        same.append(before.unit == c.unit)
    elif scope.by_town:
        same.append(func.coalesce(before.town, "") == func.coalesce(c.town, ""))
    if scope.by_tier:
        same.append(before.tier == c.tier)
    last = select(func.max(before.entered_at, type_=Instant)).where(and_(*same)).correlate(held).scalar_subquery()
    return case((or_(c.stay == 0, c.void), null()), else_=last)
