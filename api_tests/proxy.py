"""A wire between the service and PostgreSQL that breaks at the worst moment."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from threading import Lock, Thread


class Loss(Enum):
    REQUEST = "the server never hears of it"
    ANSWER = "the server does it, and nobody hears of that"


class Proxy:
    """Passes everything on, until it is told to lose the next message that holds certain words."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._turn = Lock()
        self._awaited: tuple[bytes, Loss] | None = None
        self._cut = False
        self._pairs: list[Pair] = []
        self.lost = 0
        """How many messages or answers it has lost."""
        Thread(target=self._accept, daemon=True).start()

    def lose(self, words: bytes, loss: Loss) -> None:
        """Lose the next message with these words, or the answer to it, together with its connection."""
        with self._turn:
            self._awaited = (words, loss)

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Nobody reaches the server for a while."""
        self._cut = True
        for pair in self._pairs:
            pair.close()
        try:
            yield
        finally:
            self._cut = False

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for pair in self._pairs:
            pair.close()

    def fate_of(self, message: bytes) -> Loss | None:
        """Whether this is the message to be lost."""
        with self._turn:
            if self._awaited is None or self._awaited[0] not in message:
                return None
            fate, self._awaited = self._awaited[1], None
            self.lost += 1
            return fate

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                if self._cut:
                    client.close()
                    continue
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._pairs.append(Pair(self, client, server))


class Pair:
    """One connection: the client's half and the server's."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy, self._client, self._server = proxy, client, server
        self._answer_is_lost = False
        Thread(target=self._carry_requests, daemon=True).start()
        Thread(target=self._carry_answers, daemon=True).start()

    def close(self) -> None:
        for end in (self._client, self._server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _carry_requests(self) -> None:
        with suppress(OSError):
            while message := self._client.recv(2**20):
                fate = self._proxy.fate_of(message)
                if fate is Loss.REQUEST:
                    break
                self._answer_is_lost = fate is Loss.ANSWER
                self._server.sendall(message)
        self.close()

    def _carry_answers(self) -> None:
        with suppress(OSError):
            while (message := self._server.recv(2**20)) and not self._answer_is_lost:
                self._client.sendall(message)
        self.close()
