"""How a page has something done: through the service's own routes, as its reader, in this process."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import orjson
from fastapi import Request
from starlette.types import Message

from service.web.asking import PASSED_ON, Answer
from service.web.language import language_of


async def tell(request: Request, method: str, path: str, body: Any, **query: Any) -> Answer:
    """What a route says to this body. A form of another site has lost its reader's key before it comes here."""
    answer = Answer()
    asked = {name: value for name, value in query.items() if value not in (None, "")}
    headers = [
        (name.encode(), request.headers[name].encode("latin-1")) for name in PASSED_ON if name in request.headers
    ]
    language = (b"accept-language", language_of(request).encode())
    scope = {
        **{name: request.scope[name] for name in ("type", "asgi", "http_version", "scheme", "server", "client")},
        "method": method,
        "path": path,
        "raw_path": quote(path).encode(),
        "root_path": "",
        "query_string": urlencode(asked).encode(),
        "headers": [*headers, language, (b"content-type", b"application/json")],
    }

    async def said() -> Message:
        return {"type": "http.request", "body": orjson.dumps(body), "more_body": False}

    async def hear(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
        else:
            answer.body += message.get("body", b"")

    await request.app(scope, said, hear)
    return answer
