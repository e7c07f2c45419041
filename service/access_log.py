"""The access log: who asked for which case and what came of it. A log of its own, chained, and never the case log's.

To whom a case is denied it does not exist, so a denied read and a read of something missing are the same record: it
holds what was asked, not what there is. A record is on disk before the answer to what it records leaves.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy import Connection, Engine, func, insert, select

from service.clerk import Overloaded
from service.codec import hash_of
from service.database import writing
from service.orders import Unsettled
from service.tables import access_log

log = logging.getLogger("sanji.access")

RECORDING = 5_327_914_003
"""The advisory lock held while records are added, so that positions are dense and the chain has one end."""
WAITING = 2048
LONGEST = 64


class Outcome(StrEnum):
    SHOWN = "shown"
    NOT_FOUND = "not_found"
    """Denied or missing: nobody can tell from the log, either."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """One attempt: `action` is `read`, `history`, `version` or the verb of a command; `subject` the id as asked."""

    at: datetime
    by: str
    action: str
    subject: str
    outcome: Outcome


class Line(msgspec.Struct, frozen=True):
    """What is stored of an access, in this order."""

    at: datetime
    by: str
    action: str
    subject: str
    outcome: Outcome
    previous: str


@dataclass(frozen=True, kw_only=True)
class Accessed:
    """An access on record: where it lies, its hash, and the hash of the one before it."""

    position: int
    at: datetime
    by: str
    action: str
    subject: str
    outcome: Outcome
    hash: str
    previous_hash: str


class AccessLog:
    """One thread writes: all records that wait while it is at the disk go there together the next time."""

    def __init__(self, engine: Engine) -> None:
        self.writer = writing(engine)
        self._waiting: deque[tuple[Access, Future[None]]] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="access")

    async def record(self, access: Access) -> None:
        """Put an access on record. Raises Unsettled when nobody can say whether it is: then nothing may be answered."""
        if len(self._waiting) >= WAITING:
            raise Overloaded
        recorded: Future[None] = Future()
        self._waiting.append((access, recorded))
        self._thread.submit(self._write)
        await asyncio.wrap_future(recorded)

    def close(self) -> None:
        """Write down what waits, then stop."""
        self._thread.shutdown(wait=True)

    def _write(self) -> None:
        batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
        awaited = [recorded for _, recorded in batch if recorded.set_running_or_notify_cancel()]
        failure: Exception | None = None
        try:
            if batch:
                self._append([access for access, _ in batch])
        except Exception as error:
            log.exception("%d accesses could not be recorded", len(batch))
            failure = Unsettled(str(error))
        for recorded in awaited:
            recorded.set_exception(failure) if failure else recorded.set_result(None)

    def _append(self, batch: Sequence[Access]) -> None:
        with self.writer.begin() as db:
            if db.dialect.name == "postgresql":
                db.execute(select(func.pg_advisory_xact_lock(RECORDING)))
            end, previous = _end(db)
            rows = []
            for position, access in enumerate(batch, end + 1):
                line = to_line(access, previous)
                state = msgspec.json.encode(line)
                previous = hash_of(state)
                rows.append({"position": position, "subject": line.subject, "state": state})
            db.execute(insert(access_log), rows)


def to_line(access: Access, previous: str) -> Line:
    return Line(
        at=access.at,
        by=access.by,
        action=access.action,
        subject=as_asked(access.subject),
        outcome=access.outcome,
        previous=previous,
    )


def as_asked(subject: str) -> str:
    """An id as somebody asked for it, whatever he wrote, shortened to what an id may be."""
    return "".join(one if one.isprintable() else "\ufffd" for one in subject[:LONGEST])


def accesses(db: Connection, after: int, limit: int, subject: str | None = None) -> list[Accessed]:
    """Records after a position, in order; all of them, or those of one subject."""
    c = access_log.c
    query = select(c.position, c.state).where(c.position > after).order_by(c.position).limit(limit)
    if subject is not None:
        query = query.where(c.subject == as_asked(subject))
    return [_accessed(position, state) for position, state in db.execute(query)]


def _accessed(position: int, state: bytes) -> Accessed:
    line = msgspec.json.decode(state, type=Line)
    return Accessed(
        position=position,
        at=line.at,
        by=line.by,
        action=line.action,
        subject=line.subject,
        outcome=line.outcome,
        hash=hash_of(state),
        previous_hash=line.previous,
    )


def _end(db: Connection) -> tuple[int, str]:
    """The last position and the hash of what lies there; 0 and nothing in an empty log."""
    c = access_log.c
    last = db.execute(select(c.position, c.state).order_by(c.position.desc()).limit(1)).first()
    return (last.position, hash_of(last.state)) if last else (0, "")
