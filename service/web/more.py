"""Everything else there is to open (更多): reports to print, how units are judged, the organisation and its rules."""

from __future__ import annotations

from asyncio import gather
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request, Response

from domain.org import Role
from domain.rules.authority import ASSESSING, IMPORT, READ_ACCESS_LOG
from service.http.assessing import FIRST
from service.web.asking import NotAnswered, ask
from service.web.drawing import draw
from service.web.reader import Who, actor_of, anybody, at_work, having, holding

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Link:
    """A page, shown to the readers `who` names whom the route `asks` does not refuse. Its texts are in the template."""

    page: str
    asks: str
    query: dict[str, Any] = field(default_factory=dict)
    who: Who = anybody


ME = "/v1/me"
"""Refuses nobody who is signed in: asked where the page's own route would take long or put the question on record."""
ONE = {"limit": 1}
LINKS = (
    Link("/visits", "/v1/visits/due", ONE),
    Link("/duties", "/v1/duties/targets", ONE),
    Link("/programmes", "/v1/programmes", ONE),
    Link("/reports/weekly", "/v1/problem-bank"),
    Link("/reports/monthly", "/v1/flows"),
    Link("/scorecards", "/v1/scorecards", {"year": FIRST}),
    Link("/coverage", ME, who=at_work),
    Link("/samples", ME, who=holding(ASSESSING["read-sample"])),
    Link("/access-log", ME, who=having(READ_ACCESS_LOG)),
    Link("/persons", ME, who=holding({Role.PRIVACY_OFFICER})),
    Link("/organisation", "/v1/org"),
    Link("/policies", ME),
    Link("/calendars", ME),
    Link("/jobs", "/v1/jobs", ONE, having(IMPORT)),
    Link("/webhooks", "/v1/webhooks", ONE),
)


@router.get("/more")
async def more(request: Request) -> Response:
    """What this reader may open, by the answers of the routes behind each page."""
    await ask(request, ME)
    opened = await gather(*(opens(request, link) for link in LINKS))
    return draw(request, "more.html", open={link.page for link, yes in zip(LINKS, opened, strict=True) if yes})


async def opens(request: Request, link: Link) -> bool:
    actor = actor_of(request)
    if actor is None or not link.who(actor):
        return False
    try:
        await ask(request, link.asks, **link.query)
    except NotAnswered:
        return False
    return True
