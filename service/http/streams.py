"""Streams: tells many readers that what they watch has changed, looking once for all of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Hashable, Iterable, Mapping
from datetime import datetime
from functools import partial
from time import monotonic
from types import FrameType
from typing import Protocol

import orjson
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection
from starlette.types import Receive, Scope, Send

from projections.banks import digests
from projections.cases.guard import Known
from service.http.problems import REFUSALS
from service.office import Office, view_position

log = logging.getLogger("sanji.streams")

BETWEEN = 0.4
"""Seconds between two looks at what is watched; what changes meanwhile is told together."""
BEAT = 15.0
"""Seconds after which one looks although nothing was recorded, since time alone makes cases late; and after which every
stream says that it is alive, whatever others are told, or a proxy would take it for dead.
"""

AT_ONCE = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""Headers of what is told while it happens: nobody keeps it, and no proxy holds it back."""

Handler = Callable[[int, FrameType | None], object]

SORTS: Mapping[str, Callable[[Connection, Collection[str], datetime], digests.Digests]] = {
    "queue": digests.queues,
    "problem-bank": digests.banks,
}


class Watcher(Protocol):
    """Somebody who watches things of one sort, by name."""

    @property
    def sort(self) -> str: ...
    @property
    def names(self) -> frozenset[str]: ...
    def wake(self, position: int, guards: frozenset[str]) -> None:
        """Something under these guards has changed, as the views show it up to this position."""

    def beat(self) -> None:
        """A while has passed."""

    def end(self) -> None:
        """Nothing more will come."""


class Hub:
    """Looks at everything that is watched whenever the views have moved, and wakes whoever watches what changed."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._watchers: set[Watcher] = set()
        self._seen: dict[str, dict[str, Mapping[str, Hashable]]] = {sort: {} for sort in SORTS}
        self._one_at_a_time = asyncio.Lock()
        self._work: asyncio.Task[None] | None = None
        self.closing = False

    async def enter(self, watcher: Watcher) -> int:
        """Watch from now on. Answers the position up to which nothing needs to be told."""
        self._watchers.add(watcher)
        if self._work is None:
            self._work = asyncio.create_task(self._keep_looking())
        async with self._one_at_a_time:
            unseen = watcher.names - self._seen[watcher.sort].keys()
            return await self._look(watcher.sort, unseen) if unseen else await self._office.read(view_position)

    def leave(self, watcher: Watcher) -> None:
        self._watchers.discard(watcher)

    def close(self) -> None:
        """End every stream, and all waiting. Their readers come back by themselves, and are told if they missed something."""
        self.closing = self._office.ending = True
        for watcher in list(self._watchers):
            watcher.end()
        if self._work is not None:
            self._work.cancel()

    async def _keep_looking(self) -> None:
        bell, beaten = self._office.viewed, monotonic()
        while True:
            heard = bell.heard
            try:
                async with self._one_at_a_time:
                    for sort in SORTS:
                        await self._look(sort, self._watched(sort))
            except Exception:
                log.exception("what is watched could not be looked at, and will be")
            await asyncio.sleep(BETWEEN)
            await bell.heard_after(heard, max(0.0, beaten + BEAT - monotonic()))
            if monotonic() - beaten >= BEAT:
                beaten = monotonic()
                await self._beat()

    def _watched(self, sort: str) -> frozenset[str]:
        """What is watched of a sort; what nobody watches any more is forgotten."""
        names = frozenset[str]().union(*(one.names for one in self._watchers if one.sort == sort))
        self._seen[sort] = {name: seen for name, seen in self._seen[sort].items() if name in names}
        return names

    async def _look(self, sort: str, names: frozenset[str]) -> int:
        """Look at these, and wake whoever watches one that is not as it was."""
        if not names:
            return 0
        now, seen = self._office.clock.now(), self._seen[sort]
        position, found = await self._office.read(lambda db: (view_position(db), SORTS[sort](db, names, now)))
        changed: dict[str, frozenset[str]] = {}
        for name in names:
            before, after = seen.get(name), found.get(name, {})
            seen[name] = after
            if before is not None and before != after:
                changed[name] = frozenset(one for one in {*before, *after} if before.get(one) != after.get(one))
        for watcher in list(self._watchers) if changed else ():
            if watcher.sort == sort and (guards := _of(changed, watcher.names)):
                watcher.wake(position, guards)
        return position

    async def _beat(self) -> None:
        for n, watcher in enumerate(list(self._watchers)):
            watcher.beat()
            if n % 200 == 199:
                await asyncio.sleep(0)


def _of(changed: Mapping[str, frozenset[str]], names: Iterable[str]) -> frozenset[str]:
    return frozenset[str]().union(*(changed[name] for name in names if name in changed))


class ServerSentEvents(StreamingResponse):
    media_type = "text/event-stream"


class Stream(ServerSentEvents):
    """Server-sent events to one reader. It holds no thread, no task and no connection to the database while idle.

    `knows` is asked at every change, so whoever lost his rights meanwhile is told nothing more; it raises what a new
    request would be refused with.
    """

    def __init__(
        self, hub: Hub, sort: str, names: frozenset[str], knows: Callable[[], Awaitable[Known]], last: str | None
    ) -> None:
        super().__init__((), headers=AT_ONCE)
        self.sort = sort
        self.names = names
        self._hub = hub
        self._knows = knows
        self._last = last
        self._position = 0
        self._guards: frozenset[str] = frozenset()
        self._telling: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["deadline"].reschedule(None)
        self._send = send
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            position = await self._hub.enter(self)
            await self._say(b"" if str(position) == self._last else self._event(position))
            while not self._hub.closing and (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self._hub.leave(self)

    def wake(self, position: int, guards: frozenset[str]) -> None:
        """Changes that come while a slow reader still takes in what he was told last are told together."""
        self._position, self._guards = position, self._guards | guards
        self._go_on(b"")

    def beat(self) -> None:
        self._go_on(b": still here\n\n")

    def _go_on(self, first: bytes) -> None:
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell(first))

    def end(self) -> None:
        self._telling = asyncio.create_task(self._say(b"", more=False))

    async def _tell(self, first: bytes) -> None:
        """Say this, and then what has changed until it was said."""
        try:
            await self._say(first)
            while self._guards:
                guards, self._guards = self._guards, frozenset()
                known = await self._knows()
                if any(map(known, guards)):
                    await self._say(self._event(self._position))
        except REFUSALS:
            await self._say(b"", more=False)

    def _event(self, position: int) -> bytes:
        return b"event: %s.changed\nid: %d\ndata: %s\n\n" % (
            self.sort.encode(),
            position,
            orjson.dumps({"position": position}),
        )

    async def _say(self, body: bytes, *, more: bool = True) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": more})


class Waiter:
    """Somebody who waits once, for a while, for a change."""

    def __init__(self, sort: str, names: frozenset[str]) -> None:
        self.sort = sort
        self.names = names
        self._woken = asyncio.Event()

    def wake(self, *_: object) -> None:
        self._woken.set()

    def beat(self) -> None:
        pass

    def end(self) -> None:
        self._woken.set()

    async def woken(self, patience: float) -> bool:
        """Whether something has changed since it was last asked. False when the patience ends first."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), patience)
        was, self._woken = self._woken.is_set(), asyncio.Event()
        return was


@contextlib.asynccontextmanager
async def watching(hub: Hub, sort: str, names: frozenset[str]) -> AsyncIterator[Waiter]:
    waiter = Waiter(sort, names)
    try:
        await hub.enter(waiter)
        yield waiter
    finally:
        hub.leave(waiter)


def end_at_shutdown(hub: Hub) -> None:
    """Have the signals that stop the server end the streams first, since it waits for every answer to be complete."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)
        if callable(before) and threading.current_thread() is threading.main_thread():
            signal.signal(number, partial(_ended, loop, hub, before))


def _ended(loop: asyncio.AbstractEventLoop, hub: Hub, before: Handler, number: int, frame: FrameType | None) -> None:
    loop.call_soon_threadsafe(hub.close)
    before(number, frame)
