"""Visits (走访): whom one must visit, the neediest first, and the diary of visits that were paid."""

from __future__ import annotations

from asyncio import gather

from fastapi import APIRouter, Request, Response

from domain.household.gate import AUDIT, EVERYWHERE, NEAR
from service.web.asking import ask
from service.web.drawing import draw
from service.web.links import following
from service.web.reader import actor_of, reads_cases

router = APIRouter(include_in_schema=False)

SOON = 14
"""Days in which a visit falls due that is listed already."""


@router.get("/visits")
async def visits(
    request: Request, unit: str | None = None, mine: bool = False, to_audit: bool = False, cursor: str | None = None
) -> Response:
    """Of one's area, or of oneself: the households one helps, and the visits one paid; or those still to be verified."""
    actor = actor_of(request)
    me = actor.id if mine and actor else None
    due, diary = await gather(
        ask(request, "/v1/visits/due", unit=unit, helper=me, within_days=SOON, limit=50),
        ask(request, "/v1/visits", unit=unit, visitor=me, to_audit=to_audit or None, limit=50, cursor=cursor),
    )
    return draw(
        request,
        "visits.html",
        due=due["items"],
        many=due["next"] is not None,
        diary=diary["items"],
        more=following(request, diary["next"]),
        mine=mine,
        to_audit=to_audit,
        audits=actor is not None and any(post.role in NEAR[AUDIT] | EVERYWHERE[AUDIT] for post in actor.posts),
        opens=actor is not None and reads_cases(actor),
        place=unit,
    )
