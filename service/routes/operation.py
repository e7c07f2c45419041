"""Is it well, how far is it, and what time is it: health, readiness, metrics, and in development the clock."""

from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from typing_extensions import TypedDict

from domain.org import Role
from domain.refusals import NotFound
from service.http.answering import json_response
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk
from service.http.moments import Stated
from service.http.requests import office_of
from service.readiness import Readiness, readiness
from service.record.clock import ManualClock

router = APIRouter(route_class=StrictRoute)


class Health(TypedDict):
    """The process is there."""

    status: Literal["ok"]


@router.get("/healthz", tags=["operation"], response_model=Health)
async def healthz() -> Response:
    """The process answers."""
    return json_response({"status": "ok"})


@router.get("/readyz", tags=["operation"], response_model=Readiness)
async def readyz(request: Request) -> Response:
    """The database answers, the views follow, nothing is parked, and the calendar is known."""
    office = office_of(request)
    found = await readiness(office)
    return json_response(found, 200 if found["ready"] else 503)


@router.get("/metrics", tags=["operation"], response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """Counters for Prometheus. No name, no text, no id of a case."""
    office = office_of(request)
    await office.read(office.measures.observe)
    return Response(generate_latest(office.measures.registry), media_type=CONTENT_TYPE_LATEST)


@dataclass(frozen=True, kw_only=True)
class ClockFace:
    now: Stated


@router.put("/v1/dev/clock", tags=["development"], response_model=ClockFace)
async def set_clock(body: ClockFace, desk: AtDesk) -> Response:
    """Set the manual clock. Before this answers, every deadline up to then has lapsed and the views show it."""
    desk.must_be(Role.ADMIN)
    office = desk.office
    clock = office.clock
    if not isinstance(clock, ManualClock):
        raise NotFound("the clock of this service is not set by hand", "本服务的时钟不能手动设置")
    clock.set(body.now)
    await office.in_thread(lambda: office.background.settle(clock.now()))
    return json_response(desk.in_zone({"now": clock.now()}))
