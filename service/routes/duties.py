"""五必去, 五必访: flag a place or a person, write down a visit, and see who is flagged and how many were visited."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from typing_extensions import TypedDict

from domain.duties import ApproveVisit, FlagTarget, Quarter, Target, TargetKind, VisitDuty, VisitTarget
from domain.refusals import NotFound
from domain.streams import target_stream
from domain.zone import day_at, just_before
from projections.duties.coverage import CoverageOf, coverage
from projections.duties.registered import Registered, register
from projections.following.pages import Page
from service.audit.access_log import LookOutcome, Of
from service.http.answering import answered, json_response
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk
from service.http.moments import At
from service.http.parameters import WRITING
from service.http.writing_desk import AtWritingDesk, DeskRoute, WritingDesk
from service.record.orders import Receipt
from service.routes.pages import Cursor, Limit, OfId, page_of
from service.telling.caused import EventName, caused

router = APIRouter(prefix="/v1", tags=["households"], route_class=StrictRoute)
commands = APIRouter(prefix="/v1/duties", tags=["households"], route_class=DeskRoute)


class TargetAnswer(TypedDict):
    """A place or person that must be visited, and why."""

    target: str
    version: int
    village: str
    flags: list[TargetKind]
    duties: list[VisitDuty]
    events: list[EventName]


@commands.post("/targets", response_model=TargetAnswer, openapi_extra=WRITING)
async def flag(body: FlagTarget, desk: AtWritingDesk) -> Response:
    """Flag a place or a person, or take a flag away; how long it was flagged stays known."""
    return _answer(await desk.settle(target_stream(body.target), body))


@commands.post("/visits", response_model=TargetAnswer, openapi_extra=WRITING)
async def visit(body: VisitTarget, desk: AtWritingDesk) -> Response:
    """Write down a visit to a place, or to a person that is flagged."""
    return await _visiting(body, desk)


@commands.post("/visits/approve", response_model=TargetAnswer, openapi_extra=WRITING)
async def approve_visit(body: ApproveVisit, desk: AtWritingDesk) -> Response:
    """Answer for the hour of a visit that was written down later; from then on it counts for that hour."""
    return await _visiting(body, desk)


async def _visiting(body: VisitTarget | ApproveVisit, desk: WritingDesk) -> Response:
    try:
        return _answer(await desk.settle(target_stream(body.target), body))
    except NotFound:
        await desk.on_record("target:visit", body.target, LookOutcome.NOT_FOUND, Of.TARGET)
        raise


@router.get("/duties/targets", response_model=Page[Registered])
async def targets(
    desk: AtDesk,
    kind: TargetKind | None = None,
    unit: OfId = None,
    flagged: Annotated[bool | None, Query(description="with, or without, a flag that stands")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The register: places and people with every flag they had. `petition_intensive` follows from counts, see coverage."""
    found, headers = await desk.view(
        lambda db, act: register(db, act, kind=kind, unit=unit, flagged=flagged, limit=limit, after=cursor)
    )
    return page_of(found.items, found.next, headers, desk)


@router.get("/coverage", response_model=CoverageOf)
async def covered(
    desk: AtDesk,
    unit: OfId = None,
    quarter: Annotated[
        str | None, Query(pattern=r"^20\d\d-Q[1-4]$", description="2025-Q2; by default the one of `at`")
    ] = None,
    each_place: Annotated[bool, Query(description="with `places`: the same for each place directly below")] = False,
    at: At = None,
) -> Response:
    """Of each kind, how many were owed a visit in the quarter (or half-year) and how many were paid one that counts."""
    act = desk.act()
    desk.must_be_in_office()
    if unit is not None and act.org.unit(unit) is None:
        raise NotFound("there is no such unit", "没有这个单位")
    desk.must_have_come(at)
    then = at or act.at
    wanted = Quarter(year=int(quarter[:4]), number=int(quarter[6])) if quarter else Quarter.of(day_at(then))
    office, last = desk.office, min(then, just_before(wanted.ends()))
    policy = office.rules(last).policy.must_visits
    org = await office.in_thread(lambda: office.earlier.org(last, office.org))
    found, headers = await desk.view(
        lambda db, act: coverage(db, act, wanted, unit, at=then, policy=policy, org=org, each_place=each_place)
    )
    return json_response(desk.in_zone(found), 200, headers)


def _answer(receipt: Receipt) -> Response:
    target: Target = receipt.state
    body = {
        "target": target.id,
        "version": target.version,
        "village": target.village,
        "flags": sorted(target.flags),
        "duties": sorted({kind.duty for kind in target.flags}),
        "events": caused(receipt),
    }
    return answered(receipt, body)
