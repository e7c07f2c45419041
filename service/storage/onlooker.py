"""Notices on SQLite, which has no notifications, that another process has written."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping
from threading import Event, Thread

from sqlalchemy import Engine, exc

from service.storage.bell import PATIENCE, Bell


class Onlooker:
    """Rings the bells when another process has changed one of the files, as `PRAGMA data_version` tells ten times a
    second.
    """

    def __init__(self, engine: Engine, bells: Mapping[str, Bell]) -> None:
        self._engine = engine
        self._bells = bells
        self._stopped = Event()
        self._thread = Thread(target=self._look, name="onlooker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(2 * PATIENCE)

    def _look(self) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(sqlite3.Error, exc.SQLAlchemyError):
                self._compare()
            self._stopped.wait(PATIENCE)

    def _compare(self) -> None:
        known: dict[str, int] = {}
        with contextlib.closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            while not self._stopped.wait(PATIENCE / 10):
                for file, bell in self._bells.items():
                    [version] = cursor.execute(f"PRAGMA {file}.data_version").fetchone()
                    if known.get(file, version) != version:
                        bell.ring()
                    known[file] = version
