"""A bell that rings when something was recorded. It only wakes people up; what happened is read from the log."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from select import select
from socket import socketpair
from threading import Condition, Event, Thread

import psycopg
from sqlalchemy import Engine

PATIENCE = 1.0
"""Seconds after which a sleeper looks for himself: a ring can be missed, and other processes may not ring at all."""


class Bell:
    """Counts its rings, so that one between looking and waiting is not slept through."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._rings = 0
        self._listening: list[asyncio.Future[None]] = []

    @property
    def heard(self) -> int:
        return self._rings

    def ring(self) -> None:
        with self._changed:
            self._rings += 1
            self._changed.notify_all()
            listening, self._listening = self._listening, []
        for future in listening:
            with contextlib.suppress(RuntimeError):
                future.get_loop().call_soon_threadsafe(_wake, future)

    def wait(self, heard: int, timeout: float = PATIENCE) -> int:
        """Sleep until it has rung more often than `heard`, or the patience ends; answers how often it has rung."""
        with self._changed:
            self._changed.wait_for(lambda: self._rings != heard, timeout)
            return self._rings

    async def heard_after(self, heard: int, timeout: float = PATIENCE) -> None:
        """The same for a task of the event loop; it costs no thread."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._changed:
            if self._rings != heard:
                return
            self._listening.append(future)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(future, timeout)
        with self._changed, contextlib.suppress(ValueError):
            self._listening.remove(future)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class Listener:
    """Rings this process's bells whenever another process has recorded something in the same PostgreSQL."""

    def __init__(self, engine: Engine, bells: Mapping[str, Bell]) -> None:
        self._engine = engine
        self._bells = bells
        self._stopped = Event()
        self._thread = Thread(target=self._listen, name="listener", daemon=True)

    def start(self) -> None:
        self._over, self._ended = socketpair()
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._ended.close()
        self._thread.join(2 * PATIENCE)
        self._over.close()

    def _listen(self) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(psycopg.Error):
                self._hear()
            self._stopped.wait(PATIENCE)

    def _hear(self) -> None:
        arguments, options = self._engine.dialect.create_connect_args(self._engine.url)
        with psycopg.connect(*arguments, **options, autocommit=True) as connection:
            for channel in self._bells:
                connection.execute(f"LISTEN {channel}")
            while not self._stopped.is_set():
                for told in connection.notifies(timeout=0):
                    self._bells[told.channel].ring()
                select([connection.fileno(), self._over.fileno()], [], [])


class Onlooker:
    """The same for SQLite, which tells nobody: looks ten times a second whether one of its files has changed."""

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
        known: dict[str, int] = {}
        with contextlib.closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            while not self._stopped.wait(PATIENCE / 10):
                for file, bell in self._bells.items():
                    [version] = cursor.execute(f"PRAGMA {file}.data_version").fetchone()
                    if known.get(file, version) != version:
                        bell.ring()
                    known[file] = version
