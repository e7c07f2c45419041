"""What a citizen sees with the code on his receipt, and where he judges the result."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from service.http.requests import office_of
from service.http.window import found as by_code
from service.http.window import may_ask
from service.web.asking import ask_if_there
from service.web.drawing import draw
from service.web.posted import FormRoute

router = APIRouter(include_in_schema=False, route_class=FormRoute)


@router.get("/track")
async def window(request: Request) -> Response:
    return draw(request, "track.html", code="", found=None, wrong=False)


@router.post("/track")
async def look_up(code: Annotated[str, Form(max_length=32)]) -> Response:
    """The code goes into the address of the page, which nobody links to and no log keeps."""
    return RedirectResponse(f"/track/{quote(code.strip(), safe='')}", 303)


@router.get("/track/{code}")
async def track(code: str, request: Request, said: str = "") -> Response:
    """Where it stands, and what he may say to it; or that he has just `said` it."""
    found = await ask_if_there(request, f"/v1/track/{code}")
    if found is None:
        return draw(request, "track.html", 404, code=code, found=None, wrong=True)
    office = office_of(request)
    offered = await may_ask(office, await by_code(office, code))
    return draw(request, "track.html", code=code, found=found, wrong=False, offered=offered, said=said)
