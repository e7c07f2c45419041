"""Sign-in by redirect to the issuer and back; the code it returns works only in the browser that asked.

The session's cookie is never sent with what another site's page begins (SameSite=Strict), so that the way back ends on a
page of ours, which goes on by itself.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from hashlib import sha256
from hmac import compare_digest
from time import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from domain.refusals import Refused
from service.http.requests import office_of
from service.sign_in.refusals import IssuerSilent, Unauthenticated
from service.web import session
from service.web.drawing import draw
from service.web.language import speaking
from service.web.sign_in import drawn, inside

if TYPE_CHECKING:
    from service.sign_in.issuer import Issuer

router = APIRouter(include_in_schema=False)

PATH = "/sign-in/oidc"
COOKIE = "sanji_signing_in"
LASTS = 600
"""Seconds one may take to sign in over there."""
BEGUN_ELSEWHERE = ("this sign-in was not begun here, or too long ago", "登录请求无效或已超时，请重新登录")


@router.get(PATH)
async def begin(request: Request, next: str = Query("/", max_length=500)) -> Response:
    """Send the browser to the issuer, and have it keep what shows on the way back that it was this one."""
    issuer = _issuer(request)
    begun: dict[str, Any] = {
        "state": secrets.token_urlsafe(32),
        "nonce": secrets.token_urlsafe(32),
        "verifier": secrets.token_urlsafe(48),
        "next": inside(next),
        "ends": int(time()) + LASTS,
    }
    try:
        published = await issuer.published()
        if not published.authorization:
            raise IssuerSilent("the issuer signs nobody in by redirect", "身份认证服务不支持跳转登录")
    except IssuerSilent as silent:
        return _refused(request, begun["next"], silent)
    asked = {
        "response_type": "code",
        "client_id": issuer.client,
        "redirect_uri": _back(request),
        "scope": issuer.scope,
        "state": begun["state"],
        "nonce": begun["nonce"],
        "code_challenge": urlsafe_b64encode(sha256(begun["verifier"].encode()).digest()).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    separator = "&" if urlsplit(published.authorization).query else "?"
    answer = RedirectResponse(published.authorization + separator + urlencode(asked), 303)
    box = office_of(request).seals.closed(orjson.dumps(begun))
    answer.set_cookie(
        session.cookie_of(request, COOKIE),
        urlsafe_b64encode(box).decode(),
        max_age=LASTS,
        httponly=True,
        samesite="lax",
        secure=session.secure(request),
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.get(f"{PATH}/back")
async def back(
    request: Request, code: str = Query("", max_length=4000), state: str = Query("", max_length=200)
) -> Response:
    """Begin a session for whom the issuer has signed in."""
    issuer, office = _issuer(request), office_of(request)
    begun = _begun(request)
    try:
        if begun is None or not code or not compare_digest(state.encode(), begun["state"].encode()):
            raise Unauthenticated(*BEGUN_ELSEWHERE)
        official = await issuer.signed_in(code, begun["verifier"], _back(request), begun["nonce"])
        key = office.identity.vouch(official, int(time() + session.LASTS.total_seconds()))
        await office.actor(f"Bearer {key}")
    except (Unauthenticated, IssuerSilent) as refused:
        answer = _refused(request, begun["next"] if begun else "/", refused)
    else:
        answer = draw(request, "signed_in.html", next=begun["next"], other_language=begun["next"])
        session.begin(answer, request, office, key)
    answer.delete_cookie(
        session.cookie_of(request, COOKIE), httponly=True, samesite="lax", secure=session.secure(request)
    )
    return answer


def _begun(request: Request) -> dict[str, Any] | None:
    """What this browser keeps of a sign-in it began a moment ago."""
    kept = request.cookies.get(session.cookie_of(request, COOKIE), "")
    try:
        plain = office_of(request).seals.opened(urlsafe_b64decode(kept))
    except (Error, ValueError):
        return None
    begun: dict[str, Any] | None = orjson.loads(plain) if plain and plain.startswith(b"{") else None
    return begun if begun is not None and time() < begun["ends"] else None


def _refused(request: Request, next: str, refused: Refused) -> Response:
    message = speaking(request)(refused.chinese, refused.english)
    return drawn(request, next, message, 503 if isinstance(refused, IssuerSilent) else 401)


def _back(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{PATH}/back"


def _issuer(request: Request) -> Issuer:
    """The issuer whose accounts count here; without one there is no such page."""
    issuer = office_of(request).identity.issuer
    if issuer is None or not issuer.client:
        raise HTTPException(404)
    return issuer
