"""Opens SQLite: its pragmas, the attached file of views, one writer at a time, and no file that was swapped meanwhile."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, text
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.pool import QueuePool

SQLITE_FULL = 2
PRAGMAS = ("foreign_keys=ON", "recursive_triggers=ON", "cache_size=-1000", "wal_autocheckpoint=8000")
"""`recursive_triggers`: to replace a line counts as deleting it, which the append-only triggers refuse. `cache_size`: 1
MB a connection, for the system caches the file once for all. `wal_autocheckpoint`: the write-ahead log is copied into
the file at 32 MB, so a page that changes often is copied once.
"""
NO_LOG = b"\1\1"
"""Bytes 18 and 19 of an SQLite file that is not in WAL mode."""
WRITING = "sanji_writing"
VIEWS = "views"
"""The name under which SQLite has the file of the read models attached: those who write views and the log never wait
for each other.
"""
BEGINNINGS = {
    "log": ("BEGIN DEFERRED", "UPDATE main.log_head SET position = position WHERE 0"),
    VIEWS: (
        f"PRAGMA {VIEWS}.cache_size=-32000",
        "BEGIN DEFERRED",
        f"UPDATE {VIEWS}.projection_progress SET position = position WHERE 0",
    ),
    "building": ("PRAGMA main.cache_size=-128000", "BEGIN IMMEDIATE"),
    "tables": ("BEGIN IMMEDIATE",),
}
"""How a transaction of each kind begins on SQLite: it takes the write lock of its own file, and of no other, before it
reads.

Whoever writes views touches pages all over them, and has a cache for a batch of them: 32 MB, or 128 MB to build all.
"""
TURN = 10.0
"""Seconds a writer waits for the other writers of its process; after that it waits at the lock of SQLite itself."""

TO_DO = "put that one back, or stop the service, delete {0}-wal and {0}-shm, and start it"
"""For the operator, when a file was replaced while the service ran: its `-wal` belongs to the file before it."""


SPOILT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def spoilt(error: BaseException | None) -> bool:
    """Whether SQLite found the file damaged, or found no database in it."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in SPOILT


class Mixed(Exception):
    """A copy was put beside the `-wal` of the database before it. SQLite would read both as one, without an error."""


def opened(url: URL, pool: int, views: bool) -> Engine:
    must_lie_alone(Path(str(url.database)).absolute())
    synchronous = url.query.get("synchronous", "FULL")
    url = url.difference_update_query(["synchronous"])
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=pool,
        pool_use_lifo=True,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": 10},
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", *PRAGMAS):
            connection.execute(f"PRAGMA {pragma}").close()
        if not views:
            return
        connection.execute(f"ATTACH DATABASE ? AS {VIEWS}", (f"{url.database}-{VIEWS}",)).close()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {VIEWS}.{pragma}").close()
        # what is deleted beside the log, such as a file that was imported, is overwritten
        connection.execute("PRAGMA main.secure_delete=ON").close()

    event.listen(engine, "handle_error", _as_no_answer)
    _take_turns(engine)
    beside = [Path(f"{url.database}-{VIEWS}")] if views else []
    _stay_with(engine, [Path(str(url.database)), *beside])
    return engine


def _as_no_answer(failure: ExceptionContext) -> exc.OperationalError | None:
    """A damaged file counts as a database that does not answer: neither the request nor the event being folded is at
    fault.
    """
    error = failure.original_exception
    return exc.OperationalError(failure.statement, None, error) if spoilt(error) else None


def _stay_with(engine: Engine, files: Sequence[Path]) -> None:
    """Refuses every connection once one of these files was replaced, or cannot be written to.

    What is written to a replaced file is lost with it, and the new one must not be read with the `-wal` of the old. A
    connection opened while a file is read-only could not write later either, when others can again.
    """
    opened: list[tuple[int, int]] = []

    def must_lie_there(*_: Any) -> None:
        for file, before in zip(files, opened, strict=False):
            if _which(file) != before:
                message = f"{file} is not the file that was opened: {TO_DO.format(file)}"
                raise exc.OperationalError("", None, sqlite3.OperationalError(message))

    @event.listens_for(engine, "do_connect")
    def must_be_writable(*_: Any) -> None:
        for file in files:
            if file.exists() and not os.access(file, os.W_OK):
                raise exc.OperationalError("", None, sqlite3.OperationalError(f"{file} cannot be written to"))

    @event.listens_for(engine, "connect")
    def on_connect(*_: Any) -> None:
        opened.extend(map(_which, files[len(opened) :]))

    event.listen(engine, "do_connect", must_lie_there)
    event.listen(engine, "checkout", must_lie_there)


def _which(file: Path) -> tuple[int, int]:
    """The device and the inode of a file; (0, 0) where there is none."""
    try:
        found = os.stat(file)
    except FileNotFoundError:
        return 0, 0
    return found.st_dev, found.st_ino


def _take_turns(engine: Engine) -> None:
    """Writers of one process queue at a lock of ours. SQLite polls its own: they would sleep, and look again."""
    turns = {what: Lock() for what in BEGINNINGS}

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        what = connection.get_execution_options().get(WRITING)
        if what is None:
            connection.exec_driver_sql("BEGIN DEFERRED")
            return
        if turns[what].acquire(timeout=TURN):
            connection.info[WRITING] = turns[what]
        try:
            for statement in BEGINNINGS[what]:
                connection.exec_driver_sql(statement)
        except BaseException:
            on_end(connection)
            raise

    @event.listens_for(engine, "commit")
    @event.listens_for(engine, "rollback")
    def on_end(connection: Connection) -> None:
        # of one that Ctrl-C broke off nothing can be asked
        if not connection.invalidated and (turn := connection.info.pop(WRITING, None)):
            turn.release()


def opened_to_read(file: Path) -> Engine:
    """An engine that only reads this file. Raises Mixed."""
    must_lie_alone(file)
    return create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True), hide_parameters=True
    )


@cache
def must_lie_alone(file: Path) -> None:
    """Raises Mixed where a copy lies beside the `-wal` of another database: `VACUUM INTO` makes one that is not in WAL
    mode.

    Looked at once in a process, before the database is opened: to close a file drops all locks that the process has on
    it, those of SQLite too.
    """
    beside = Path(f"{file}-wal")
    if not (file.exists() and beside.exists() and beside.stat().st_size):
        return
    with file.open("rb") as begins:
        if begins.read(20)[18:] == NO_LOG:
            raise Mixed(
                f"{file} is a copy, and {beside.name} is of the file before it: put that and {file.name}-shm away"
            )


def weakness(db: Connection) -> str | None:
    """How a commit could be lost by these settings; None if it cannot."""
    synchronous = db.scalar(text("PRAGMA synchronous"))
    if synchronous is None or synchronous < SQLITE_FULL:
        return "SQLite runs below synchronous=FULL: a power cut would lose acknowledged reports"
    return None
