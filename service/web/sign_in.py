"""Signing in with a key, and out; in the demonstration, as any of the ready-made roles."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from service.http.requests import office_of
from service.sign_in.refusals import Unauthenticated
from service.web import session
from service.web.drawing import draw
from service.web.language import speaking
from service.web.posted import FormRoute

router = APIRouter(include_in_schema=False, route_class=FormRoute)


def address(request: Request) -> str:
    """Where to sign in, to come back to where one was."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/sign-in?next={quote(here)}"


@router.get("/sign-in")
async def form(request: Request, next: str = "/") -> Response:
    return drawn(request, next)


@router.post("/sign-in")
async def sign_in(
    request: Request,
    key: Annotated[str, Form(max_length=200)] = "",
    role: Annotated[str, Form(max_length=40)] = "",
    next: Annotated[str, Form(max_length=500)] = "/",
) -> Response:
    """Begin a session with a key that is valid now."""
    office = office_of(request)
    key = {one.role: one.key for one in session.ready(request)}.get(role, key).strip()
    if not session.own_doing("POST", request.headers):
        return drawn(request, next, status=403)
    try:
        await office.actor(f"Bearer {key}")
    except Unauthenticated as refused:
        message = speaking(request)(refused.chinese, refused.english)
        return drawn(request, next, message, 401)
    answer = RedirectResponse(inside(next), 303)
    session.begin(answer, request, office, key)
    return answer


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session, and have the browser forget what it kept of it."""
    answer = RedirectResponse("/sign-in", 303)
    if session.own_doing("POST", request.headers):
        session.end(answer, request)
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def drawn(request: Request, next: str, refused: str = "", status: int = 200) -> Response:
    office = office_of(request)
    issuer = office.identity.issuer
    redirects = issuer is not None and bool(issuer.client)
    return draw(request, "sign_in.html", status, next=inside(next), refused=refused, redirects=redirects)


def inside(address: str) -> str:
    """An address on this service; the first page for any other. Browsers pass over what cannot be printed."""
    elsewhere = not address.startswith("/") or address.startswith(("//", "/\\")) or not address.isprintable()
    return "/" if elsewhere else address
