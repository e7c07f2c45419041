"""The log: one table of events with dense positions, on SQLite and PostgreSQL alike.

Writers take one lock, the row that holds the last position, so that commit order is position order and a reader who
tails the log can never skip an event.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    OperationalError,
    StoredEvent,
    Subscription,
)
from sqlalchemy import (
    Connection,
    Engine,
    Select,
    and_,
    bindparam,
    exc,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.event import listen

from service.record.codec import to_line
from service.record.stamps import Stamp
from service.storage.bell import Bell
from service.storage.database import OUT_OF_REACH, writing
from service.storage.findable import Findable, store_findable
from service.storage.rows import insert_rows
from service.storage.tables import events, head

CHANNEL = "sanji_log"
_NOTIFY = select(func.pg_notify(CHANNEL, bindparam("position")))
_MOVE_ON = update(head).values(position=head.c.position + bindparam("advance")).returning(head.c.position)
NOTHING = (None, None)

AT_ONCE = f"""
WITH moved AS (
    UPDATE log_head SET position = position + %(n)s RETURNING position
), found AS (
    INSERT INTO person_index (token, person, place)
    SELECT * FROM unnest(%(tokens)b::text[], %(found)b::text[], %(places)b::text[])
), written AS (
    INSERT INTO events (position, stream, version, topic, state, command, fingerprint, stamp)
    SELECT moved.position - %(n)s + line.number, stream, version, topic, state, command, fingerprint, stamp
    FROM moved, unnest(
        %(streams)b::text[], %(versions)b::int[], %(topics)b::text[], %(states)b::bytea[],
        %(commands)b::text[], %(fingerprints)b::text[], %(stamps)b::bytea[]
    ) WITH ORDINALITY AS line (stream, version, topic, state, command, fingerprint, stamp, number)
    RETURNING position
)
SELECT max(position), pg_notify('{CHANNEL}', max(position)::text) FROM written
"""


@dataclass(frozen=True)
class Known:
    """A command that is in the log already: its stream, the version of its first event there, and its fingerprint."""

    stream: str
    version: int
    fingerprint: str


class Recorder(ApplicationRecorder):
    """The library's recorder interface on SQLAlchemy Core, with idempotency keys beside the events they caused.

    Who writes needs the stamp; who only reads does not.
    """

    def __init__(self, engine: Engine, bell: Bell | None = None, stamp: Stamp | None = None) -> None:
        self.engine = engine
        self.stamp = stamp
        self.writer = writing(engine)
        self.autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
        self.bell = bell or Bell()
        self.reached = 0
        """How often the database was connected to anew: each time it may be another one, such as a replica that lacks
        the last events.
        """
        listen(engine, "connect", self._reach)

    def _reach(self, *_: object) -> None:
        self.reached += 1

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        commands: Mapping[int, tuple[str, str]] | None = None,
        db: Connection | None = None,
        **_: Any,
    ) -> Sequence[int]:
        """Append events; answers their positions. `commands` maps an index to (command id, fingerprint).

        Raises IntegrityError when a stream has moved on or a command is known; OperationalError when nobody can
        say whether it was stored.
        """
        if db is not None:
            return self._insert(db, stored_events, commands or {})
        with self.transaction() as own:
            return self._insert(own, stored_events, commands or {})

    def _insert(
        self, db: Connection, stored: Sequence[StoredEvent], commands: Mapping[int, tuple[str, str]]
    ) -> Sequence[int]:
        last = self.lock(db, len(stored))
        first = last - len(stored) + 1
        rows = []
        for index, event in enumerate(stored):
            command = commands.get(index, NOTHING)
            line = event.originator_id, event.originator_version, event.topic, event.state
            rows.append((first + index, *line, *command, self._stamped(event, *command)))
        insert_rows(db, events, rows)
        if db.dialect.name == "postgresql":
            db.execute(_NOTIFY, {"position": str(last)})
        return range(first, last + 1)

    def append(
        self,
        stored: Sequence[StoredEvent],
        commands: Mapping[int, tuple[str, str]],
        found: Sequence[Findable] = (),
        since: int | None = None,
    ) -> Sequence[int]:
        """Append events, and who can be found by them, in one transaction of their own; answers the positions.

        Raises IntegrityError where the database was reached anew since that time.

        On PostgreSQL that is one round trip: each one more costs a thread a hand-over of the interpreter lock. The
        arrays go in binary (`%(...)b`), at a fifth of the cost of text.
        """
        if self.engine.dialect.name != "postgresql":
            with self.transaction() as db:
                self._must_be_the_same(since)
                store_findable(db, found)
                return self._insert(db, stored, commands)
        with self.at_once() as db:
            self._must_be_the_same(since)
            ids, marks = zip(*(commands.get(index, NOTHING) for index in range(len(stored))), strict=True)
            values = {
                "n": len(stored),
                "streams": [event.originator_id for event in stored],
                "versions": [event.originator_version for event in stored],
                "topics": [event.topic for event in stored],
                "states": [event.state for event in stored],
                "commands": list(ids),
                "fingerprints": list(marks),
                "stamps": list(map(self._stamped, stored, ids, marks)),
                "tokens": [token for one in found for token in one.tokens],
                "found": [one.person for one in found for _ in one.tokens],
                "places": [one.place for one in found for _ in one.tokens],
            }
            last: int = db.exec_driver_sql(AT_ONCE, values).scalar_one()
        return range(last - len(stored) + 1, last + 1)

    def _must_be_the_same(self, since: int | None) -> None:
        if since not in (None, self.reached):
            raise IntegrityError("the database was reached anew")

    def _stamped(self, event: StoredEvent, command: str | None, fingerprint: str | None) -> bytes | None:
        return self.stamp.on(event.state, command, fingerprint) if self.stamp else None

    def lock(self, db: Connection, advance: int = 0) -> int:
        """Take the one write lock until the transaction ends; answers the last position, moved on by `advance`."""
        last: int = db.execute(_MOVE_ON, {"advance": advance}).scalar_one()
        return last

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A writing transaction."""
        with _as_errors_of_the_library(), self.writer.begin() as db:
            yield db

    @contextmanager
    def reading(self, db: Connection | None = None) -> Iterator[Connection]:
        """A connection to read on: this one, or a new one. Raises OperationalError when the database is out of reach."""
        if db is not None:
            yield db
            return
        try:
            with self.engine.connect() as own:
                yield own
        except OUT_OF_REACH as error:
            raise OperationalError(str(error)) from error

    @contextmanager
    def at_once(self) -> Iterator[Connection]:
        """A connection on which each statement is a transaction."""
        with _as_errors_of_the_library(), self.autocommit.connect() as db:
            yield db

    def select_events(
        self,
        originator_id: Any,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        c = events.c
        query = select(c.stream, c.version, c.topic, c.state).where(c.stream == originator_id)
        if gt is not None:
            query = query.where(c.version > gt)
        if lte is not None:
            query = query.where(c.version <= lte)
        query = query.order_by(c.version.desc() if desc else c.version).limit(limit)
        with self.reading() as db:
            return [StoredEvent(*row) for row in db.execute(query)]

    def select_streams(
        self, streams: Iterable[str], *, upto: int | None = None, db: Connection | None = None
    ) -> dict[str, list[bytes]]:
        """The stored lines of several streams, each in order, up to a position."""
        query = select(events.c.stream, events.c.state).where(events.c.stream.in_(list(streams)))
        if upto is not None:
            query = query.where(events.c.position <= upto)
        return self._by_stream(query, db)

    def newer(self, versions: Mapping[str, int]) -> dict[str, list[bytes]]:
        """The stored lines of several streams after a version of each, in order."""
        c = events.c
        after = or_(*(and_(c.stream == stream, c.version > version) for stream, version in versions.items()))
        return self._by_stream(select(c.stream, c.state).where(after))

    def _by_stream(self, query: Select[str, bytes], db: Connection | None = None) -> dict[str, list[bytes]]:
        found: dict[str, list[bytes]] = defaultdict(list)
        with self.reading(db) as on:
            for stream, state in on.execute(query.order_by(events.c.stream, events.c.version)):
                found[stream].append(state)
        return found

    def positions(self, stream: str) -> list[int]:
        """The positions of a stream's events, in the order of their versions."""
        query = select(events.c.position).where(events.c.stream == stream).order_by(events.c.version)
        with self.reading() as db:
            return list(db.scalars(query))

    def select_commands(self, commands: Sequence[str], *, db: Connection | None = None) -> dict[str, Known]:
        """Which of these commands are in the log already."""
        c = events.c
        query = select(c.command, c.stream, c.version, c.fingerprint).where(c.command.in_(commands))
        with self.reading(db) as on:
            return {command: Known(stream, version, mark) for command, stream, version, mark in on.execute(query)}

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        c = events.c
        query = select(c.position, c.stream, c.version, c.topic, c.state).order_by(c.position).limit(limit)
        if start is not None:
            query = query.where(c.position >= start if inclusive_of_start else c.position > start)
        if stop is not None:
            query = query.where(c.position <= stop)
        if topics:
            query = query.where(c.topic.in_(topics))
        return self._lines(query)

    def at(self, positions: Sequence[int]) -> Sequence[Notification]:
        """The stored lines at these positions, in order."""
        c = events.c
        query = select(c.position, c.stream, c.version, c.topic, c.state).order_by(c.position)
        query = query.where(c.position.in_(positions))
        return self._lines(query)

    def _lines(self, query: Select[int, str, int, str, bytes]) -> Sequence[Notification]:
        with self.reading() as db:
            return [
                Notification(id=position, originator_id=stream, originator_version=version, topic=topic, state=state)
                for position, stream, version, topic, state in db.execute(query)
            ]

    def last(self, db: Connection) -> int:
        """The last position; 0 in an empty log."""
        return db.scalar(select(func.max(events.c.position))) or 0

    def max_notification_id(self) -> int | None:
        with self.reading() as db:
            return self.last(db) or None

    def last_instant(self) -> datetime | None:
        """When the last event was recorded; None in an empty log."""
        last = self.max_notification_id()
        return to_line(self.select_notifications(last, 1)[0].state).recorded_at if last else None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Every event after `gt`, the recorded ones and then each new one, until stopped."""
        return Tail(self, gt, topics)


class Tail(Subscription[Recorder]):
    """Reads on, and waits for the bell at the end of the log."""

    def __init__(self, recorder: Recorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt, topics)
        self._read: Iterator[Notification] = iter(())

    def __next__(self) -> Notification:
        while not self._has_been_stopped:
            if (notification := next(self._read, None)) is not None:
                self._last_notification_id = notification.id
                return notification
            heard = self._recorder.bell.heard
            page = self._recorder.select_notifications(
                self._last_notification_id or 0, 500, topics=self._topics, inclusive_of_start=False
            )
            self._read = iter(page)
            if not page:
                self._recorder.bell.wait(heard)
        raise StopIteration


@contextmanager
def _as_errors_of_the_library() -> Iterator[None]:
    """Raises the errors of SQLAlchemy as those that the `eventsourcing` library names."""
    try:
        yield
    except exc.IntegrityError as error:
        raise IntegrityError("a stream moved on, or a command is known") from error
    except exc.DBAPIError as error:
        raise OperationalError(str(error.orig)) from error
