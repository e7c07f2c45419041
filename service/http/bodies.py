"""Reading a request: a body is JSON of bounded size that can be stored and read back, a question names what is known."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson
from fastapi import Request, Response, params

# not promised by FastAPI from one minor version to the next: pyproject.toml holds it at one that has this name
from fastapi._compat import ModelField
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.utils import create_model_field
from pydantic import ValidationError

from service.http.desk import open_desk
from service.http.looking import looking
from service.http.parameters import READING
from service.http.problems import Encoded, TooLarge, WrongMedia
from service.incoming.strict_json import LARGEST, read_json

MOST_FAULTS = 1_000
"""Faults of a body at most that are told one by one: there may be tens of thousands."""


class Body(Request):
    """A request whose body is read strictly."""

    largest = LARGEST

    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            if self.headers.get("content-encoding", "identity").lower() != "identity":
                raise Encoded
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


class AsWritten(ModelField):
    """A field that is read strictly, as JSON means it: text is no number, a number no instant, and only `true` is true."""

    def __init__(self, field: ModelField) -> None:
        vars(self).update(vars(field))

    def validate(
        self, value: Any, _values: dict[str, Any] | None = None, *, loc: tuple[int | str, ...] = ()
    ) -> tuple[Any, list[Any]]:
        try:
            read = self._type_adapter.validate_json(orjson.dumps(value), strict=True)
        except ValidationError as error:
            try:
                read = self._type_adapter.validate_python(value)
            except ValidationError:
                return None, self._faults(error, loc)
            if not all(map(_can_mean_one_thing, error.errors(include_url=False))):
                return None, self._faults(error, loc)
        message = "Input should be an instant with its offset"
        return read, [
            {"type": "datetime_parsing", "loc": (*loc, name), "msg": message}
            for name, one in value.items()
            if isinstance(getattr(read, name, None), datetime) and _counts(one)
        ]

    def _faults(self, error: ValidationError, loc: tuple[int | str, ...]) -> list[Any]:
        if (many := error.error_count()) > MOST_FAULTS:
            return [{"type": "too_many", "loc": loc, "msg": f"There are {many} faults in it"}]
        return [
            one | {"loc": (*loc, *one["loc"])} | ({"known": self._names} if len(one["loc"]) == 1 else {})
            for one in error.errors(include_url=False)
        ]

    @cached_property
    def _names(self) -> list[str]:
        """The fields that there are, for whoever sends another."""
        schema = self._type_adapter.json_schema()
        if "$ref" in schema:  # of a body that need not be sent
            schema = schema["$defs"][schema["$ref"].rpartition("/")[2]]
        return sorted(schema["properties"])


def _can_mean_one_thing(error: Mapping[str, Any]) -> bool:
    """Whether a value is only written unusually, but means one thing: a whole number as 3.0, a day as the instant it
    begins.
    """
    written = error["input"]
    whole = error["type"] == "int_type" and isinstance(written, float)
    return whole or (error["type"] == "date_parsing" and isinstance(written, str) and "T" in written)


def _counts(written: Any) -> bool:
    """Whether a text that should be an instant is a number, of seconds or milliseconds."""
    return isinstance(written, str) and "-" not in written[1:]


class KnowingRoute(APIRoute):
    """A route that refuses parameters it does not know: a misspelt filter would otherwise be answered with everything.

    A parameter given twice is refused, too. What the route answers is described only when the OpenAPI document is asked
    for: doing so for all routes takes long, and a service should start soon.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], *, response_model: Any = None, **more: Any) -> None:
        super().__init__(path, endpoint, response_model=None, **more)
        self._answers = response_model
        if self._at_a_desk:
            asked = self.openapi_extra or {}
            self.openapi_extra = asked | {"parameters": [*asked.get("parameters", ()), *READING]}

    @property
    def _at_a_desk(self) -> bool:
        return any(one.call is open_desk for one in self.dependant.dependencies)

    def describe(self) -> None:
        """Have the OpenAPI document tell what it answers."""
        if self._answers:
            name = f"Response_{self.unique_id}"
            self.response_field = create_model_field(name=name, type_=self._answers, mode="serialization")

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()
        known = {field.alias for field in get_flat_params(self.dependant) if isinstance(field.field_info, params.Query)}
        if self._at_a_desk:
            known |= {one["name"] for one in READING if one["in"] == "query"}

        async def knowing(request: Request) -> Response:
            _asks_only(request, known)
            async with looking(request):
                return await answer(request)

        return knowing


class StrictRoute(KnowingRoute):
    """The same, for a body that is read strictly."""

    request_class: type[Body] = Body

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        self.dependant.body_params[:] = map(AsWritten, self.dependant.body_params)
        answer = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            body = self.request_class(request.scope, request.receive)
            if request.method in ("POST", "PUT"):
                if not _is_json(request):
                    raise WrongMedia
                if await body.body():
                    await body.json()
            return await answer(body)

        return strictly


class CommandRoute(StrictRoute):
    """A route whose body is a command, handled at a writing desk without the detours of the framework.

    A stranger's body is not validated: he is asked first who he is.
    """

    desk: Callable[[Request], Awaitable[Any]]

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return self._handler

    @cached_property
    def _handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        assert self.body_field is not None
        field = AsWritten(self.body_field)
        default = inspect.signature(self.endpoint).parameters["body"].default

        async def ask(request: Request) -> Response:
            _asks_only(request, ())
            if not _is_json(request):
                raise WrongMedia
            body = self.request_class(request.scope, request.receive)
            bare = not await body.body() and default is not inspect.Parameter.empty
            content = None if bare else await body.json()
            desk = await self.desk(body)
            asked, errors = (default, []) if bare else field.validate(content, loc=("body",))
            if errors:
                raise RequestValidationError(errors)
            answer: Response = await self.endpoint(desk=desk, body=asked, **request.path_params)
            return answer

        return ask


def _asks_only(request: Request, known: Collection[str]) -> None:
    """Raises RequestValidationError if the address asks for what this route does not know, or twice for the same."""
    if not request.scope["query_string"]:
        return
    for name, times in Counter(name for name, _ in request.query_params.multi_items()).items():
        if name not in known:
            message = f"There is a name here that is not known; known are {', '.join(sorted(known)) or 'none'}"
            raise RequestValidationError([{"type": "unknown_name", "loc": ("query",), "msg": message}])
        if times > 1:
            message = "Input should stand there once"
            raise RequestValidationError([{"type": "too_many", "loc": ("query", name), "msg": message}])


def _is_json(request: Request) -> bool:
    """A request without a body need not say what it would have been."""
    headers = request.headers
    if headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
        return True
    return "transfer-encoding" not in headers and headers.get("content-length", "0") == "0"
