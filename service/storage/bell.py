"""A bell that rings when something was recorded. It only wakes people up; what happened is read from the log."""

from __future__ import annotations

import asyncio
import contextlib
from threading import Condition

PATIENCE = 1.0
"""Seconds after which a waiter looks for himself: a ring can be missed, and other processes may not ring at all."""


class Bell:
    """A bell that counts its rings, so that one between looking and waiting is not missed."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._rings = 0
        self._listening: set[asyncio.Future[None]] = set()

    @property
    def heard(self) -> int:
        return self._rings

    def ring(self) -> None:
        with self._changed:
            self._rings += 1
            self._changed.notify_all()
            listening, self._listening = self._listening, set()
        for future in listening:
            with contextlib.suppress(RuntimeError):
                future.get_loop().call_soon_threadsafe(_wake, future)

    def wait(self, heard: int, timeout: float = PATIENCE) -> int:
        """Wait until it has rung more often than `heard`, or for `patience` seconds; answers how often it has rung."""
        with self._changed:
            self._changed.wait_for(lambda: self._rings != heard, timeout)
            return self._rings

    async def heard_after(self, heard: int, timeout: float) -> None:
        """The same for a task of the event loop; it costs no thread."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._changed:
            if self._rings != heard:
                return
            self._listening.add(future)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(future, timeout)
        with self._changed:
            self._listening.discard(future)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
