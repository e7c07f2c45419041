"""Cases as a list, which every number of the overview leads to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from domain.case.terms import Grade, Kind, Status
from domain.org import Tier, UnitKind
from service.http.requests import office_of
from service.web.asking import ask
from service.web.drawing import draw
from service.web.labels import BANKS, BOARDS, PLACES
from service.web.language import Language, speaking
from service.web.links import following
from service.web.periods import instant
from service.web.units import choices

router = APIRouter(include_in_schema=False)

SHOWN = ("q", "under", "tier", "status", "kind", "grade", "overdue", "sort")
"""What the form of the list lets one choose."""
KEPT = (
    *("unit", "village", "category", "household", "bank", "board", "open", "ever", "moved"),
    *("came_after", "came_before", "reported_after", "reported_before", "due_before", "at"),
)
"""Filters that only links from a number set; the form keeps them."""


@router.get("/cases")
async def cases(request: Request) -> Response:
    wanted = {name: value for name in (*SHOWN, *KEPT) if (value := request.query_params.get(name))}
    wanted["at"] = instant(request, wanted.get("at")) or ""
    found = await ask(request, "/v1/cases", limit=50, cursor=request.query_params.get("cursor"), **wanted)
    more = following(request, found["next"])
    say = speaking(request)
    units, _ = await choices(request)
    filters = (
        ("tier", say("层级", "Tier"), list(Tier)),
        ("status", say("状态", "Status"), list(Status)[1:]),
        ("kind", say("类型", "Kind"), list(Kind)),
        ("grade", say("等级", "Grade"), list(Grade)),
    )
    orders = (
        ("reported_at", say("登记时间", "reported")),
        ("due_at", say("期限", "due")),
        ("updated_at", say("更新时间", "updated")),
    )
    asked = urlencode({name: value for name, value in wanted.items() if name != "sort" and value})
    then: dict[str, Any] = {"now": datetime.fromisoformat(wanted["at"])} if wanted["at"] else {}
    chosen = {name: wanted.get(name) for name in (*SHOWN, *KEPT)}
    return draw(
        request,
        "cases.html",
        items=found["items"],
        wanted=chosen,
        kept=KEPT,
        towns=[one.id for one in units if one.kind is UnitKind.TOWN],
        narrowed=list(narrowed(request, say, chosen)),
        now_instead="?" + request.url.remove_query_params(["at", "cursor"]).query,
        more=more,
        table=None if wanted["at"] else f"/v1/exports/cases.xlsx?{asked}",
        filters=filters,
        orders=orders,
        searching="search" in request.query_params,
        **then,
    )


def narrowed(request: Request, say: Language, wanted: dict[str, Any]) -> Iterator[str]:
    """What the list is narrowed to beyond its form, in words."""
    org = office_of(request).org
    for name in ("under", "unit", "village"):
        if (unit := org.unit(wanted[name]) if wanted[name] else None) is not None:
            yield unit.name
    if wanted["bank"] in BANKS:
        yield say(*BANKS[wanted["bank"]])
    if wanted["board"] in BOARDS:
        yield say(*BOARDS[wanted["board"]])
    if wanted["open"]:
        yield say("在办", "open") if wanted["open"] == "true" else say("已了结", "over")
    if wanted["ever"]:
        yield say("历来经过", "ever passed through")
    if wanted["moved"]:
        source, _, target = wanted["moved"].partition(":")
        yield " → ".join(say(*PLACES[one]) if one in PLACES else one for one in (source, target))
    for start, end, phrase in (
        ("came_after", "came_before", say("进入", "came in")),
        ("reported_after", "reported_before", say("登记", "reported")),
    ):
        if wanted[start] or wanted[end]:
            yield f"{phrase} {say.days(wanted[start], wanted[end])}"
    if wanted["category"]:
        yield str(wanted["category"])
