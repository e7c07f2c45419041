"""Sending one delivery: to the very address that was looked up and judged, with the name only where a name belongs."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Coroutine, Mapping
from time import monotonic
from typing import Any

import httpx

from service.webhooks.deliveries import Answer
from service.webhooks.reach import NotReachable, Reach

PATIENCE = 10.0
"""Seconds from looking the name up to the end of the answer."""
AT_ONCE = 4
"""Deliveries under way to one receiver."""
READ = 16 * 1024
"""Bytes of an answer that are read, so that the connection can be used again; nobody looks at them."""
MOMENT = 1.0
"""Seconds for what is under way when the service stops."""
REMEMBERED = 10.0
"""Seconds for which a name is not looked up again."""


class Sender:
    """The way to one receiver, with connections of its own. It follows no redirect, keeps no cookie, asks no proxy."""

    def __init__(self, url: str, reach: Reach, tls: ssl.SSLContext) -> None:
        self.url = url
        self._to = httpx.URL(url)
        self._reach = reach
        self._known: tuple[float, list[str]] = (0.0, [])
        self._transport = httpx.AsyncHTTPTransport(
            verify=tls, trust_env=False, limits=httpx.Limits(max_connections=AT_ONCE, keepalive_expiry=30)
        )

    async def close(self) -> None:
        await to_its_end(self._transport.aclose())

    async def send(self, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._sent(headers, body)
        except (TimeoutError, httpx.TimeoutException):
            return Answer(error="timeout")
        except NotReachable as error:
            return Answer(error=str(error))
        except httpx.ConnectError as error:
            return Answer(error="tls" if _is_tls(error) else "unreachable")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            return Answer(error="broken_answer")

    async def _sent(self, headers: Mapping[str, str], body: bytes) -> Answer:
        *others, last = await self._addresses()
        for address in others:
            try:
                return await self._sent_to(address, headers, body)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if _is_tls(error):
                    raise
        return await self._sent_to(last, headers, body)

    async def _addresses(self) -> list[str]:
        until, addresses = self._known
        if monotonic() >= until:
            addresses = await self._reach.addresses(self._to)
            self._known = (monotonic() + REMEMBERED, addresses)
        return addresses

    async def _sent_to(self, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        request = httpx.Request(
            "POST",
            self._to.copy_with(host=address),
            headers={"Host": self._to.netloc.decode(), **headers},
            content=body,
            extensions={"sni_hostname": self._to.raw_host.decode(), "timeout": httpx.Timeout(PATIENCE / 2).as_dict()},
        )
        answer = await self._transport.handle_async_request(request)
        try:
            read = 0
            async for part in answer.aiter_raw():
                read += len(part)
                if read > READ:
                    break
        finally:
            await answer.aclose()
        return Answer(status=answer.status_code, wait=_seconds(answer.headers.get("retry-after", "")))


async def to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """What is under way when the service stops has a moment to come to its end; then it is given up."""
    under_way = asyncio.create_task(work)
    try:
        await asyncio.shield(under_way)
    except asyncio.CancelledError:
        if not (await asyncio.wait({under_way}, timeout=MOMENT))[0]:
            under_way.cancel()
            await asyncio.wait({under_way})
        raise


def trusted() -> ssl.SSLContext:
    """Whose certificates count: the usual authorities, and those this machine has been told to trust."""
    context = httpx.create_ssl_context()
    context.load_default_certs()
    return context


def _is_tls(error: BaseException | None) -> bool:
    return error is not None and (isinstance(error, ssl.SSLError) or _is_tls(error.__cause__ or error.__context__))


def _seconds(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
