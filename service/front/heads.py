"""Heads of bounded size: uvicorn's quick parser puts one of any length together, and copies it with every piece that comes."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST = 64 * 1024
"""Bytes after which a head has to have ended, but for what came with its beginning."""


class Bounded(HttpToolsProtocol):
    """Ends a connection on which a head, or what follows a body, goes on and on; a body may be as long as its route says."""

    _unended = 0

    def data_received(self, data: bytes) -> None:
        if self._unended > LARGEST:
            self.send_400_response("The head of the request is too large.")
            return
        self._unended += len(data)
        super().data_received(data)

    def on_headers_complete(self) -> None:
        self._unended = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unended = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unended = 0
        super().on_message_complete()
