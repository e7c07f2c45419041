"""Who looked (谁看过): the access log for those who look over the readers' shoulders, from a day on, the earliest first."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request, Response

from domain.case.numbers import number_of
from service.http.requests import now_at
from service.web.asking import ask
from service.web.drawing import draw
from service.web.labels import LOOKED_AT, LOOKS, SEEN, VERBS
from service.web.links import following
from service.web.periods import instant

router = APIRouter(include_in_schema=False)

BACK = timedelta(days=7)
"""From when on, if nobody says and no case is named."""


@router.get("/access-log")
async def looks(
    request: Request, case: str | None = None, since: str | None = None, outcome: str | None = None
) -> Response:
    if since is None and case is None:
        since = (now_at(request) - BACK).date().isoformat()
    found = await ask(
        request,
        "/v1/access-log",
        case=case,
        since=instant(request, since),
        outcome=outcome,
        cursor=request.query_params.get("cursor"),
    )
    return draw(
        request,
        "looks.html",
        items=[{**one, "did": did(one["action"])} for one in found["items"]],
        letters=number_of,
        more=following(request, found["next"]),
        case=case,
        since=since,
        outcome=outcome,
        outcomes=SEEN,
        looked_at=LOOKED_AT,
    )


def did(action: str) -> tuple[str, str]:
    """An action in words. For a household or a programme it begins with that."""
    kind = action.rpartition(":")[2]
    return LOOKS.get(kind) or VERBS.get(kind) or (action, action)
