"""Sessions: an API key kept in a cookie. A request with the cookie counts as one with the key."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fastapi import Response
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.decider import Actor
from service.office import Office
from service.sign_in.refusals import Unauthenticated
from service.storage.database import OUT_OF_REACH

COOKIE = "sanji_session"
LASTS = timedelta(hours=12)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
READER = "sanji.reader"
"""Where in the scope of a page its reader stands."""
PROGRAMS = ("/v1/", "/open311/", "/docs", "/static/")
"""Below these nobody reads pages."""


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A key at hand for whoever opens the demonstration."""

    role: str
    chinese: str
    english: str
    key: str


def ready(request: HTTPConnection) -> tuple[Ready, ...]:
    """The keys of the demonstration; elsewhere there are none."""
    found: tuple[Ready, ...] = request.app.state.ready
    return found


class Sessions:
    """Puts the key of a session where a program would have put its own: into the Authorization header.

    A write from another site's page comes without it (the cookie is SameSite=Strict, too), so it is nobody's.
    """

    def __init__(self, app: ASGIApp, office: Office) -> None:
        self.app = app
        self.office = office

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if "cookie" in headers and "authorization" not in headers and own_doing(scope["method"], headers):
                asked = HTTPConnection(scope)
                key = key_of(asked.cookies.get(cookie_of(asked), ""), self.office)
                if key is not None:
                    authorization = (b"authorization", b"Bearer " + key)
                    scope = {**scope, "headers": [*scope["headers"], authorization]}
                    if not scope["path"].startswith(PROGRAMS):
                        scope[READER] = await known(self.office, "Bearer " + key.decode())
        await self.app(scope, receive, send)


async def known(office: Office, authorization: str) -> Actor | None:
    """Whose session it is, as long as it is anybody's."""
    try:
        return await office.actor(authorization)
    except (Unauthenticated, *OUT_OF_REACH):
        return None


def own_doing(method: str, headers: Headers) -> bool:
    """Whether the reader asks this from one of our pages: always so for a read, shown by the browser for a write."""
    if method in SAFE:
        return True
    if "sec-fetch-site" in headers:
        return headers["sec-fetch-site"] == "same-origin"
    _, _, site = headers.get("origin", "").partition("://")
    return site != "" and site == headers.get("host")


def key_of(kept: str, office: Office) -> bytes | None:
    """The key of a session that has not ended."""
    try:
        plain = office.seals.opened(urlsafe_b64decode(kept))
    except ValueError:
        return None
    if plain is None or datetime.now(UTC).timestamp() >= int.from_bytes(plain[:8]):
        return None
    return plain[8:]


def cookie_of(asked: HTTPConnection, name: str = COOKIE) -> str:
    """What a cookie is called. With `__Host-` no browser takes it from a sibling of this host, nor keeps it over http."""
    return f"__Host-{name}" if secure(asked) else name


def secure(asked: HTTPConnection) -> bool:
    return asked.url.scheme == "https"


def begin(answer: Response, asked: HTTPConnection, office: Office, key: str) -> None:
    """Let a browser keep a key, unreadable to its scripts, for half a day."""
    ends = int((datetime.now(UTC) + LASTS).timestamp())
    box = office.seals.closed(ends.to_bytes(8) + key.encode())
    answer.set_cookie(
        cookie_of(asked),
        urlsafe_b64encode(box).decode(),
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=secure(asked),
    )


def end(answer: Response, asked: HTTPConnection) -> None:
    answer.delete_cookie(cookie_of(asked), httponly=True, samesite="strict", secure=secure(asked))
