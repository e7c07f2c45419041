"""The queues: which cases wait for which unit, the most pressing first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Row,
    String,
    Table,
    literal,
    select,
    tuple_,
    type_coerce,
    union_all,
)

from domain.case import Case
from domain.case.terms import Grade, Kind, Status
from domain.decider import Act
from domain.org import Tier
from projections.cases.case_file import case_file
from projections.cases.visibility import each_visible_to
from projections.cases.waits import Why, waits
from projections.following.bulk import Key, remove, upsert
from projections.following.changes import cases, guard_of
from projections.following.follower import Batch
from projections.following.pages import Page, cursor, key_of
from projections.following.schema import Deadline, Instant, metadata, text
from projections.queues.load import add_load, queue_load, queue_load_span, queues_of

waiting = Table(
    "waiting",
    metadata,
    Column("queue", text(64), primary_key=True),
    Column("case_id", text(64), primary_key=True),
    Column("why", text(24), nullable=False),
    Column("due_at", Deadline, nullable=False),
    Column("grade", text(4), nullable=False),
    Column("reported_at", Instant, nullable=False),
    Index("waiting_in_order", "queue", "due_at", "grade", "reported_at", "case_id"),
)


class TownQueue:
    name = "town_queue"
    version = 2
    tables: Sequence[Table] = (waiting, queue_load, queue_load_span)

    def fold(self, db: Connection, batch: Batch) -> None:
        written: list[dict[str, Any]] = []
        gone: list[Key] = []
        load: Counter[Key] = Counter()
        for change in cases(batch):
            old, new = rows(change.before), rows(change.after)
            written += [row for queue, row in new.items() if row != old.get(queue)]
            gone += [(queue, change.after.id) for queue in old.keys() - new.keys()]
            load.subtract((queue, row["due_at"], guard_of(change.before)) for queue, row in old.items())
            load.update((queue, row["due_at"], guard_of(change.after)) for queue, row in new.items())
        upsert(db, waiting, written)
        remove(db, waiting, gone)
        add_load(db, load)


def rows(case: Case) -> dict[str, dict[str, Any]]:
    return {
        queue: {
            "queue": queue,
            "case_id": case.id,
            "why": wait.why,
            "due_at": wait.due_at,
            "grade": case.grade,
            "reported_at": case.reported_at,
        }
        for queue, wait in waits(case).items()
    }


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A case in a queue: why it is here, and when whoever has this queue will be late."""

    id: str
    number: str
    version: int
    title: str
    village: str | None
    kind: Kind
    grade: Grade
    status: Status
    tier: Tier | None
    why: Why
    due_at: datetime | None
    reported_at: datetime


KEY = tuple(
    type_coerce(waiting.c[name], kind)
    for name, kind in (("due_at", BigInteger), ("grade", String), ("reported_at", BigInteger), ("case_id", String))
)
KINDS = (int, str, int, str)
SHOWN = tuple(
    case_file.c[name] for name in ("case_id", "number", "version", "title", "village", "kind", "status", "tier")
)
ORDERED = "queue"


def page(db: Connection, act: Act, units: Collection[str], limit: int = 50, after: str | None = None) -> Page[Waiting]:
    """What waits for these units and may be seen by the actor: by due instant, grade, report and id.

    As time is the same for all, that is the overdue first. Raises Invalid for a cursor of another list.
    """
    queues = queues_of(act.org, units)
    last = key_of(ORDERED, KINDS, after) if after is not None else None
    found: list[tuple[Row[Any], Row[Any]]] = []
    for row, shown in _seen(db, act, queues, last, limit + 1):
        found.append((row, shown))
        if len(found) > limit:
            end = found[limit - 1][0]
            following = cursor(ORDERED, (end.due_key, end.grade, end.reported_key, end.case_id))
            return Page(items=[_waiting(*pair) for pair in found[:limit]], next=following)
    return Page(items=[_waiting(*pair) for pair in found], next=None)


def _seen(
    db: Connection, act: Act, queues: Collection[str], last: Sequence[int | str] | None, size: int
) -> Iterator[tuple[Row[Any], Row[Any]]]:
    """The rows of these queues in order, each case once, with what the case file shows of it."""
    while rows := _next(db, queues, last, size):
        ids = [row.case_id for row in rows]
        first = _first(db, queues, ids) if len(queues) > 1 else {}
        query = select(*SHOWN).where(case_file.c.case_id.in_(ids), each_visible_to(act))
        shown = {row.case_id: row for row in db.execute(query)}
        for row in rows:
            if row.case_id in shown and row.queue == first.get(row.case_id, row.queue):
                yield row, shown[row.case_id]
        if len(rows) < size:
            return
        end = rows[-1]
        last = (end.due_key, end.grade, end.reported_key, end.case_id)


def _next(db: Connection, queues: Collection[str], last: Sequence[int | str] | None, size: int) -> Sequence[Row[Any]]:
    """So many rows after that place. Every queue is asked for itself, so that its index gives them in order."""
    columns = (waiting, KEY[0].label("due_key"), KEY[2].label("reported_key"))
    parts = []
    for queue in sorted(queues):
        query = select(*columns).where(waiting.c.queue == queue).order_by(*KEY).limit(size)
        if last is not None:
            query = query.where(tuple_(*KEY) > tuple_(*map(literal, last)))
        parts.append(query.subquery())
    if not parts:
        return ()
    if len(parts) == 1:
        return db.execute(query).all()
    both = union_all(*(select(part) for part in parts)).subquery()
    order = (both.c.due_key, both.c.grade, both.c.reported_key, both.c.case_id, both.c.queue)
    return db.execute(select(both).order_by(*order).limit(size)).all()


def _first(db: Connection, queues: Collection[str], ids: Sequence[str]) -> dict[str, str]:
    """In which of these queues each case comes first."""
    c = waiting.c
    query = select(c.case_id, c.queue).where(c.queue.in_(sorted(queues)), c.case_id.in_(ids))
    found: dict[str, str] = {}
    for case_id, queue in db.execute(query.order_by(*KEY, c.queue)):
        found.setdefault(case_id, queue)
    return found


def _waiting(row: Row[Any], shown: Row[Any]) -> Waiting:
    return Waiting(
        id=row.case_id,
        number=shown.number,
        version=shown.version,
        title=shown.title,
        village=shown.village,
        kind=Kind(shown.kind),
        grade=Grade(row.grade),
        status=Status(shown.status),
        tier=Tier(shown.tier) if shown.tier else None,
        why=Why(row.why),
        due_at=row.due_at,
        reported_at=row.reported_at,
    )
