"""The overview (总览): the three banks as they stand now, or stood at any instant, and what moves between them."""

from __future__ import annotations

from asyncio import gather
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.web.asking import ask
from service.web.drawing import draw
from service.web.figures import charts
from service.web.language import speaking
from service.web.links import Lists
from service.web.parts import draw_as_told
from service.web.periods import instant
from service.web.reader import actor_of, at_work
from service.web.weeks import WEEKS, monday_of, weekly

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One bank, the times of its tier in the last weeks, and where its numbers lead."""

    bank: dict[str, Any]
    times: dict[str, Any] | None
    today: tuple[datetime, datetime]
    oldest_before: datetime | None

    def hold(self, figure: str) -> float | None:
        return self.times["hold"][figure] if self.times else None

    def response(self, figure: str) -> float | None:
        return self.times["first_response"][figure] if self.times else None


@router.get("/")
async def overview(request: Request, at: str | None = None, unit: str | None = None) -> Response:
    """The first page, for whoever holds a post in the district; another begins with the cases he brought in."""
    actor = actor_of(request)
    if actor is not None and not at_work(actor):
        return RedirectResponse("/cases", 303)
    then, say = instant(request, at), speaking(request)
    bank = await ask(request, "/v1/problem-bank", at=then, unit=unit)
    place, now = bank["unit"], datetime.fromisoformat(bank["at"])
    lists = Lists(under=place, at=then)

    async def first_screen() -> dict[str, Any]:
        return {"tiers": await banks(request, bank, then)}

    async def below_it() -> dict[str, Any]:
        drawn, late = await gather(
            charts(request, say, lists),
            ask(request, "/v1/cases", overdue=True, sort="due_at", limit=10, under=place, at=then),
        )
        return {"charts": drawn, "oldest": late["items"]}

    async def week_by_week() -> dict[str, Any]:
        weeks = await weekly(request, say, now, lists)
        return {"lines": weeks.lines, "heat": weeks.heat}

    context = {"at": at, "now": now, "asked": unit, "place": place, "lists": lists}
    return draw_as_told(request, "overview.html", first_screen, below_it, week_by_week, **context)


@router.get("/overview/tiles")
async def tiles(request: Request, unit: str | None = None) -> Response:
    """The part of the overview that changes by itself."""
    bank = await ask(request, "/v1/problem-bank", unit=unit)
    lists = Lists(under=bank["unit"], at=None)
    return draw(request, "overview_tiles.html", tiers=await banks(request, bank, None), lists=lists)


async def banks(request: Request, bank: dict[str, Any], at: str | None) -> list[Tile]:
    """Each bank with the times of its tier."""
    now = datetime.fromisoformat(bank["at"])
    start = monday_of(now) - timedelta(weeks=WEEKS - 1)
    times = await ask(request, "/v1/response-times", group_by="tier", at=at, unit=bank["unit"], from_=start.isoformat())
    by_tier = {one["group"]: one for one in times["items"]}
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        Tile(
            bank=tier,
            times=by_tier.get(tier["tier"]),
            today=(midnight, midnight + timedelta(days=1)),
            oldest_before=None if (age := tier["oldest_age_s"]) is None else now - timedelta(seconds=age - 1),
        )
        for tier in bank["tiers"]
    ]
