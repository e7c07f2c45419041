"""The short way to a command: its route is found by its path alone, and nothing of the framework stands between."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from service.http.bodies import CommandRoute
from service.http.problems import REFUSALS, invalid, refused

PLACE = re.compile(r"{(\w+)}")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Express:
    """Takes what is posted to `/v1/cases`, to `/v1/cases/{case_id}/<verb>` and to a household; leaves the rest to the framework.

    Its router matches a path with every route there is and its layers wrap every answer, at twice the cost of deciding.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self.app = app
        self._known: dict[tuple[str, ...], tuple[CommandRoute, Handler]] = {
            tuple(PLACE.split(route.path)[::2]): (route, route.get_route_handler())
            for route in routes
            if isinstance(route, CommandRoute)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._found(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if found is None:
            await self.app(scope, receive, send)
            return
        (scope["route"], handle), scope["path_params"] = found
        request = Request(scope, receive)
        try:
            answer = await handle(request)
        except RequestValidationError as error:
            answer = invalid(request, error)
        except REFUSALS as error:
            answer = refused(request, error)
        await answer(scope, receive, send)

    def _found(self, path: str) -> tuple[tuple[CommandRoute, Handler], dict[str, str]] | None:
        if known := self._known.get((path,)):
            return known, {}
        begun, _, verb = path.rpartition("/")
        collection, _, id = begun.rpartition("/")
        known = self._known.get((f"{collection}/", f"/{verb}")) if id else None
        return known and (known, dict.fromkeys(known[0].param_convertors, id))
