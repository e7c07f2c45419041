"""A queue as it stood at an earlier instant: what still waits there unmoved, and what waited there then."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from domain.case.terms import Grade, Kind, Status
from domain.decider import Act
from domain.org import Tier
from projections.cases.case_file import case_file
from projections.cases.case_file import row as case_file_row
from projections.cases.then import Then
from projections.cases.visibility import each_visible_to
from projections.cases.waits import Why
from projections.following.pages import Page, cursor, key_of
from projections.following.schema import NEVER, to_microseconds
from projections.queues.load import Counts, queues_of
from projections.queues.town_queue import KINDS, Waiting, rows, waiting

Key = tuple[int, str, int, str]


def page_then(
    db: Connection, act: Act, units: Collection[str], then: Then, soon: datetime, limit: int, after: str | None
) -> tuple[Page[Waiting], Counts]:
    """What waited for these units, of what the reader may see today, and how much there was of it."""
    found = sorted(_waited(db, act, queues_of(act.org, units), then), key=_key)
    late = sum(one.due_at is not None and one.due_at <= then.at for one in found)
    pressing = sum(one.due_at is not None and one.due_at <= soon for one in found)
    counts = Counts(open=len(found), due_soon=pressing - late, overdue=late)
    ordered = f"queue at {to_microseconds(then.at)}"
    last = key_of(ordered, KINDS, after) if after is not None else None
    rest = [one for one in found if last is None or _key(one) > tuple(last)]
    following = cursor(ordered, _key(rest[limit - 1])) if len(rest) > limit else None
    return Page(items=rest[:limit], next=following), counts


def _waited(db: Connection, act: Act, queues: set[str], then: Then) -> list[Waiting]:
    """Each case once, for the reason that came first."""
    c = case_file.c
    unmoved = (
        select(*waiting.c, *(c[name] for name in SHOWN))
        .join(case_file, c.case_id == waiting.c.case_id)
        .where(waiting.c.queue.in_(sorted(queues)), then.unmoved, each_visible_to(act))
    )
    found = [_waiting(row._mapping) for row in db.execute(unmoved)]
    moved = {one.then.id: one.then for one in then.moved if not queues.isdisjoint(rows(one.then))}
    visible = select(c.case_id).where(c.case_id.in_(moved), each_visible_to(act))
    for case_id in db.scalars(visible) if moved else ():
        shown = case_file_row(moved[case_id], 0)
        found += [_waiting({**shown, **row}) for queue, row in rows(moved[case_id]).items() if queue in queues]
    first: dict[str, Waiting] = {}
    for one in sorted(found, key=_key):
        first.setdefault(one.id, one)
    return list(first.values())


SHOWN = ("number", "version", "title", "village", "kind", "status", "tier")


def _waiting(row: Mapping[Any, Any]) -> Waiting:
    return Waiting(
        id=row["case_id"],
        number=row["number"],
        version=row["version"],
        title=row["title"],
        village=row["village"],
        kind=Kind(row["kind"]),
        grade=Grade(row["grade"]),
        status=Status(row["status"]),
        tier=Tier(row["tier"]) if row["tier"] else None,
        why=Why(row["why"]),
        due_at=row["due_at"],
        reported_at=row["reported_at"],
    )


def _key(one: Waiting) -> Key:
    due = to_microseconds(one.due_at) if one.due_at else NEVER
    return due, one.grade, to_microseconds(one.reported_at), one.id
