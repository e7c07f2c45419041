"""Bounds the number of connections, and the size and time of request heads: uvicorn itself waits for a head for ever.

It also buffers a head of any length, and takes connections until no descriptor is left for the database.
"""

from __future__ import annotations

import asyncio
import logging
from math import inf
from resource import RLIMIT_NOFILE, getrlimit
from typing import ClassVar, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST = 64 * 1024
"""Bytes of a head at most, beyond what came with its beginning."""
PATIENCE = 30.0
"""Seconds within which a head must come."""
SPARE = 256
"""Descriptors that are left to databases, files and logs; at most half of all."""
SELDOM = 60.0
"""Seconds between two log lines that say that connections are turned away."""
FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

log = logging.getLogger("sanji.connections")


class Bounded(HttpToolsProtocol):
    """Ends a connection on which a head, or what follows a body, goes on and on, or does not come.

    A body may be as long as its route says; what goes on when that has answered nobody hears.
    """

    _unended = 0
    _unheard = 0
    _late: asyncio.TimerHandle | None = None
    _told: ClassVar[float] = -inf

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
        if len(self.connections) > room():
            self._turn_away()
            return
        self._expect_a_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_none()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._unended > LARGEST:
            self.send_400_response("The head of the request is too large.")
            return
        self._unended += len(data)
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._expect_a_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._unended = 0
        self._expect_none()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unended = 0
        super().on_body(body)
        if self.cycle is not None and self.cycle.response_complete:
            self._unheard += len(body)
            if self._unheard > LARGEST:
                self.transport.close()

    def on_message_complete(self) -> None:
        self._unended = 0
        super().on_message_complete()

    def _turn_away(self) -> None:
        now = self.loop.time()
        if now - Bounded._told > SELDOM:
            Bounded._told = now
            log.warning("connections are turned away, %d are open: let it open more files (ulimit -n)", room())
        self.transport.write(FULL)
        self.transport.close()

    def _expect_a_head(self) -> None:
        self._expect_none()
        self._late = self.loop.call_later(PATIENCE, self.transport.close)

    def _expect_none(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def room() -> int:
    """How many connections this process may have open."""
    descriptors = getrlimit(RLIMIT_NOFILE)[0]
    return descriptors - min(SPARE, descriptors // 2)
