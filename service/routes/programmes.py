"""Programmes: propose one remedy for many cases, join them, approve and complete it; and hotspots, which call for one."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import AfterValidator
from typing_extensions import TypedDict

from domain.ids import is_id
from domain.programme import (
    COMMANDS,
    NO_SUCH_PROGRAMME,
    JoinCase,
    JoinHousehold,
    Programme,
    ProgrammeCommand,
    ProgrammeStatus,
    ProposeProgramme,
    Remedy,
    sees,
)
from domain.refusals import NotFound
from domain.streams import programme_stream
from projections.following.pages import Page
from projections.register import hotspots, programmes
from service.audit.access_log import LookOutcome, Of
from service.http.answering import answered, created, json_response
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk, Desk
from service.http.handlers import Handler, asks
from service.http.moments import At
from service.http.parameters import WRITING
from service.http.writing_desk import AtWritingDesk, DeskRoute
from service.record.ids import new_id
from service.record.orders import Receipt
from service.routes.filters import told_of
from service.routes.pages import Cursor, Limit, OfId, PathId, Within, page_of
from service.telling.caused import EventName, caused

router = APIRouter(prefix="/v1", tags=["programmes"], route_class=StrictRoute)
commands = APIRouter(prefix="/v1/programmes", tags=["programmes"], route_class=DeskRoute)

LATELY = timedelta(days=90)
JOINED: dict[type[ProgrammeCommand], Of] = {JoinCase: Of.CASE, JoinHousehold: Of.HOUSEHOLD}
"""What one may ask to join without seeing it; that is on record like any other look."""


class ProgrammeAnswer(TypedDict):
    id: str
    version: int
    status: ProgrammeStatus
    remedy: Remedy
    title: str
    plan: str
    villages: list[str]
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    completed_at: datetime | None
    outcome: str | None


class ProgrammeDone(ProgrammeAnswer):
    events: list[EventName]


class ProgrammeView(ProgrammeAnswer):
    cases: programmes.Gathered
    households: programmes.Gathered


class Hotspots(TypedDict):
    items: list[hotspots.Hotspot]


@commands.post("", status_code=201, response_model=ProgrammeDone, openapi_extra=WRITING)
async def propose(body: ProposeProgramme, desk: AtWritingDesk) -> Response:
    """Propose one remedy for many cases."""
    id = body.id or new_id(desk.office.clock.now())
    receipt = await desk.settle(programme_stream(id), body)
    return created(receipt, _done(receipt, desk), "/v1/programmes")


@router.get("/programmes", response_model=Page[programmes.ListedProgramme])
async def listed(
    desk: AtDesk,
    status: Annotated[ProgrammeStatus | None, AfterValidator(told_of)] = None,
    remedy: Remedy | None = None,
    unit: OfId = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The programmes, by id."""
    desk.must_be_in_office()
    found, headers = await desk.view(
        lambda db, act: programmes.listed(db, act, status=status, remedy=remedy, unit=unit, limit=limit, after=cursor)
    )
    return page_of(found.items, found.next, headers, desk)


@router.get("/programmes/{programme_id}", response_model=ProgrammeView)
async def one(programme_id: PathId, desk: AtDesk) -> Response:
    """A programme with those of its cases and households that one may see, and how many others there are."""
    if not is_id(programme_id):
        raise NotFound(*NO_SUCH_PROGRAMME)
    programme: Programme = await desk.office.state(programme_stream(programme_id))
    if not sees(programme, desk.act()):
        raise NotFound(*NO_SUCH_PROGRAMME)
    joined, headers = await desk.view(
        lambda db, act: {
            "cases": programmes.cases_of(db, act, programme),
            "households": programmes.households_of(db, act, programme),
        }
    )
    return json_response({**_fields(programme, desk), **joined}, 200, {**headers, "ETag": f'"{programme.version}"'})


@router.get("/hotspots", response_model=Hotspots)
async def hot(desk: AtDesk, within: Within, unit: OfId = None, at: At = None) -> Response:
    """Villages with many cases of one category in a period, and the remedy they call for. Fewer than five are not shown.

    The period is the last 90 days by default.
    """
    desk.must_be_in_office()
    end = within.end or at or desk.office.clock.now()
    start = within.start or end - LATELY
    found, headers = await desk.view_then(
        at, lambda db, act, then: hotspots.hotspots(db, act, start, end, unit, then=then)
    )
    return json_response({"items": found}, 200, headers)


def asking(kind: type[ProgrammeCommand]) -> Handler:
    """The route of one command: its body is the command, its answer the programme after it."""

    async def ask(programme_id: PathId, desk: AtWritingDesk, body: ProgrammeCommand) -> Response:
        if not is_id(programme_id):
            raise NotFound(*NO_SUCH_PROGRAMME)
        try:
            receipt = await desk.settle(programme_stream(programme_id), body)
        except NotFound as unseen:
            if unseen.subject != programme_id and (of := JOINED.get(kind)):
                await desk.on_record(f"programme:{kind.verb}", unseen.subject, LookOutcome.NOT_FOUND, of)
            raise
        return answered(receipt, _done(receipt, desk))

    return asks(kind, ask, of="programme_")


for kind in COMMANDS:
    commands.add_api_route(
        f"/{{programme_id}}/{kind.verb}",
        asking(kind),
        methods=["POST"],
        response_model=ProgrammeDone,
        openapi_extra=WRITING,
    )


def _done(receipt: Receipt, desk: Desk) -> dict[str, Any]:
    return {**_fields(receipt.state, desk), "events": caused(receipt)}


def _fields(programme: Programme, desk: Desk) -> dict[str, Any]:
    fields: dict[str, Any] = desk.in_zone({name: getattr(programme, name) for name in ProgrammeAnswer.__annotations__})
    return fields
