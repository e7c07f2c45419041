"""Opening the database: SQLite or PostgreSQL, with the settings that make a commit a commit, or not at all."""

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
"""With recursive triggers, replacing a line counts as deleting it, which the log refuses. Each connection keeps but a
megabyte of pages: the system keeps them too, once for all. Pages go from the write-ahead log into the database when there
are 32 MB of them: what was changed many times meanwhile is written there once.
"""
NO_LOG = b"\1\1"
"""What stands at bytes 18 and 19 of a file of SQLite that keeps no write-ahead log."""
WRITING = "sanji_writing"
VIEWS = "views"
"""On SQLite the read models lie in a file of their own, so that who keeps them and who writes the log never wait."""
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
"""How a writer takes the write lock of the file he means, and of no other, before he reads anything.

Who writes views touches pages all over them, and has room for those of a batch: 32 MB, or 128 MB where all are built.
"""
TURN = 10.0
"""Seconds a writer waits for the others of its process; then it waits at the database."""

TO_DO = "put that one back, or stop the service, delete {0}-wal and {0}-shm, and start it"
"""What is to be done where a file was replaced: what lies beside it would be mixed into the other."""

USED = "sanji_used"
RESTED = 1.0
"""Seconds for which a connection that worked is taken to work still."""

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
"""Answers are short: workers, or compiled code, for one would take longer to begin than it takes."""


OUT_OF_REACH = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""What is raised when the database does not answer."""


def does_not_answer(error: BaseException | None) -> bool:
    """Whether this says so, by itself or in the words of the library that asked the database."""
    return isinstance(error, OUT_OF_REACH) or isinstance(getattr(error, "__cause__", None), OUT_OF_REACH)


SPOILT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def spoilt(error: BaseException | None) -> bool:
    """Whether SQLite says that what lies in the file is no database, or none any more."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in SPOILT


class UnsafeSettings(Exception):
    """The database would lose what it acknowledged, or wait for ever."""


class Mixed(Exception):
    """Beside a copy lies what was written to the file before it: SQLite would read both as one, and find nothing wrong."""


def open_database(url: str, *, pool: int = 8, views: bool = True) -> Engine:
    """An engine on this database. Raises UnsafeSettings when its settings do not keep what is committed, and Mixed.

    One of SQLite has its views beside it, unless it is to have none. A statement that fails is told without what it was to
    store, as by every engine here: that may be the words of a case, and errors are logged.
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
    """An engine that changes nothing: it makes no file and no table. Raises FileNotFoundError, and Mixed."""
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
    """Who asks a database of SQLite for what is in it makes none. Raises FileNotFoundError."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
        raise FileNotFoundError(ENOENT, "it does not exist yet; sanji serve makes it", parsed.database)


@cache
def must_lie_alone(file: Path) -> None:
    """A file that `VACUUM INTO` has made has no write-ahead log until it is opened. Raises Mixed where one lies beside.

    A process looks once, before it opens the database: who closes a file lets go of all locks that his process has on it,
    those of SQLite, too.
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
    """The same database, for transactions that write the log, the views or the tables themselves.

    On SQLite they take the write lock at once, and views lie where views do.
    """
    where = {None: VIEWS} if what == VIEWS and engine.dialect.name == "sqlite" else None
    return engine.execution_options(**{WRITING: what, "schema_translate_map": where})


@contextmanager
def alone(engine: Engine, lock: int, what: str = "tables") -> Iterator[Connection]:
    """A transaction that writes while no other one does under this advisory lock; SQLite has one writer anyway."""
    with writing(engine, what).begin() as db:
        if db.dialect.name == "postgresql":
            db.execute(select(func.pg_advisory_xact_lock(lock)))
        yield db


def looking(engine: Engine) -> Engine:
    """The same database, for transactions that see one state of it from their first question to their last.

    SQLite has no others.
    """
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
    """What is damaged does not answer: that is no fault of what was asked, nor of an event that a view is shown."""
    error = failure.original_exception
    return exc.OperationalError(failure.statement, None, error) if spoilt(error) else None


def _stay_with(engine: Engine, files: Sequence[Path]) -> None:
    """Nothing is told to, nor asked of, a file that another has taken the place of: what was told would go with it.

    Nor is the other one opened: what SQLite keeps beside is of the first. Nor one that cannot be written to: who has
    opened it so could not write when others can again.
    """
    opened: list[tuple[int, int]] = []

    def must_lie_there(*_: Any) -> None:
        for file, before in zip(files, opened, strict=False):
            if _which(file) != before:
                said = f"{file} is not the file that was opened: {TO_DO.format(file)}"
                raise exc.OperationalError("", None, sqlite3.OperationalError(said))

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
    """Which file lies there, whatever it is called."""
    try:
        found = os.stat(file)
    except FileNotFoundError:
        return 0, 0
    return found.st_dev, found.st_ino


def _take_turns(engine: Engine) -> None:
    """Writers of one process wait for each other at a lock; at SQLite's own they would sleep and look again."""
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
        if turn := connection.info.pop(WRITING, None):
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
    """A connection that has rested is asked first whether it still stands; to ask each time is a round trip each time."""

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
