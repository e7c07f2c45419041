"""Who asks: by a key in the header, as everywhere, or in `api_key`, as the standard has it; and refusals in its words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from hashlib import sha256
from typing import Annotated, Any

import orjson
from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError

from service.http.bodies import KnowingRoute
from service.http.desk import Desk, desk_of
from service.http.parameters import FURTHEST
from service.http.problems import REFUSALS, RateLimited, invalid, refused
from service.http.requests import office_of, reads_chinese
from service.http.writing_desk import WritingDesk, writing_desk
from service.incoming.refusals import Malformed
from service.open311.formats import errors
from service.open311.reporting import KEY
from service.record.ids import new_id

PLACE = "/open311/"
Refusal = Callable[[Request, Exception], Response | Awaitable[Response]]

Text = Annotated[str, Query(max_length=4000)]
Key = Annotated[str, Query(max_length=4000, description=KEY)]


class GeoReportRoute(KnowingRoute):
    """A route whose refusals are told in the words of the standard."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await answer(request)
            except RequestValidationError as error:
                return errors(request, invalid(request, error))
            except REFUSALS as error:
                return errors(request, refused(request, error))

        return answered


def install(app: FastAPI) -> None:
    """What is refused before a route is found, too many requests or an unfit address, is told here in the words of the
    standard.
    """
    for kind in (RateLimited, Malformed):
        app.add_exception_handler(kind, _spoken(app.exception_handlers[kind]))


def _spoken(otherwise: Refusal) -> Refusal:
    def answer(request: Request, error: Exception) -> Response | Awaitable[Response]:
        here = request.url.path.startswith(PLACE)
        return errors(request, refused(request, error)) if here else otherwise(request, error)

    return answer


async def in_chinese(request: Request, jurisdiction_id: Text = "", api_key: Key = "") -> bool:
    """Whether he reads Chinese, whoever it is; this is one jurisdiction, so that its id does not matter."""
    del jurisdiction_id, api_key
    return reads_chinese(request)


async def at_desk(
    request: Request,
    authorization: Annotated[str, Header(description="Bearer <key>")] = "",
    sanji_min_position: Annotated[int, Header(ge=0, le=FURTHEST)] = 0,
    jurisdiction_id: Text = "",
    api_key: Key = "",
) -> Desk:
    del jurisdiction_id
    return await desk_of(request, authorization or bearer(api_key), sanji_min_position)


async def to_write(request: Request, form: dict[str, str], place: str, once: Sequence[str] = ()) -> WritingDesk:
    """The writing desk for a form. The `once` fields make it the same when it is sent again, or else its
    Idempotency-Key.

    Without either each one is another: two forms may be alike.
    """
    office = office_of(request)
    in_form = form.pop("api_key", "")
    shown = request.query_params.get("api_key", "") or in_form
    by = await office.actor(request.headers.get("authorization", "") or bearer(shown))
    request.scope["sanji_body"] = form
    key = key_of(form, once) or request.headers.get("idempotency-key", new_id(office.clock.now()))
    return writing_desk(request, by, place=place, key=key)


def key_of(form: dict[str, str], fields: Sequence[str]) -> str:
    """Nothing, unless all of these fields are there."""
    values = [form.get(one, "") for one in fields]
    return sha256(orjson.dumps(values)).hexdigest() if values and all(values) else ""


def bearer(key: str) -> str:
    return f"Bearer {key}" if key else ""


ReadsChinese = Annotated[bool, Depends(in_chinese)]
AtDesk = Annotated[Desk, Depends(at_desk)]
