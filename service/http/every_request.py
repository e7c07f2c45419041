"""What every request passes: an id, a deadline, a measure, one line in the log without personal data."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, BinaryIO

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.http.problems import failed, refusal
from service.incoming.refusals import Malformed
from service.office import Office
from service.storage.chance import chance

log = logging.getLogger("sanji.requests")

DEADLINE = 60.0
"""Seconds after which a request that still waits is given up; what it wrote stays written."""
FOR_WHO_ASKED = (b"cache-control", b"private, no-cache")
"""The Cache-Control of an answer that sets none: a proxy would be free to keep it, and give it to the next."""
LEFT = 499
"""The status in the log of a request whose sender went away in the middle of it."""
NUL = ("an address does not contain NUL", "地址中不能含有 NUL")
MOST_ASKED = 100
"""Parameters of an address at most: thousands would be parsed, one by one, before anybody is asked who he is."""
TOO_MUCH = (f"an address has at most {MOST_ASKED} parameters", f"地址中的参数不能超过 {MOST_ASKED} 个")


class HeadTold(Exception):
    """A HEAD request has its answer: the body, which might have no end, is not made."""


class EveryRequest:
    def __init__(self, app: ASGIApp, office: Office) -> None:
        self.app = app
        self.office = office
        self.lines = Lines(sys.stderr.buffer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["method"] == "HEAD":
            with suppress(HeadTold):
                await self._passed({**scope, "method": "GET"}, receive, only_the_head(send))
        else:
            await self._passed(scope, receive, send)

    async def _passed(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["request_id"] = request_id = chance(8).hex()
        began = perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message["headers"]
                headers.append((b"x-request-id", request_id.encode()))
                if b"cache-control" not in dict(headers):
                    headers.append(FOR_WHO_ASKED)
            await send(message)

        try:
            if (fault := _fault(scope)) is not None:
                await refusal(scope, Malformed(*fault))(scope, receive, answer)
            else:
                async with asyncio.timeout(DEADLINE) as scope["deadline"]:
                    await self.app(scope, receive, answer)
        except ClientDisconnect:
            status = status or LEFT
        except (Exception, asyncio.CancelledError) as error:
            if status:
                raise
            await failed(Request(scope), error)(scope, receive, answer)
        finally:
            seconds = perf_counter() - began
            self.office.measures.request(scope["method"], status, seconds)
            self.lines.write(_line(scope, request_id, status, seconds))


def _fault(scope: Scope) -> tuple[str, str] | None:
    """The fault of an address that is refused whatever it asks for; None where there is none."""
    if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
        return NUL
    return TOO_MUCH if scope["query_string"].count(b"&") >= MOST_ASKED else None


def only_the_head(send: Send) -> Send:
    async def head(message: Message) -> None:
        await send(message)
        await send({"type": "http.response.body"})
        raise HeadTold

    return head


class Lines:
    """Lines of JSON, written together a few times a second: each write gives up the interpreter lock."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._waiting: list[bytes] = []

    def write(self, line: dict[str, Any]) -> None:
        if not log.isEnabledFor(logging.INFO):
            return
        if not self._waiting:
            asyncio.get_running_loop().call_later(0.2, self._flush)
        self._waiting.append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._out.write(b"".join(waiting))
        self._out.flush()


def _line(scope: Scope, request_id: str, status: int, seconds: float) -> dict[str, Any]:
    """A line of the log. It names the route and not the address, which may hold a query code or a search."""
    route = scope.get("route")
    return {
        "event": "request",
        "timestamp": datetime.now(UTC),
        "request_id": request_id,
        "method": scope["method"],
        "route": getattr(route, "path", ""),
        "status": status,
        "ms": round(seconds * 1000, 1),
    }
