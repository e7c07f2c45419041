"""Heads of requests, bounded in size and time: uvicorn itself waits for one for ever, and puts one of any length together."""

from __future__ import annotations

import asyncio
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST = 64 * 1024
"""Bytes after which a head has to have ended, but for what came with its beginning."""
PATIENCE = 30.0
"""Seconds within which one comes."""


class Bounded(HttpToolsProtocol):
    """Ends a connection on which a head, or what follows a body, goes on and on, or does not come.

    A body may be as long as its route says.
    """

    _unended = 0
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
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

    def on_message_complete(self) -> None:
        self._unended = 0
        super().on_message_complete()

    def _expect_a_head(self) -> None:
        self._expect_none()
        self._late = self.loop.call_later(PATIENCE, self.transport.close)

    def _expect_none(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
