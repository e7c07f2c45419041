"""Opens PostgreSQL: with limits on every wait, and connections that are checked before they are used again."""

from __future__ import annotations

from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import ConnectionPoolEntry

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


def opened(url: URL, pool: int) -> Engine:
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


def weakness(db: Connection) -> str | None:
    """How a commit could be lost, or a writer wait for ever, by these settings; None if neither can be."""
    if db.scalar(text("SHOW synchronous_commit")) == "off":
        return "PostgreSQL runs with synchronous_commit=off: a crash would lose acknowledged reports"
    if db.scalar(text("SHOW fsync")) == "off":
        return "PostgreSQL runs with fsync=off: a power cut would lose acknowledged reports"
    if db.scalar(text("SHOW lock_timeout")) in ("0", "0ms"):
        return "PostgreSQL runs without a lock_timeout: a stuck writer would stop everybody for ever"
    return None
