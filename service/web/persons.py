"""Persons (找人): for the privacy officer, where somebody told a number; the number goes into no address and no log."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response

from service.web.asking import ask
from service.web.drawing import draw
from service.web.posted import FormRoute

router = APIRouter(prefix="/persons", include_in_schema=False, route_class=FormRoute)

By = Literal["phone", "id_number", "household"]


@router.get("")
async def persons(request: Request) -> Response:
    await ask(request, "/v1/me")
    return draw(request, "persons.html", by="phone", found=None)


@router.post("")
async def find(request: Request, by: Annotated[By, Form()], value: Annotated[str, Form(max_length=64)]) -> Response:
    """It is put on record who looked, and what was found."""
    found = await ask(request, "/v1/persons", **{by: value.strip()})
    return draw(request, "persons.html", by=by, found=found["items"])
