"""One answer for many who ask the same at once: the question is put to the database once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """Whoever asks while the question is put waits until it is put again: no answer is older than the asking."""

    def __init__(self, question: Callable[[], Awaitable[T]]) -> None:
        self._question = question
        self._under_way: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def asked(self) -> T:
        if self._next is None or self._next.done():
            self._next = asyncio.create_task(self._put(self._under_way))
        return await asyncio.shield(self._next)

    async def _put(self, before: asyncio.Task[T] | None) -> T:
        if before is not None and not before.done():
            await asyncio.wait([before])
        self._under_way, self._next = self._next, None
        return await self._question()
