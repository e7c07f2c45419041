"""How pages read and write: through the service's own routes, as their reader, within this process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from fastapi import Request
from starlette.types import Message

from service.http.pace import INSIDE
from service.web.language import language_of

PASSED_ON = ("authorization", "cookie", "host", "sanji-min-position", "sanji-purpose")
"""Headers passed on to the routes: who the reader is, and which position he wants to see."""


@dataclass
class Answer:
    """What a route said."""

    status: int = 500
    body: bytearray = field(default_factory=bytearray)

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


class NotAnswered(Exception):
    """A route said no, and so does the page."""

    def __init__(self, answer: Answer) -> None:
        self.status = answer.status
        self.problem = answer.json


async def ask(request: Request, path: str, **query: Any) -> Any:
    """What `GET path` answers to the reader of this page. Raises NotAnswered."""
    answer = await _looked(request, path, query)
    if answer.status != 200:
        raise NotAnswered(answer)
    return answer.json


async def ask_if_there(request: Request, path: str, **query: Any) -> Any:
    """The same; None for what is not there, or not for this reader: the page is shown without it."""
    answer = await _looked(request, path, query, sanji_if_there=True)
    if answer.status not in (200, 404):
        raise NotAnswered(answer)
    return answer.json if answer.status == 200 else None


async def every(request: Request, path: str, **query: Any) -> list[dict[str, Any]]:
    """All items of a list that comes in pages. Raises NotAnswered."""
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await ask(request, path, limit=200, cursor=cursor, **query)
        items += page["items"]
        if (cursor := page["next"]) is None:
            return items


async def tell(request: Request, method: str, path: str, body: Any, seen: int | None = None, **query: Any) -> Answer:
    """The answer of a route to this body; `seen` is the version it builds on.

    Forms of other sites arrive here without the reader's key (see `session`).
    """
    return await _answer(request, method, path, query, orjson.dumps(body), seen)


async def _looked(request: Request, path: str, query: Mapping[str, Any], **more: Any) -> Answer:
    asked = {name.rstrip("_"): value for name, value in query.items()}
    page = (request.url.path, request.scope.setdefault("sanji_looked", set()))
    return await _answer(request, "GET", path, asked, sanji_page=page, **more)


async def _answer(
    request: Request,
    method: str,
    path: str,
    query: Mapping[str, Any],
    body: bytes = b"",
    seen: int | None = None,
    **more: Any,
) -> Answer:
    answer = Answer()
    asked = {name: value for name, value in query.items() if value not in (None, "", [])}
    headers = [
        (name.encode(), request.headers[name].encode("latin-1")) for name in PASSED_ON if name in request.headers
    ]
    if seen is not None:
        headers.append((b"if-match", f'"{seen}"'.encode()))
    scope = {
        **{name: request.scope[name] for name in ("type", "asgi", "http_version", "scheme", "server", "client")},
        "method": method,
        INSIDE: True,
        "path": path,
        "raw_path": quote(path).encode(),
        "root_path": "",
        "query_string": urlencode(asked, doseq=True).encode(),
        "headers": [
            *headers,
            (b"accept-language", language_of(request).encode()),
            (b"content-type", b"application/json"),
        ],
        **more,
    }

    async def say() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def hear(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
        else:
            answer.body += message.get("body", b"")

    await request.app(scope, say, hear)
    return answer
