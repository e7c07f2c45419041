"""Counts of the queues: how many cases wait in each and how many are late, read from few rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, func, literal, select, union_all

from domain.decider import Act
from domain.org import Org, UnitKind
from projections.cases.guard import counts_for
from projections.cases.visibility import house
from projections.following.bulk import Key, add, counters
from projections.following.days import day_of, morning, spans_before, spans_of
from projections.following.schema import Deadline, text

queue_load = counters("queue_load", Column("queue", text(64)), Column("due_at", Deadline), Column("guard", text(1000)))
"""How many cases of a queue are due at each instant."""

queue_load_span = counters(
    "queue_load_span", Column("queue", text(64)), Column("span", text(12)), Column("guard", text(1000))
)
"""The same by month and by day, and for cases that are never due."""

NEVER_DUE = "n:"


def add_load(db: Connection, load: Mapping[Key, int]) -> None:
    """Add to how many are due in a queue at an instant, up or down."""
    sums: Counter[Key] = Counter()
    for (queue, due_at, guard), n in load.items():
        for span in spans_of(due_at) if due_at else (NEVER_DUE,):
            sums[queue, span, guard] += n
    add(db, queue_load, load)
    add(db, queue_load_span, sums)


@dataclass(frozen=True, kw_only=True)
class Counts:
    open: int
    due_soon: int
    overdue: int


def queues_of(org: Org, units: Collection[str]) -> set[str]:
    """The queues a unit works off: an office those of its town, every unit also those of units merged into it."""
    houses = {one for unit in units for one in house(org, unit)}
    return {unit for unit in houses if (known := org.unit(unit)) is None or known.kind is not UnitKind.OFFICE}


def counts(db: Connection, act: Act, units: Collection[str], soon: datetime) -> Counts:
    """How many wait for these units; how many of them are late, and how many will be by that instant.

    Those due in earlier months and days are counted by these, and only those of the day itself by the instant.
    """
    here, counted = sorted(queues_of(act.org, units)), counts_for(act)
    sums: Counter[str] = Counter()
    parts = [_sum("open", here, queue_load_span, queue_load_span.c.span >= "m:")]
    for name, until in (("late", act.at), ("soon", soon)):
        due_at, span = queue_load.c.due_at, queue_load_span.c.span
        parts.append(_sum(name, here, queue_load, due_at >= morning(until), due_at <= until))
        for first, last in spans_before(day_of(until)):
            parts.append(_sum(name, here, queue_load_span, span >= first, span < last))
    for name, guard, n in db.execute(union_all(*parts)):
        sums[name] += int(n) if counted(guard) else 0
    return Counts(open=sums["open"], due_soon=sums["soon"] - sums["late"], overdue=sums["late"])


def _sum(name: str, here: Collection[str], table: Table, *due: ColumnElement[bool]) -> Select[Any]:
    """How much waits under each guard."""
    c = table.c
    return select(literal(name), c.guard, func.sum(c.n)).where(c.queue.in_(here), *due).group_by(c.guard)
