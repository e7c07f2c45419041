"""Reporting a problem (上报问题), with what is already known of it shown while one writes."""

from fastapi import APIRouter, Request, Response

from domain.case.terms import Channel, Confidentiality, Grade, Kind
from service.http.requests import office_of
from service.web.asking import ask
from service.web.drawing import draw
from service.web.units import villages_of, with_town

router = APIRouter(include_in_schema=False)


@router.get("/report")
async def report(request: Request) -> Response:
    me = await ask(request, "/v1/me")
    units = {post["unit"] for post in me["posts"]}
    return draw(
        request,
        "report.html",
        villages=villages(request, units),
        kinds=list(Kind),
        grades=list(Grade),
        channels=list(Channel),
        levels=list(Confidentiality),
        attaches=bool(units),
    )


@router.get("/report/alike")
async def alike(request: Request, q: str = "", village: str = "") -> Response:
    """Cases of the same village that sound like what is being written."""
    title = q.strip()
    found = await ask(request, "/v1/possible-duplicates", title=title, village=village) if title else {"items": []}
    return draw(request, "report_alike.html", items=found["items"])


def villages(request: Request, units: set[str]) -> list[tuple[str, str]]:
    """The villages of the reader's own area; for whoever sits at the district all of them, each with its town."""
    org = office_of(request).org
    tops = {org.acts_for(unit) for unit in units if org.unit(unit)}
    found = villages_of(org)
    mine = [one for one in found if one.id in units or tops & {one.id, *org.ancestors(one.id)}]
    return sorted((one.id, one.name) for one in mine) or sorted((one.id, with_town(one, org)) for one in found)
