"""The queues: which cases wait for which unit, the most pressing first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import itemgetter
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
from projections.cases.guard import guard_of
from projections.cases.then import Recall
from projections.cases.visibility import each_visible_to
from projections.cases.waits import Why, waits
from projections.following.bulk import Key, chunks, remove, upsert
from projections.following.pages import MOST, ListCursor, Page, SortKey, cursor, not_too_many, paged, read_cursor
from projections.following.projection import Batch, position_of
from projections.following.schema import NEVER, Deadline, Instant, metadata, text, to_microseconds
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
    version = 5
    tables: Sequence[Table] = (waiting, queue_load, queue_load_span)

    def fold(self, db: Connection, batch: Batch) -> None:
        written: list[dict[str, Any]] = []
        gone: list[Key] = []
        load: Counter[Key] = Counter()
        for change in batch.changes(Case):
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


def page(
    db: Connection, act: Act, units: Collection[str], limit: int = 50, after: str | None = None, *, recall: Recall
) -> Page[Waiting]:
    """What waits for these units and may be seen by the actor: by due instant, grade, report and id.

    As time is the same for all, that is the overdue first. What has moved since the first page keeps the place it had.
    Raises Invalid for a cursor of another list.
    """
    queues, before = queues_of(act.org, units), read_cursor(ORDERED, KINDS, after)
    seen = _seen(db, act, queues, before, limit + 1)
    found = [
        (place_of(row._mapping), waiting_as({**shown._mapping, **row._mapping}))
        for row, shown in islice(seen, limit + 1)
    ]
    if before is not None:
        moved = _moved(db, act, queues, before, recall)
        found = sorted([*found, *((place, one) for place, one in moved if place > before.last)], key=itemgetter(0))
    position = before.position if before else position_of(db, TownQueue.name)
    return paged(found, limit, itemgetter(1), lambda last: cursor(ORDERED, (*last[0], position)))


def _moved(
    db: Connection, act: Act, queues: Collection[str], before: ListCursor, recall: Recall
) -> Iterator[tuple[SortKey, Waiting]]:
    """What has moved since the first page, in the place it had then, without what did not wait there."""
    c = case_file.c
    query = (
        select(*SHOWN, *(one for one in waiting.c if one.name != "case_id"))
        .join(waiting, waiting.c.case_id == c.case_id)
        .where(c.position > before.position, waiting.c.queue.in_(sorted(queues)), each_visible_to(act))
    )
    rows_now = not_too_many(db.execute(query.limit(MOST + 1)).mappings().all())
    now = {row["case_id"]: row for row in sorted(rows_now, key=lambda row: (place_of(row), row["queue"]), reverse=True)}
    for some in chunks(now):
        for id, case in recall(some, before.position, None).items():
            if places := [place_of(row) for queue, row in rows(case).items() if queue in queues]:
                yield min(places), waiting_as(now[id])


def _seen(
    db: Connection, act: Act, queues: Collection[str], before: ListCursor | None, size: int
) -> Iterator[tuple[Row[Any], Row[Any]]]:
    """The rows of these queues in order, each case once, with what the case file shows of it."""
    c, last = case_file.c, before.last if before else None
    unmoved = [c.position <= before.position] if before else []
    while rows := _next(db, queues, last, size):
        ids = [row.case_id for row in rows]
        first = _first(db, queues, ids) if len(queues) > 1 else {}
        query = select(*SHOWN).where(c.case_id.in_(ids), *unmoved, each_visible_to(act))
        shown = {row.case_id: row for row in db.execute(query)}
        for row in rows:
            if row.case_id in shown and row.queue == first.get(row.case_id, row.queue):
                yield row, shown[row.case_id]
        if len(rows) < size:
            return
        end = rows[-1]
        last = (end.due_key, end.grade, end.reported_key, end.case_id)


def _next(db: Connection, queues: Collection[str], last: Sequence[int | str] | None, size: int) -> Sequence[Row[Any]]:
    """The next rows after a place. Each queue is queried by itself, so that its index gives them in order."""
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


def place_of(row: Mapping[Any, Any]) -> SortKey:
    """The place of a row of a queue."""
    due = to_microseconds(row["due_at"]) if row["due_at"] else NEVER
    return due, row["grade"], to_microseconds(row["reported_at"]), row["case_id"]


def waiting_as(row: Mapping[Any, Any]) -> Waiting:
    """A row of a queue together with that of the case file."""
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
