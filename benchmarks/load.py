"""Requests as fast as N kept-alive connections to this machine take them, at little cost to the cores it shares."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from time import perf_counter
from typing import cast

import uvloop

from benchmarks.measured import Measured, measured

END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"\r\ncontent-length:"


def post(path: str, body: object, headers: Mapping[str, str]) -> bytes:
    """One POST of JSON, ready to be written to a connection."""
    content = json.dumps(body, ensure_ascii=False).encode()
    described = {**headers, "Content-Type": "application/json", "Content-Length": str(len(content))}
    return _request("POST", path, described) + content


def get(path: str, headers: Mapping[str, str]) -> bytes:
    """One GET, ready to be written to a connection."""
    return _request("GET", path, headers)


def _request(method: str, path: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + END_OF_HEAD


def drive(port: int, requests: Iterator[bytes], *, connections: int = 32, seconds: float = 5.0) -> Measured:
    """Send the requests to a port of this machine until they or the seconds run out."""
    return uvloop.run(_drive(port, requests, connections, seconds))


async def _drive(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Measured:
    loop = asyncio.get_running_loop()
    started = perf_counter()

    async def connect() -> Client:
        def client() -> Client:
            return Client(requests, started + seconds, loop.create_future())

        return (await loop.create_connection(client, "127.0.0.1", port))[1]

    clients = await asyncio.gather(*(connect() for _ in range(connections)))
    await asyncio.gather(*(client.finished for client in clients))
    elapsed = perf_counter() - started
    latencies = [latency for client in clients for latency in client.latencies]
    return measured(latencies, elapsed, sum(client.unsuccessful for client in clients))


class Client(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, requests: Iterator[bytes], until: float, finished: asyncio.Future[None]) -> None:
        self.requests = requests
        self.until = until
        self.finished = finished
        self.latencies: list[float] = []
        self.unsuccessful = 0
        self.received = b""
        self.sent = 0.0
        self.transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.WriteTransport, transport)
        self.send()

    def send(self) -> None:
        request = next(self.requests, None) if perf_counter() < self.until else None
        if request is None:
            self.finished.set_result(None)
            self.transport.close()
        else:
            self.sent = perf_counter()
            self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        head = self.received.find(END_OF_HEAD)
        if head < 0 or len(self.received) < head + len(END_OF_HEAD) + self.length(head):
            return
        self.latencies.append(perf_counter() - self.sent)
        self.unsuccessful += self.received[9:10] != b"2"
        self.received = b""
        self.send()

    def length(self, head: int) -> int:
        """How long the body is; every server measured here says so, none answers in chunks."""
        fields = self.received[: head + 2].lower()
        at = fields.index(LENGTH) + len(LENGTH)
        return int(fields[at : fields.index(b"\r\n", at)])

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.finished.done():
            self.finished.set_exception(exc or ConnectionError("the server hung up"))
