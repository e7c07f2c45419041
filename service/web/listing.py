"""Cases as a list, which every number of the overview leads to."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from domain.case.terms import Grade, Kind, Status
from domain.org import Tier
from service.office import Office
from service.web.asking import ask
from service.web.drawing import draw
from service.web.language import Language, language_of

router = APIRouter(include_in_schema=False)

FILTERS = ("q", "tier", "status", "kind", "grade", "unit", "village", "category", "overdue", "sort", "cursor")


@router.get("/cases")
async def cases(request: Request) -> Response:
    wanted = {name: value for name in FILTERS if (value := request.query_params.get(name))}
    found = await ask(request, "/v1/cases", limit=50, **wanted)
    more = "?" + request.url.include_query_params(cursor=found["next"]).query if found["next"] else None
    say = Language(language_of(request))
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
    told = {name: wanted.get(name) for name in FILTERS}
    return draw(
        request,
        "cases.html",
        items=found["items"],
        wanted=told,
        more=more,
        filters=filters,
        orders=orders,
        searching="search" in request.query_params,
    )


@router.get("/units")
async def units(request: Request) -> Response:
    """The names of the units, to choose one from."""
    await ask(request, "/v1/me")
    office: Office = request.app.state.office
    return draw(request, "units.html", units=[one for one in office.org.units.values() if not one.closed])
