"""The overview (总览): the three banks as they stand now, or stood at any instant, and what moves between them."""

from __future__ import annotations

from asyncio import gather
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from service.office import Office
from service.web.asking import ask
from service.web.drawing import draw
from service.web.figures import charts, heat
from service.web.language import Language, language_of

router = APIRouter(include_in_schema=False)


@router.get("/")
async def overview(request: Request, at: str | None = None, unit: str | None = None) -> Response:
    office: Office = request.app.state.office
    then, say = instant(request, at), Language(language_of(request))
    now = office.rules(office.clock.now()).local(office.clock.now())
    tiers, late, drawn, towns = await gather(
        banks(request, then, unit),
        ask(request, "/v1/cases", overdue=True, sort="due_at", limit=10, unit=unit),
        charts(request, say, then, unit),
        heat(request, say, now, then),
    )
    return draw(
        request, "overview.html", tiers=tiers, oldest=late["items"], charts=drawn, heat=towns, at=at, place=unit
    )


@router.get("/overview/tiles")
async def tiles(request: Request, unit: str | None = None) -> Response:
    """The part of the overview that changes by itself."""
    return draw(request, "overview_tiles.html", tiers=await banks(request, None, unit), place=unit)


async def banks(request: Request, at: str | None, unit: str | None) -> list[dict[str, Any]]:
    """Each bank with the times of its tier."""
    bank, times = await gather(
        ask(request, "/v1/problem-bank", at=at, unit=unit),
        ask(request, "/v1/response-times", group_by="tier", at=at),
    )
    by_tier = {one["group"]: one for one in times["items"]}
    nothing = {"hold": {"p50_s": None, "p90_s": None}, "first_response": {"p50_s": None, "p90_s": None}}
    return [{**nothing, **by_tier.get(tier["tier"], {}), **tier} for tier in bank["tiers"]]


def instant(request: Request, local: str | None) -> str | None:
    """What a reader wrote on the district's clock, as an instant."""
    if not local:
        return None
    office: Office = request.app.state.office
    try:
        at = datetime.fromisoformat(local)
    except ValueError:
        return local
    zone = office.rules(office.clock.now()).zone
    return (at if at.tzinfo else at.replace(tzinfo=zone)).isoformat()
