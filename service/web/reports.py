"""Printed reports (报表): a unit's week and the district's month, as they stood in the last second of it; its times, once it was over."""

from __future__ import annotations

from asyncio import gather
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response

from domain.org import Tier, UnitKind
from service.http.requests import now_at, office_of
from service.web.asking import ask, every
from service.web.drawing import draw
from service.web.figures import age_chart, flow_chart, limits
from service.web.language import speaking
from service.web.links import Lists
from service.web.periods import month, week
from service.web.units import choices, district

router = APIRouter(prefix="/reports", include_in_schema=False)

NO_TIMES: dict[str, Any] = {
    "entries": 0,
    "first_response": {"p50_s": None, "p90_s": None, "due": 0, "breached": 0},
    "hold": {"p50_s": None, "p90_s": None, "due": 0, "breached": 0},
    "overdue_share": None,
    **dict.fromkeys(("escalated", "remanded", "reopened", "disputed_rejected"), 0),
    "misdispatch": {"n": 0, "total_s": 0},
}
"""A tier in which nothing happened."""


@router.get("/weekly")
async def weekly(request: Request, unit: str | None = None) -> Response:
    """What came in, was solved, went up, is overdue; and what is open at the end, the late ones first."""
    say, now = speaking(request), now_at(request)
    units, own = await choices(request)
    place = unit or (own.id if own else next((one.id for one in units), district(request)))
    mine = tiers_of(request, place)
    period = week(request.query_params.get("week"), now)
    before = week(f"{period.start - timedelta(weeks=1):%G-W%V}", now)
    flowed, earlier, bank, stood, aged, waits, *times = await gather(
        ask(request, "/v1/flows", unit=place, **period.asked),
        ask(request, "/v1/flows", unit=place, **before.asked),
        ask(request, "/v1/problem-bank", unit=place, at=period.at),
        ask(request, "/v1/problem-bank", unit=place, at=before.at),
        ask(request, "/v1/ageing", unit=place, at=period.at),
        ask(request, f"/v1/units/{place}/queue", limit=200, at=period.at),
        *(
            ask(request, "/v1/response-times", group_by=kind_of(request, place), tier=tier, **period.asked_when_over)
            for tier in mine
        ),
    )
    banks = [tier for tier in bank["tiers"] if tier["tier"] in mine]
    by_tier = {tier: group_of(answer["items"], place) for tier, answer in zip(mine, times, strict=True)}
    late = [one for one in waits["items"] if one["due_at"] and datetime.fromisoformat(one["due_at"]) <= period.end]
    return draw(
        request,
        "weekly.html",
        units=units,
        place=place,
        period=period,
        week=moves(flowed["items"], mine),
        last=moves(earlier["items"], mine),
        stands=standing(banks),
        stood=standing([tier for tier in stood["tiers"] if tier["tier"] in mine]),
        rows=[{**by_tier[tier["tier"]], **tier} for tier in banks],
        late=late,
        rest=[one for one in waits["items"] if one not in late],
        more=waits["next"] is not None,
        ages=age_chart(
            {**aged, "items": [one for one in aged["items"] if one["tier"] in mine]},
            say,
            Lists(under=place, at=period.at),
            limits(request),
        ),
    )


@router.get("/monthly")
async def monthly(request: Request) -> Response:
    """The tiers and the towns, the assignments given back, the hotspots, and the pending list with its plans."""
    say, now = speaking(request), now_at(request)
    _, own = await choices(request)
    place = own.id if own else None
    period = month(request.query_params.get("month"), now)
    lists = Lists(under=place, at=period.at)
    flowed, bank, aged, by_tier, by_town, pending, hot = await gather(
        ask(request, "/v1/flows", unit=place, **period.asked),
        ask(request, "/v1/problem-bank", unit=place, at=period.at),
        ask(request, "/v1/ageing", unit=place, at=period.at),
        ask(request, "/v1/response-times", group_by="tier", unit=place, **period.asked_when_over),
        ask(request, "/v1/response-times", group_by="town", unit=place, **period.asked_when_over),
        every(request, "/v1/pending-list", at=period.at),
        ask(
            request, "/v1/hotspots", unit=place, from_=period.start.isoformat(), to=period.end.isoformat(), at=period.at
        ),
    )
    return draw(
        request,
        "monthly.html",
        place=place or district(request),
        period=period,
        month=moves(flowed["items"], list(Tier)),
        stands=standing(bank["tiers"]),
        rows=[{**group_of(by_tier["items"], tier["tier"]), **tier} for tier in bank["tiers"]],
        towns=sorted(filter(in_a_town(request), by_town["items"]), key=lambda one: (-one["entries"], one["group"])),
        waiting=sum(tier["statuses"].get("disputed", 0) for tier in bank["tiers"]),
        pending=pending,
        hotspots=hot["items"],
        flows=flow_chart(flowed, say, lists, say("本月各级之间的流动", "Moves between the tiers in the month")),
        ages=age_chart(aged, say, lists, limits(request)),
    )


def moves(flows: Sequence[dict[str, Any]], mine: Sequence[str]) -> Counter[str]:
    """What came to these tiers, was solved in them, and left them upwards."""
    found: Counter[str] = Counter()
    for one in flows:
        comes, stays = one["target"] in mine, one["source"] in mine
        if comes and not stays:
            found["in"] += one["n"]
            found[one["source"]] += one["n"]
        elif stays and one["target"] == "resolved":
            found["solved"] += one["n"]
        elif stays and not comes and one["exit"] in UP:
            found["up"] += one["n"]
            found["up_late"] += one["n"] * (one["exit"] == "escalated_deadline")
    return found


UP = ("escalated_manual", "escalated_deadline")


def standing(tiers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What some tiers have together."""
    oldest = [tier["oldest_age_s"] for tier in tiers if tier["oldest_age_s"] is not None]
    return {
        "open": sum(tier["open"] for tier in tiers),
        "overdue": sum(tier["overdue"] for tier in tiers),
        "oldest_s": max(oldest, default=None),
    }


def group_of(items: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    return NO_TIMES | next((one for one in items if one["group"] == name), {})


def tiers_of(request: Request, place: str) -> list[Tier]:
    """The tier a unit stands in, and those below it that it answers for."""
    unit = office_of(request).org.unit(place)
    if unit is None or unit.tier is None:
        return list(Tier)
    return [Tier.VILLAGE, Tier.TOWN] if unit.tier is Tier.TOWN else [unit.tier]


def kind_of(request: Request, place: str) -> str:
    unit = office_of(request).org.unit(place)
    return "town" if unit and unit.kind is UnitKind.TOWN else "unit"


def in_a_town(request: Request) -> Callable[[dict[str, Any]], bool]:
    """What belongs to no town is the district's own, and stands in the table of the tiers."""
    org = office_of(request).org
    return lambda group: org.unit(group["group"]) is not None
