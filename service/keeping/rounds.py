"""What the keeper tells the other processes: when it last came round, and which deadlines are stuck."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from time import monotonic

from sqlalchemy import Connection, Engine, delete, func, select

from projections.following.bulk import upsert
from projections.following.schema import keeper, stuck_deadlines
from service.record.recorder import Recorder
from service.storage.database import writing
from service.storage.sqlite import VIEWS

EVERY = 10.0
"""Seconds between two times that it is written down, unless a deadline is stuck that was not."""


class Rounds:
    """Written with the views, after the log was written to: where either cannot be, as on a full disk, a keeper is missed."""

    def __init__(self, engine: Engine, recorder: Recorder) -> None:
        self._writer = writing(engine, VIEWS)
        self._recorder = recorder
        self._told: frozenset[str] = frozenset()
        self._since = -EVERY

    def done(self, stuck: Collection[str]) -> None:
        """What there was to keep is kept, but for the deadlines of these streams."""
        if self._told == stuck and monotonic() - self._since < EVERY:
            return
        with self._recorder.transaction() as db:
            self._recorder.lock(db)
        with self._writer.begin() as db:
            upsert(db, keeper, [{"id": 1, "at": datetime.now(UTC)}])
            db.execute(delete(stuck_deadlines))
            upsert(db, stuck_deadlines, [{"stream": one} for one in stuck])
        self._told, self._since = frozenset(stuck), monotonic()


def last_round(db: Connection) -> datetime | None:
    """None before the first; a keeper of an older version writes nothing down."""
    return db.scalar(select(keeper.c.at))


def stuck_count(db: Connection) -> int:
    return db.scalar(select(func.count()).select_from(stuck_deadlines)) or 0
