"""Reading the form of a page: bounded in size, since it is read before its sender is known."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from service.http.bodies import Body
from service.http.problems import TooLarge
from service.sign_in.refusals import Unauthenticated
from service.web.reader import actor_of


class Posted(Body):
    largest = 1024 * 1024
    """A policy of as many Chinese letters as its form takes, each of them nine bytes there."""


class OfAStranger(Body):
    largest = 8 * 1024
    """A key and an address to go on to, or a code: a form is taken apart letter by letter, before all who wait."""

    async def body(self) -> bytes:
        """Raises Unauthenticated for a longer one: of whoever fills it in, the session is over."""
        try:
            return await super().body()
        except TooLarge:
            raise Unauthenticated from None


class FormRoute(APIRoute):
    """A page with a form. The framework puts a file of any length away, whether the form has one or not."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            kind = OfAStranger if actor_of(request) is None else Posted
            posted = kind(request.scope, request.receive)
            if self.body_field is not None:
                await posted.body()
            return await answer(posted)

        return bounded
