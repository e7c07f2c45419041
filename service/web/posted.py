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
    """Enough for a policy written in Chinese, where each character takes nine bytes in a form."""


class OfAStranger(Body):
    largest = 8 * 1024
    """Enough for a key and an address, or a code. Forms are parsed byte by byte in the event loop, so they stay small."""

    async def body(self) -> bytes:
        """Raises Unauthenticated for a longer form: only somebody signed in was shown one, and his session is over."""
        try:
            return await super().body()
        except TooLarge:
            raise Unauthenticated from None


class FormRoute(APIRoute):
    """A page with a form of bounded size. The framework would store a file of any length, even if the form has none."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            kind = OfAStranger if actor_of(request) is None else Posted
            posted = kind(request.scope, request.receive)
            if self.body_field is not None:
                await posted.body()
            return await answer(posted)

        return bounded
