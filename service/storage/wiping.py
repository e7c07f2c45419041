"""Rows that leave nothing behind: deleted, overwritten where they lay, and gone from the changes kept beside the file."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Column, Engine, delete, text

from projections.following.bulk import chunks
from service.storage.database import writing


class StillRead(Exception):
    """Somebody read all the while, a backup perhaps: what was deleted may still lie in the file. Do it again afterwards."""


def wipe(engine: Engine, column: Column[str], values: Iterable[str], what: str = "log") -> None:
    """Delete the rows that have one of these values there. Raises StillRead; doing it again is right."""
    sqlite = engine.dialect.name == "sqlite"
    with writing(engine, what).begin() as db:
        if sqlite:
            db.execute(text("PRAGMA secure_delete=ON"))
        for some in chunks(values):
            db.execute(delete(column.table).where(column.in_(some)))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        if not sqlite:
            db.execute(text(f"VACUUM {column.table.name}"))
        elif db.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one().busy:
            raise StillRead(f"{engine.url.database} is being read: try again when that has ended")
