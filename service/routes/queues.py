"""What waits for whom, the three-tier problem bank, and how long each tier takes."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from service.bodies import StrictRoute
from service.desk import AtDesk, json_response

router = APIRouter(prefix="/v1", tags=["queues"], route_class=StrictRoute)

Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=500)]


@router.get("/me")
async def me(desk: AtDesk) -> Response:
    """Who one is, and for which units one may act."""
    posts = [{"unit": post.unit, "role": post.role, "from": post.since, "to": post.until} for post in desk.by.posts]
    official = desk.office.org.official(desk.by.id)
    return json_response({"id": desk.by.id, "name": official.name if official else None, "posts": posts})
