"""Hears on PostgreSQL what other processes record. Loaded there alone, for it imports the driver."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from selectors import EVENT_READ, DefaultSelector
from socket import socketpair
from threading import Event, Thread

import psycopg
from sqlalchemy import Engine

from service.storage.bell import PATIENCE, Bell


class Listener:
    """Rings the bells of this process whenever another one has recorded something in the same PostgreSQL (LISTEN)."""

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
        """Rings at the beginning, too: nobody heard what was told before."""
        arguments, options = self._engine.dialect.create_connect_args(self._engine.url)
        with psycopg.connect(*arguments, **options, autocommit=True) as connection, DefaultSelector() as either:
            either.register(connection, EVENT_READ)
            either.register(self._over, EVENT_READ)
            for channel, bell in self._bells.items():
                connection.execute(f"LISTEN {channel}")
                bell.ring()
            while not self._stopped.is_set():
                for notice in connection.notifies(timeout=0):
                    self._bells[notice.channel].ring()
                either.select()
