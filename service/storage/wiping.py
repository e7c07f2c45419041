"""Deletes rows without a trace: overwritten in the file, and gone from the write-ahead log."""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic, sleep

from sqlalchemy import Column, Connection, Engine, delete, text

from projections.following.bulk import chunks
from service.storage.database import writing


class StillRead(Exception):
    """A reader, a backup perhaps, kept what was deleted in the file. Do it again once he has ended."""


PATIENCE = 5.0
"""Seconds for which PostgreSQL's readers are waited for; SQLite waits for its own by itself."""
STILL_READ = text("""
SELECT EXISTS (
    SELECT FROM (
        SELECT backend_xmin FROM pg_stat_activity WHERE datname IS NULL OR datname = current_database()
        UNION ALL SELECT xmin FROM pg_replication_slots
        UNION ALL SELECT transaction FROM pg_prepared_xacts WHERE database = current_database()
    ) AS reading (since)
    WHERE age(since) >= age(CAST(:deleted AS xid))
)
""")
"""Whether somebody has PostgreSQL keep what this transaction deleted: a reader, a replica, a transaction left prepared."""


def wipe(engine: Engine, column: Column[str], values: Iterable[str], what: str = "log") -> None:
    """Delete the rows that have one of these values there. Raises StillRead; doing it again is right."""
    sqlite = engine.dialect.name == "sqlite"
    with writing(engine, what).begin() as db:
        if sqlite:
            db.execute(text("PRAGMA secure_delete=ON"))
        for some in chunks(values):
            db.execute(delete(column.table).where(column.in_(some)))
        deleted = "" if sqlite else db.scalar(text("SELECT pg_current_xact_id()::xid::text"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        if sqlite:
            read = bool(db.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one().busy)
        else:
            read = _still_read(db, deleted)
            db.execute(text("SET statement_timeout = 0"))
            db.execute(text(f"VACUUM {column.table.name}"))
            db.execute(text("SET statement_timeout TO DEFAULT"))
    if read:
        raise StillRead(f"{engine.url.database} is being read: try again when that has ended")


def _still_read(db: Connection, deleted: str) -> bool:
    """Whether what was deleted is still kept for somebody after PATIENCE seconds."""
    end = monotonic() + PATIENCE
    while db.scalar(STILL_READ, {"deleted": deleted}):
        if monotonic() > end:
            return True
        sleep(0.05)
    return False
