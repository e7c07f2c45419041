"""Who one is, and what waits for whom."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import sha256
from time import monotonic
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response
from typing_extensions import TypedDict

from domain.case import Case
from domain.case.clocks import ClockKind, ClockState
from domain.decider import Act
from projections.cases.then import Then
from projections.following.pages import Page, read_cursor
from projections.queues import load, town_queue
from projections.queues.queue_then import ordered, page_then
from service.http.answering import json_response
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk, Desk, desk_of
from service.http.moments import At
from service.http.reach import own_queues, queue_of
from service.http.streams import watching
from service.http.unchanged import UNLESS_KNOWN, named
from service.office import Db
from service.routes.pages import Limit, PathId, SignedCursor, link_to, signed
from service.telling.case_view import next_actions
from service.telling.posts import PostView, post_views

router = APIRouter(prefix="/v1", tags=["queues"], route_class=StrictRoute)

Wait = Annotated[float, Query(ge=0, le=30, description="seconds to wait for a change of what If-None-Match names")]


class Me(TypedDict):
    """Somebody who asks, and his posts of today. A key that speaks for no official has no name."""

    id: str
    name: str | None
    posts: list[PostView]


@dataclass(frozen=True, kw_only=True)
class WaitingClock:
    """A clock that runs, and how much of its working time is left, in seconds."""

    kind: ClockKind
    unit: str
    due_at: datetime | None
    state: ClockState
    remaining_work_s: int | None


@dataclass(frozen=True, kw_only=True)
class Queued(town_queue.Waiting):
    """A case in a queue, with its running clocks and what the reader may do about it."""

    clocks: list[WaitingClock]
    next_actions: list[str]


class Queue(TypedDict):
    """A page of a queue, and how many cases wait in all of it."""

    items: list[Queued]
    next: str | None
    counts: load.Counts


@router.get("/me", response_model=Me)
async def me(desk: AtDesk) -> Response:
    """Who one is, and for which units one may act."""
    official = desk.office.org.official(desk.by.id)
    name = official.name if official else None
    return json_response({"id": desk.by.id, "name": name, "posts": post_views(desk.by.posts)})


@router.get("/me/queue", response_model=Queue, openapi_extra=UNLESS_KNOWN)
async def my_queue(
    desk: AtDesk, limit: Limit = 50, cursor: SignedCursor = None, wait: Wait = 0, at: At = None
) -> Response:
    """What waits for one's own units, the most pressing first."""
    return await queue(desk, own_queues, limit, cursor, wait, at)


@router.get("/units/{unit_id}/queue", response_model=Queue, openapi_extra=UNLESS_KNOWN)
async def unit_queue(
    unit_id: PathId, desk: AtDesk, limit: Limit = 50, cursor: SignedCursor = None, wait: Wait = 0, at: At = None
) -> Response:
    """What waits for a unit: its own, or one below one's own."""
    return await queue(desk, lambda desk: queue_of(desk, unit_id), limit, cursor, wait, at)


async def queue(
    desk: Desk,
    watched: Callable[[Desk], frozenset[str]],
    limit: int,
    cursor: str | None,
    wait: float,
    at: datetime | None,
) -> Response:
    """Answers at once; who says what he has already, and that he waits, when there is something else.

    By then he may have other posts, or none: he is asked anew who he is.
    """
    queues = watched(desk)
    answer = await queue_now(desk, queues, limit, cursor, at)
    if answer.status_code != 304 or not wait or at is not None:
        return answer
    hub = desk.request.app.state.hub
    async with watching(hub, "queue", queues) as watcher:
        until, now = monotonic() + wait, desk
        while (answer := await queue_now(now, watched(now), limit, cursor, at)).status_code == 304:
            if hub.closing or not await watcher.woken(until - monotonic()):
                break
            now = await desk_of(desk.request, position=desk.min_position)
    return answer


async def queue_now(
    desk: Desk, queues: frozenset[str], limit: int, cursor: str | None, at: datetime | None
) -> Response:
    def ask(db: Db, act: Act, then: Then | None) -> tuple[Page[town_queue.Waiting], load.Counts]:
        soon = act.rules.due_soon_until(at or act.at)
        if then is not None:
            return page_then(db, act, queues, then, soon, limit, cursor)
        page = town_queue.page(db, act, queues, limit, cursor, recall=desk.office.earlier.recall)
        return page, load.counts(db, act, queues, soon)

    before = read_cursor(ordered(at) if at else town_queue.ORDERED, town_queue.KINDS, cursor)
    (page, counts), headers = await desk.view_then(at, ask, before.position if before else None)
    cases = await desk.cases([item.id for item in page.items], at)
    act = desk.office.act(desk.by, at)
    items = [queued(item, cases[item.id], act) for item in page.items if item.id in cases]
    following = signed(page.next, desk)
    body = {"items": desk.in_zone(items), "next": following, "counts": counts}
    etag = f'"{sha256(orjson.dumps(timeless({**body, "next": page.next is not None}))).hexdigest()[:20]}"'
    headers |= link_to(following, desk)
    if named(desk.request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers={**headers, "ETag": etag})
    return json_response(body, 200, {**headers, "ETag": etag})


def timeless(value: Any) -> Any:
    """The same without what shrinks by the second: it can be told from the due instant."""
    if isinstance(value, dict):
        return {name: timeless(one) for name, one in value.items() if name != "remaining_work_s"}
    return [timeless(one) for one in value] if isinstance(value, list) else value


def queued(item: town_queue.Waiting, case: Case, act: Act) -> Queued:
    clocks = [
        WaitingClock(
            kind=clock.kind,
            unit=clock.unit,
            due_at=clock.due_at,
            state=clock.read_at(act.at),
            remaining_work_s=act.rules.remaining_working_s(act.at, clock.due_at) if clock.due_at else None,
        )
        for clock in case.clocks
        if clock.running
    ]
    shown = {field.name: getattr(item, field.name) for field in fields(item)}
    return Queued(**shown, clocks=clocks, next_actions=next_actions(case, act))
