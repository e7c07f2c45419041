"""Cases: report one, read it, list those one may see, and everything one may ask of a case. Each body is the command."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from typing_extensions import TypedDict

from domain.case import COMMANDS, CaseCommand, DiscloseIdentity, Report
from domain.streams import case_stream
from projections.following.pages import Page, read_cursor
from projections.lists import cases, resembling
from projections.lists.order import KINDS, Sort
from service.http.aggregates import CASE
from service.http.answering import case_answer, created, json_response
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk
from service.http.disclosing import PetitionerView, disclose, petitioner
from service.http.handlers import Handler, asks
from service.http.moments import At
from service.http.parameters import WRITING
from service.http.writing_desk import AtWritingDesk, DeskRoute
from service.record.ids import new_id
from service.routes.filters import Asked
from service.routes.pages import Limit, OfId, PathId, SignedCursor, VersionCursor, page_of, signed
from service.telling.case_view import CaseAnswer, CaseView, ReportAnswer, case_fields
from service.telling.event_view import EventView
from service.telling.history import history_of

router = APIRouter(prefix="/v1/cases", tags=["cases"], route_class=StrictRoute)
commands = APIRouter(prefix="/v1/cases", tags=["cases"], route_class=DeskRoute)


@commands.post("", status_code=201, response_model=ReportAnswer, openapi_extra=WRITING)
async def report(body: Report, desk: AtWritingDesk) -> Response:
    """Write down a difficulty or a petition. The answer holds the code by which the citizen follows it."""
    receipt = await desk.settle(case_stream(new_id(desk.office.clock.now())), body, fresh=True)
    answer = case_answer(receipt)
    answer["query_code"] = desk.office.seals.query_code(receipt.state.id)
    answer["possible_duplicates"] = await desk.possible_duplicates(receipt)
    return created(receipt, answer, "/v1/cases")


@router.get("", response_model=Page[cases.ListedCase])
async def listed(
    desk: AtDesk,
    asked_for: Asked,
    sort: Sort = Sort.REPORTED_AT,
    limit: Limit = 50,
    cursor: SignedCursor = None,
    at: At = None,
) -> Response:
    """The cases one may see. One that one may not see is not there."""
    recall, before = desk.office.earlier.recall, read_cursor(sort, KINDS, cursor)
    found, headers = await desk.view_then(
        at,
        lambda db, act, then: cases.listed(db, act, asked_for, sort, limit, cursor, then, recall=recall),
        before.position if before else None,
    )
    return page_of(found.items, signed(found.next, desk), headers, desk)


duplicates = APIRouter(prefix="/v1", tags=["cases"], route_class=StrictRoute)


class PossibleDuplicates(TypedDict):
    """What may be the same matter, the likest first."""

    items: list[resembling.Alike]


@duplicates.get("/possible-duplicates", response_model=PossibleDuplicates)
async def possible_duplicates(
    desk: AtDesk,
    title: Annotated[str, Query(min_length=1, max_length=200)],
    village: OfId = None,
) -> Response:
    """What a report with this title might repeat: cases of the village in the last 90 days, of those one may see."""
    printable = title.isprintable() and (village or "").isprintable()
    found, headers = await desk.view(
        lambda db, act: resembling.sounding_like(db, act, title, village) if printable else []
    )
    return json_response({"items": found}, 200, headers)


@router.get("/{case_id}", response_model=CaseView)
async def one(
    case_id: PathId,
    desk: AtDesk,
    version: Annotated[int | None, Query(ge=1)] = None,
    at: At = None,
) -> Response:
    """A case as it stands, or as it stood at a version or an instant."""
    verb = "read" if version is None and at is None else "version"
    case, act = await desk.case(case_id, verb=verb, version=version, at=at)
    return json_response(case_fields(case, act), 200, {"ETag": f'"{case.version}"'})


@router.get("/{case_id}/history", tags=["audit"], response_model=Page[EventView])
async def history(
    case_id: PathId,
    desk: AtDesk,
    limit: Limit = 200,
    cursor: VersionCursor = None,
) -> Response:
    """Every event of the case in order: when it took effect, when it was stored, by whom, and what it says."""
    case, act = await desk.case(case_id, verb="history")
    office = desk.office
    items, following = await office.in_thread(
        lambda: history_of(office.recorder, case, act, desk.chinese, int(cursor or 0), limit)
    )
    return page_of(items, following, {"ETag": f'"{case.version}"'}, desk)


def asking(kind: type[CaseCommand]) -> Handler:
    """The route of one command: its body is the command, its answer the case after it."""

    async def ask(case_id: PathId, desk: AtWritingDesk, body: CaseCommand) -> Response:
        return await desk.on_case(case_id, body)

    return asks(kind, ask)


@commands.post("/{case_id}/disclose-identity", response_model=PetitionerView, openapi_extra=WRITING)
async def disclose_identity(case_id: PathId, desk: AtWritingDesk, body: DiscloseIdentity) -> Response:
    """Read the name, the telephone number and the address of who brought it. It is recorded who did and why."""
    async with desk.told_instead(case_id):
        return await disclose(desk, CASE, case_id, body, petitioner)


for kind in (one for one in COMMANDS if one is not DiscloseIdentity):
    commands.add_api_route(
        f"/{{case_id}}/{kind.verb}",
        asking(kind),
        methods=["POST"],
        response_model=CaseAnswer,
        openapi_extra=WRITING,
    )
