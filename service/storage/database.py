"""Opens the database, SQLite or PostgreSQL, and refuses settings under which a commit could be lost."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from errno import ENOENT
from functools import cache
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, func, make_url, select, text
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

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

USED = "sanji_used"
RESTED = 1.0
"""Seconds for which a connection to PostgreSQL is used again without asking whether it still stands."""

KEEPALIVES = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "connect_timeout": 5,
}
LIMITS = {
    "lock_timeout": "10s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
}
"""Queries are short: to start parallel workers, or to compile one, takes longer than the query itself."""


OUT_OF_REACH = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""What SQLAlchemy raises when the database does not answer."""


def does_not_answer(error: BaseException | None) -> bool:
    """Whether the database did not answer: by this error, or by the one that the library wrapped in it."""
    return isinstance(error, OUT_OF_REACH) or isinstance(getattr(error, "__cause__", None), OUT_OF_REACH)


SPOILT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def spoilt(error: BaseException | None) -> bool:
    """Whether SQLite found the file damaged, or found no database in it."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in SPOILT


class UnsafeSettings(Exception):
    """The database would lose what it acknowledged, or wait for ever."""


class Mixed(Exception):
    """A copy was put beside the `-wal` of the database before it. SQLite would read both as one, without an error."""


def open_database(url: str, *, pool: int = 8, views: bool = True) -> Engine:
    """An engine on this database. Raises UnsafeSettings where a commit could be lost, and Mixed.

    On SQLite the views are attached, unless `views` is False. As in every engine here, errors do not quote what a
    statement was to store: that may be the words of a case, and errors are logged.
    """
    parsed = make_url(url)
    engine = _sqlite(parsed, pool, views) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed, pool)
    try:
        with engine.connect() as db:
            _must_be_safe(db)
    except UnsafeSettings:
        engine.dispose()
        raise
    return engine


def open_to_read(url: str) -> Engine:
    """An engine that only reads: it makes no file and no table. Raises FileNotFoundError, and Mixed."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return _postgresql(parsed, 1).execution_options(postgresql_readonly=True)
    must_be_there(url)
    path = Path(str(parsed.database)).absolute()
    must_lie_alone(path)
    return create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True), hide_parameters=True
    )


def must_be_there(url: str) -> None:
    """Raises FileNotFoundError where the file of SQLite is missing: to connect would make an empty one."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
        raise FileNotFoundError(ENOENT, "it does not exist yet; sanji serve makes it", parsed.database)


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


def writing(engine: Engine, what: str = "log") -> Engine:
    """The same database, for transactions that write: the log, the views, views being built, or the tables themselves.

    On SQLite they take the write lock of their file at once, and tables of views are looked for in the attached file.
    """
    where = {None: VIEWS} if what == VIEWS and engine.dialect.name == "sqlite" else None
    return engine.execution_options(**{WRITING: what, "schema_translate_map": where})


@contextmanager
def alone(engine: Engine, lock: int, what: str = "tables") -> Iterator[Connection]:
    """A writing transaction that holds this advisory lock of PostgreSQL until it ends; SQLite has one writer anyway."""
    with writing(engine, what).begin() as db:
        if db.dialect.name == "postgresql":
            db.execute(select(func.pg_advisory_xact_lock(lock)))
        yield db


def looking(engine: Engine) -> Engine:
    """The same database, for transactions that read one snapshot. On SQLite every transaction does."""
    return engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="REPEATABLE READ")


def _sqlite(url: URL, pool: int, views: bool) -> Engine:
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


def _postgresql(url: URL, pool: int) -> Engine:
    asked = str(url.query.get("options", ""))
    limits = " ".join(f"-c {name}={value}" for name, value in LIMITS.items() if name not in asked)
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=pool,
        max_overflow=4,
        pool_timeout=10,
        hide_parameters=True,
        connect_args={**KEEPALIVES, "options": f"{limits} {asked}".strip(), "prepare_threshold": 3},
    )
    _look_before_use(engine)
    return engine


def _look_before_use(engine: Engine) -> None:
    """A connection that was not used for RESTED seconds is pinged before it is used; to ping each time costs a round
    trip each.
    """

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if monotonic() - record.info.get(USED, 0.0) > RESTED:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise exc.DisconnectionError from error

    @event.listens_for(engine, "checkin")
    def on_checkin(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[USED] = monotonic()


def _must_be_safe(db: Connection) -> None:
    if db.dialect.name == "sqlite":
        synchronous = db.scalar(text("PRAGMA synchronous"))
        if synchronous is None or synchronous < SQLITE_FULL:
            raise UnsafeSettings("SQLite runs below synchronous=FULL: a power cut would lose acknowledged reports")
        return
    if db.scalar(text("SHOW synchronous_commit")) == "off":
        raise UnsafeSettings("PostgreSQL runs with synchronous_commit=off: a crash would lose acknowledged reports")
    if db.scalar(text("SHOW fsync")) == "off":
        raise UnsafeSettings("PostgreSQL runs with fsync=off: a power cut would lose acknowledged reports")
    if db.scalar(text("SHOW lock_timeout")) in ("0", "0ms"):
        raise UnsafeSettings("PostgreSQL runs without a lock_timeout: a stuck writer would stop everybody for ever")
