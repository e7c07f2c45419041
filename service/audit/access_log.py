"""The access log: who asked for which case and what came of it. A log of its own, chained, and never the case log's.

To whom a case is denied it does not exist, so a denied read and a read of something missing are the same record: it
holds what was asked, not what there is. A record is on disk before the answer to what it records leaves.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from time import monotonic
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, insert, select

from service.record.clerk import Overloaded
from service.record.codec import hash_of
from service.record.orders import Unsettled
from service.record.stamps import Stamp
from service.storage.database import alone
from service.storage.tables import access_log

log = logging.getLogger("sanji.access")

RECORDING = 5_327_914_003
"""The advisory lock of PostgreSQL held while records are added, so that positions have no gaps and the chain has one
end.
"""
WAITING = 2048
LONGEST = 64
SAME_LOOK = 60.0
"""Seconds within which the same look at the same view is recorded once: pages draw themselves anew as things change."""


class Of(StrEnum):
    """What kind of thing was asked for."""

    CASE = "case"
    HOUSEHOLD = "household"
    TARGET = "target"
    PERSON = "person"
    VIEW = "view"
    """A list, a count, a stream or a file of many."""


class LookOutcome(StrEnum):
    SHOWN = "shown"
    NOT_PERMITTED = "not_permitted"
    """He may see the case, but not what he asked for."""
    NOT_FOUND = "not_found"
    """Denied or missing: nobody can tell from the log, either."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """One attempt: `action` is `read`, `history`, `version`, `attachment`, `view`, `export` or the verb of a command.

    `subject` is the id as asked, of a view its address; of an attachment that was shown, the case that quotes it, and
    `detail` its hash.
    `key` and `fingerprint` tell that the same thing was asked again.
    """

    at: datetime
    by: str
    action: str
    subject: str
    outcome: LookOutcome
    of: Of = Of.CASE
    purpose: str = ""
    detail: str = ""
    key: str | None = None
    fingerprint: str | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored of an access, in this order."""

    at: datetime
    by: str
    action: str
    subject: str
    detail: str = ""
    outcome: LookOutcome
    purpose: str = ""
    of: Of | None = None
    """None in the oldest records."""
    previous: str

    @property
    def about(self) -> Of:
        return self.of or next((of for begins, of in BEFORE.items() if self.action.startswith(begins)), Of.CASE)


as_line = msgspec.json.Decoder(Line).decode
"""What a stored record says; made before two threads could make it at the same time (see codec.py)."""

BEFORE = {"household:": Of.HOUSEHOLD, "target:": Of.TARGET, "persons": Of.PERSON, "export": Of.VIEW}
"""How the oldest records tell what they are about."""


class NotKept(Exception):
    """The database did not keep a record that it was given, as a trigger may have it. Then nothing is answered."""


class AccessLog:
    """One thread writes; records that come while it waits for the disk are written together the next time.

    `keep` is called with what was written and its first position before anything is answered: it keeps the hashes
    elsewhere.
    """

    def __init__(
        self, engine: Engine, stamp: Stamp | None = None, keep: Callable[[int, Sequence[bytes]], None] | None = None
    ) -> None:
        self.engine = engine
        self.stamp = stamp
        self.keep = keep
        self._waiting: deque[tuple[Access, Future[None]]] = deque()
        self._looks: dict[tuple[str, ...], float] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="access")

    async def record(self, access: Access) -> None:
        """Put an access on record. Raises Unsettled when nobody can say whether it is: then nothing may be answered."""
        if len(self._waiting) >= WAITING:
            raise Overloaded
        recorded: Future[None] = Future()
        self._waiting.append((access, recorded))
        self._thread.submit(self._write)
        await asyncio.wrap_future(recorded)

    async def look(self, access: Access) -> None:
        """Put a look at a view on record, if the same reader has not just looked at the same."""
        same, now = (access.by, access.subject, access.detail, access.purpose, access.outcome), monotonic()
        if self._looks.get(same, -SAME_LOOK) + SAME_LOOK > now:
            return
        await self.record(access)
        if len(self._looks) >= WAITING:
            self._looks.clear()
        self._looks[same] = now

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
        with alone(self.engine, RECORDING, "log") as db:
            end, previous = _end(db)
            rows = []
            for position, access in enumerate(batch, end + 1):
                line = to_line(access, previous)
                state = msgspec.json.encode(line)
                previous = hash_of(state)
                beside = {"command": access.key, "fingerprint": access.fingerprint}
                stamp = self.stamp.on(state, **beside) if self.stamp else None
                rows.append({"position": position, **found_by(line), **beside, "state": state, "stamp": stamp})
            db.execute(insert(access_log), rows)
            written = [row["state"] for row in rows]
            if _after(db, end) != written:
                raise NotKept(
                    f"the database did not keep {len(rows)} records after position {end}: look at its triggers"
                )
        if self.keep:
            self.keep(end + 1, written)


def to_line(access: Access, previous: str) -> Line:
    return Line(
        at=access.at,
        by=access.by,
        action=access.action,
        subject=as_asked(access.subject),
        detail=access.detail,
        outcome=access.outcome,
        purpose=access.purpose,
        of=access.of,
        previous=previous,
    )


def found_by(line: Line) -> dict[str, Any]:
    """The columns beside a line, by which it is found."""
    return {name: getattr(line, name) for name in ("subject", "by", "action", "outcome", "at")}


def as_asked(subject: str) -> str:
    """An id as somebody asked for it, whatever he wrote, shortened to what an id may be."""
    return "".join(one if one.isprintable() else "\ufffd" for one in subject[:LONGEST])


def fingerprint_of(db: Connection, key: str) -> str | None:
    """What was asked under this key before; None if nothing was."""
    c = access_log.c
    fingerprint: str | None = db.scalar(select(c.fingerprint).where(c.command == key).order_by(c.position).limit(1))
    return fingerprint


def _after(db: Connection, position: int) -> list[bytes]:
    c = access_log.c
    return [bytes(state) for state in db.scalars(select(c.state).where(c.position > position).order_by(c.position))]


def _end(db: Connection) -> tuple[int, str]:
    """The last position and the hash of what lies there; 0 and nothing in an empty log."""
    c = access_log.c
    last = db.execute(select(c.position, c.state).order_by(c.position.desc()).limit(1)).first()
    return (last.position, hash_of(last.state)) if last else (0, "")
