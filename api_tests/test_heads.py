"""A head of a request comes, and has an end; a body may be long, and an answer take its time."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from service.front import heads
from service.front.heads import Bounded

PIECE = b"x" * 64 * 1024


async def measuring(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers how long the body was, after a moment."""
    body = await Request(scope, receive).body()
    await asyncio.sleep(0.2)
    await PlainTextResponse(str(len(body)))(scope, receive, send)


async def answered(*pieces: bytes) -> bytes:
    """What comes back for a request that is sent in these pieces; nothing, where the connection is cut meanwhile."""
    config = uvicorn.Config(measuring, log_config=None, lifespan="off")
    config.load()
    listening = await asyncio.get_running_loop().create_server(
        lambda: Bounded(config, ServerState(), {}), "127.0.0.1", 0
    )
    answer = b""
    async with listening, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
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
    monkeypatch.setattr(heads, "PATIENCE", 0.1)
    assert b"HTTP/1.1 200" not in await answered(sent)


async def test_who_has_sent_one_is_answered_whenever_the_answer_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "PATIENCE", 0.1)
    assert (await answered(ONE)).startswith(b"HTTP/1.1 200")


async def test_a_long_body_comes_through() -> None:
    begun = b"POST / HTTP/1.1\r\nHost: here\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (32 * len(PIECE))
    answer = await answered(begun, *[PIECE] * 32)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"%d" % (32 * len(PIECE)))
