"""The queues: which cases wait for which unit, the most pressing first, and how many they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, Index, Table

from domain.case import Case
from projections.bulk import add, counters, remove, upsert
from projections.changes import changes, guard_of
from projections.follower import Step
from projections.schema import Deadline, Instant, metadata, text
from projections.waits import waits

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

queue_load = counters("queue_load", Column("queue", text(64)), Column("due_at", Deadline), Column("guard", text(1000)))


class TownQueue:
    name = "town_queue"
    version = 1
    tables: Sequence[Table] = (waiting, queue_load)

    def fold(self, db: Connection, steps: Sequence[Step]) -> None:
        written: list[dict[str, Any]] = []
        gone: list[tuple[str, str]] = []
        load: Counter[tuple[Any, ...]] = Counter()
        for change in changes(steps):
            old, new = rows(change.before), rows(change.after)
            written += [row for queue, row in new.items() if row != old.get(queue)]
            gone += [(queue, change.after.id) for queue in old.keys() - new.keys()]
            load.subtract((queue, row["due_at"], guard_of(change.before)) for queue, row in old.items())
            load.update((queue, row["due_at"], guard_of(change.after)) for queue, row in new.items())
        upsert(db, waiting, written)
        remove(db, waiting, gone)
        add(db, queue_load, load)


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
