"""Digests of queues and banks, kept by name and guard: they show that one has changed without reading its rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, func, select

from projections.banks.standing import bank_due, bank_due_span, bank_entry, bank_record, bank_status
from projections.cases.case_file import case_file, case_subject
from projections.cases.guard import guard
from projections.following.days import day_of, morning, spans_before
from projections.queues.town_queue import waiting

Digests = Mapping[str, Mapping[str, Hashable]]
"""For each name and each guard a hash that differs when anything under it does. It means nothing to another process."""


def queues(db: Connection, names: Collection[str], now: datetime) -> Digests:
    """Which versions of which cases wait in these queues, and which of them are late by now."""
    columns = (case_file.c.case_id, case_file.c.version, waiting.c.due_at <= now, waiting.c.queue)
    query = select(*columns, case_file.c.guarded, case_file.c.sealed).join(
        case_file, case_file.c.case_id == waiting.c.case_id
    )
    rows = db.execute(query.where(waiting.c.queue.in_(names))).all()
    about = _subjects(db, {row.case_id for row in rows if row.guarded})
    digests: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        under = guard(row.sealed, about[row.case_id]) if row.guarded else ""
        digests[row.queue][under] = digests[row.queue].get(under, 0) ^ hash(row[:3])
    return digests


def banks(db: Connection, names: Collection[str], now: datetime) -> Digests:
    """How many there are of each status, ever were, came in on each day, and are late by now."""
    digests: dict[str, dict[str, int]] = defaultdict(dict)

    def count(table: Table, *key: str, late: Sequence[ColumnElement[bool]] = ()) -> None:
        columns = [table.c[name] for name in ("place", "guard", "tier", *key)]
        sums = select(*columns, func.sum(table.c.n)).where(table.c.place.in_(names)).group_by(*columns)
        for place, under, *sum_of in db.execute(sums.where(*late)):
            digests[place][under] = digests[place].get(under, 0) ^ hash((table.name, *sum_of))

    count(bank_status, "status")
    count(bank_record)
    count(bank_entry, "day")
    for first, last in spans_before(day_of(now)):
        count(bank_due_span, late=[bank_due_span.c.span >= first, bank_due_span.c.span < last])
    count(bank_due, late=[bank_due.c.due_at >= morning(now), bank_due.c.due_at <= now])
    return digests


def _subjects(db: Connection, cases: Collection[str]) -> Mapping[str, list[str]]:
    """Whom each of these cases is about."""
    about: dict[str, list[str]] = defaultdict(list)
    if cases:
        c = case_subject.c
        for row in db.execute(select(c.case_id, c.official).where(c.case_id.in_(cases))):
            about[row.case_id].append(row.official)
    return about
