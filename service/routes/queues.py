"""What waits for whom, the three-tier problem bank, and how long each tier takes."""

from dataclasses import fields
from hashlib import sha256
from time import monotonic
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from domain.case import Case
from domain.case.terms import Kind
from domain.decider import Act
from domain.org import Role, Tier
from domain.refusals import NotFound, NotPermitted
from domain.rules.authority import READ, everywhere
from projections import problem_bank, response_times, town_queue
from projections.pages import Page
from service.aggregates import case_stream
from service.bodies import StrictRoute
from service.case_view import next_actions
from service.desk import AtDesk, Desk, json_response
from service.moments import Moment
from service.office import Db
from service.streams import watching

router = APIRouter(prefix="/v1", tags=["queues"], route_class=StrictRoute)

Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=500)]
Wait = Annotated[float, Query(ge=0, le=30, description="seconds to wait for a change of what If-None-Match names")]


@router.get("/me")
async def me(desk: AtDesk) -> Response:
    """Who one is, and for which units one may act."""
    posts = [{"unit": post.unit, "role": post.role, "from": post.since, "to": post.until} for post in desk.by.posts]
    official = desk.office.org.official(desk.by.id)
    return json_response({"id": desk.by.id, "name": official.name if official else None, "posts": posts})


@router.get("/me/queue")
async def my_queue(
    desk: AtDesk, request: Request, limit: Limit = 50, cursor: Cursor = None, wait: Wait = 0
) -> Response:
    """What waits for one's own units, the most pressing first."""
    return await queue(desk, request, own_queues(desk), limit, cursor, wait)


@router.get("/units/{unit_id}/queue")
async def unit_queue(
    unit_id: Annotated[str, Path(max_length=64)],
    desk: AtDesk,
    request: Request,
    limit: Limit = 50,
    cursor: Cursor = None,
    wait: Wait = 0,
) -> Response:
    """What waits for a unit: its own, or one below one's own."""
    return await queue(desk, request, queue_of(desk, unit_id), limit, cursor, wait)


def own_queues(desk: Desk) -> frozenset[str]:
    """The queues of the units one has a post at."""
    return frozenset(desk.office.org.acts_for(post.unit) for post in desk.by.posts)


def queue_of(desk: Desk, unit_id: str) -> frozenset[str]:
    """The queue of a unit that one may look into."""
    return frozenset({desk.office.org.acts_for(in_reach(desk, unit_id))})


async def queue(
    desk: Desk, request: Request, queues: frozenset[str], limit: int, cursor: str | None, wait: float
) -> Response:
    """Answers at once; who says what he has already, and that he waits, when there is something else."""
    answer = await queue_now(desk, request, queues, limit, cursor)
    if answer.status_code != 304 or not wait:
        return answer
    async with watching(request.app.state.hub, "queue", queues) as watcher:
        until = monotonic() + wait
        while (answer := await queue_now(desk, request, queues, limit, cursor)).status_code == 304:
            if not await watcher.woken(until - monotonic()):
                break
    return answer


async def queue_now(desk: Desk, request: Request, queues: frozenset[str], limit: int, cursor: str | None) -> Response:
    def ask(db: Db, act: Act) -> tuple[Page[town_queue.Waiting], town_queue.Counts]:
        soon = act.rules.due_soon_until(act.at)
        return town_queue.page(db, act, queues, limit, cursor), town_queue.counts(db, act, queues, soon)

    (page, counts), headers = await desk.view(ask)
    ids = [item.id for item in page.items]
    cases = await desk.office.in_thread(lambda: desk.office.ledger.states([case_stream(one) for one in ids]))
    act = desk.act()
    items = [queued(item, cases[case_stream(item.id)], act) for item in page.items]
    body = {"items": desk.in_zone(items), "next": page.next, "counts": counts}
    etag = f'"{sha256(orjson.dumps(timeless(body))).hexdigest()[:20]}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={**headers, "ETag": etag})
    return json_response(body, 200, {**headers, "ETag": etag})


def timeless(value: Any) -> Any:
    """The same without what shrinks by the second: it can be told from the due instant."""
    if isinstance(value, dict):
        return {name: timeless(one) for name, one in value.items() if name != "remaining_work_s"}
    return [timeless(one) for one in value] if isinstance(value, list) else value


def queued(item: town_queue.Waiting, case: Case, act: Act) -> dict[str, Any]:
    """A case in a queue, with its running clocks and what this actor may do about it."""
    clocks = [
        {
            "kind": clock.kind,
            "unit": clock.unit,
            "due_at": clock.due_at,
            "state": clock.read_at(act.at),
            "remaining_work_s": act.rules.remaining_working_s(act.at, clock.due_at) if clock.due_at else None,
        }
        for clock in case.clocks
        if clock.running
    ]
    shown = {field.name: getattr(item, field.name) for field in fields(item)}
    return {**shown, "clocks": clocks, "next_actions": next_actions(case, act)}


def in_reach(desk: Desk, unit_id: str) -> str:
    """A unit one may look into: one's own house and what lies below it; any, for those who see every case."""
    org = desk.office.org
    if org.unit(unit_id) is None:
        raise NotFound("there is no such unit", "没有这个单位")
    near = {unit_id, org.acts_for(unit_id), *org.ancestors(unit_id)}
    if any(org.acts_for(post.unit) in near or sees_all(post.role) for post in desk.by.posts):
        return unit_id
    raise NotPermitted("this unit is not below one of yours", "该单位不在您的管辖范围内")


def sees_all(role: Role) -> bool:
    return everywhere(role, READ)


@router.get("/problem-bank")
async def bank(desk: AtDesk, unit: Annotated[str | None, Query(max_length=64)] = None) -> Response:
    """The three banks: the village's record, the town's to solve, the district's from below."""
    place = own_place(desk, unit)
    tiers, headers = await desk.view(lambda db, act: problem_bank.tiers(db, act, place))
    return json_response(desk.in_zone({"at": desk.office.clock.now(), "tiers": tiers}), 200, headers)


@router.get("/response-times")
async def times(
    desk: AtDesk,
    group_by: response_times.By = response_times.By.TIER,
    tier: Tier | None = None,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
    kind: Kind | None = None,
) -> Response:
    """How long each tier takes to respond and to solve. Seconds; open cases count as not yet over, not as nothing."""
    period = response_times.Period(start=since, end=until)
    groups, headers = await desk.view(
        lambda db, act: response_times.groups(db, act, group_by, period, tier=tier, kind=kind)
    )
    return json_response({"items": desk.in_zone(groups)}, 200, headers)


def own_place(desk: Desk, unit: str | None) -> str | None:
    """The unit asked for; without one, everything for those who see every case, otherwise one's own house."""
    if unit is not None:
        return in_reach(desk, unit)
    if any(sees_all(post.role) for post in desk.by.posts):
        return None
    houses = sorted({desk.office.org.acts_for(post.unit) for post in desk.by.posts if post.unit})
    if not houses:
        raise NotPermitted("this needs a post at a unit", "需要在单位任职")
    return houses[0]
