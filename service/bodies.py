"""Reading a request's body: JSON only, of bounded size, and nothing in it that could not be stored and read back."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from math import isfinite
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from service.problems import Malformed, TooLarge, WrongMedia

LARGEST = 64 * 1024
LARGEST_INTEGER = 2**53


class Body(Request):
    """A request whose body is read strictly."""

    largest = LARGEST

    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            if int(self.headers.get("content-length") or 0) > self.largest:
                raise TooLarge
            parts, size = [], 0
            async for part in self.stream():
                size += len(part)
                if size > self.largest:
                    raise TooLarge
                parts.append(part)
            self._body = b"".join(parts)
        return self._body

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = read_json(await self.body())
            self.scope["sanji_body"] = self._json
        return self._json


class LargeBody(Body):
    largest = 20 * 1024 * 1024


class StrictRoute(APIRoute):
    """Gives its handler a body that was read strictly."""

    request_class: type[Body] = Body

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            body = self.request_class(request.scope, request.receive)
            if request.method in ("POST", "PUT") and not _is_json(request):
                raise WrongMedia
            return await answer(body)

        return strictly


class LargeRoute(StrictRoute):
    request_class = LargeBody


def read_json(raw: bytes) -> Any:
    """JSON as RFC 8259 means it. Raises Malformed for what two readers could read in two ways."""
    try:
        return json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_bounded,
        )
    except (ValueError, RecursionError) as error:
        raise Malformed("the body is not JSON that can be stored", "请求内容不是可以保存的 JSON") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    for name, value in pairs:
        _storable(name)
        if isinstance(value, str):
            _storable(value)
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, str):
                    _storable(item)
    return found


def _storable(text: str) -> None:
    if "\x00" in text:
        raise ValueError("a text contains NUL")
    text.encode("utf-8")


def _no_constant(_: str) -> None:
    raise ValueError("NaN and Infinity are not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("a number is too large")
    return number


def _bounded(text: str) -> int:
    number = int(text[:20])
    if len(text) > 17 or abs(number) > LARGEST_INTEGER:
        raise ValueError("a number is too large")
    return number


def _is_json(request: Request) -> bool:
    """A request without a body need not say what it would have been."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    empty = "transfer-encoding" not in request.headers and request.headers.get("content-length", "0") == "0"
    return kind == "application/json" or empty
