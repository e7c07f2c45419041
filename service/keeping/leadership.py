"""One process of all that share a database keeps the views and the time; when it dies, another takes over."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from sqlalchemy import Connection, Engine, exc, text

LEADING = 5_327_914_002


class Occupied(Exception):
    """Another process does already what only one may do at a time."""


class FileLeadership:
    """For SQLite: a lock on a file beside the database, which the system drops when the process ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def held(self) -> bool:
        """Whether this process leads; if nobody does, it does from now on."""
        if self._file is None:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(file)
                return False
            self._file = file
        return True

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


class AdvisoryLeadership:
    """For PostgreSQL: a session lock, which the server drops when the connection ends."""

    def __init__(self, engine: Engine, key: int) -> None:
        self._engine = engine
        self._key = key
        self._session: Connection | None = None

    def held(self) -> bool:
        try:
            if self._session is None:
                session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                if not session.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key}):
                    session.close()
                    return False
                self._session = session
            self._session.scalar(text("SELECT 1"))
        except exc.DBAPIError:
            self.release()
            return False
        return True

    def release(self) -> None:
        if self._session is not None:
            self._session.invalidate()
            self._session.close()
            self._session = None


Leadership = FileLeadership | AdvisoryLeadership


def leadership(engine: Engine, of: str = "leader", key: int = LEADING) -> Leadership:
    """To keep a database; or to do something else of which there may be one at a time, by its name and its key."""
    if engine.dialect.name == "postgresql":
        return AdvisoryLeadership(engine, key)
    return FileLeadership(Path(f"{engine.url.database}.{of}"))
