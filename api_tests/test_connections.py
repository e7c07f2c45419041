"""A head of a request comes, and has an end; a body may be long, and an answer take its time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from service.http import connections
from service.http.connections import Bounded

PIECE = b"x" * 64 * 1024


async def measuring(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers how long the body was, after a moment."""
    body = await Request(scope, receive).body()
    await asyncio.sleep(0.2)
    await PlainTextResponse(str(len(body)))(scope, receive, send)


async def at_once(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers without reading a body."""
    await PlainTextResponse("no")(scope, receive, send)


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[tuple[str, int]]:
    """The address of a server, all of whose connections know of each other."""
    config, state = uvicorn.Config(app, log_config=None, lifespan="off"), ServerState()
    config.load()
    server = await asyncio.get_running_loop().create_server(lambda: Bounded(config, state, {}), "127.0.0.1", 0)
    async with server, asyncio.timeout(10):
        yield server.sockets[0].getsockname()


async def answered(*pieces: bytes) -> bytes:
    """What comes back for a request that is sent in these pieces; nothing, where the connection is cut meanwhile."""
    answer = b""
    async with listening(measuring) as address:
        reader, writer = await asyncio.open_connection(*address)
        with suppress(ConnectionError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            answer = await reader.read(4096)
        writer.close()
    return answer


@pytest.mark.parametrize(
    "begun",
    [
        b"GET / HTTP/1.1\r\nHost: here\r\nX: ",
        b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX: ",
    ],
    ids=["head", "trailer"],
)
async def test_what_has_no_end_is_ended(begun: bytes) -> None:
    assert (await answered(begun, *[PIECE] * 32))[:12] in (b"HTTP/1.1 400", b"")


ONE = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


@pytest.mark.parametrize("sent", [b"", b"GET / HT"], ids=["none", "half"])
async def test_who_sends_no_head_is_not_waited_for(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.1)
    assert b"HTTP/1.1 200" not in await answered(sent)


async def test_who_has_sent_one_is_answered_whenever_the_answer_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.1)
    assert (await answered(ONE)).startswith(b"HTTP/1.1 200")


async def test_a_long_body_comes_through() -> None:
    begun = b"POST / HTTP/1.1\r\nHost: here\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (32 * len(PIECE))
    answer = await answered(begun, *[PIECE] * 32)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"%d" % (32 * len(PIECE)))


async def test_a_body_that_goes_on_when_it_was_answered_is_not_heard_for_ever() -> None:
    begun = b"POST /refused HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
    piece = b"10000\r\n" + PIECE + b"\r\n"
    async with listening(at_once) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(begun)
        await reader.readuntil(b"no")
        with suppress(ConnectionError):
            for _ in range(1000):
                writer.write(piece)
                await writer.drain()
        assert writer.transport.is_closing()


async def test_of_more_connections_than_there_is_room_for_the_last_is_turned_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "room", lambda: 2)
    async with listening(at_once) as address:
        first, second, third = [await asyncio.open_connection(*address) for _ in range(3)]
        assert (await third[0].read()).startswith(b"HTTP/1.1 503")
        second[1].write(ONE)
        assert (await second[0].readline()).startswith(b"HTTP/1.1 200"), "those before are served"
        first[1].close()
        await asyncio.sleep(0.1)
        fourth = await asyncio.open_connection(*address)
        fourth[1].write(ONE)
        assert (await fourth[0].readline()).startswith(b"HTTP/1.1 200"), "and whoever comes when there is room again"
        for _, writer in (second, third, fourth):
            writer.close()
