"""Where anybody may be anybody, it answers only to the names of this machine.

A page elsewhere whose own name comes to lead here (DNS rebinding) is of one origin with it for a browser, and could ask
and read whatever it likes.
"""

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from service.http.problems import refusal
from service.incoming.refusals import Malformed

OWN = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)
ELSEWHERE = (
    "this service is tried out, on this machine only: ask it as localhost or 127.0.0.1",
    "本服务处于试用状态，仅限本机以 localhost 或 127.0.0.1 访问",
)


class OwnNames:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or OWN.fullmatch(Headers(scope=scope).get("host", "")):
            await self.app(scope, receive, send)
        else:
            await refusal(scope, Malformed(*ELSEWHERE))(scope, receive, send)
