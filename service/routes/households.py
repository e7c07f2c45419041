"""Households: register one, read it, list those one may see, who is paired with whom, and what one may ask of each."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from domain.decider import Act
from domain.household import COMMANDS, DiscloseHousehold, HouseholdCommand, RegisterHousehold
from domain.household.terms import HouseholdClass
from projections.following.pages import Page
from projections.register import due_visits, households, pairs, visits
from projections.register.register_then import board_at, listed_at
from service.http import registering
from service.http.aggregates import HOUSEHOLD
from service.http.answering import json_response
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk
from service.http.disclosing import disclose
from service.http.disclosing_homes import HomeIdentity, identities
from service.http.handlers import Handler, asks
from service.http.moments import At
from service.http.parameters import WRITING
from service.http.writing_desk import AtWritingDesk, DeskRoute
from service.office import Db
from service.routes.pages import Cursor, Limit, OfId, PathId, SignedCursor, VersionCursor, link_to, page_of, signed
from service.telling.event_view import EventView
from service.telling.history import household_history
from service.telling.household_view import HouseholdAnswer, HouseholdView, ListedHousehold, household_fields

router = APIRouter(prefix="/v1", tags=["households"], route_class=StrictRoute)
commands = APIRouter(prefix="/v1/households", tags=["households"], route_class=DeskRoute)


@commands.post("", status_code=201, response_model=HouseholdAnswer, openapi_extra=WRITING)
async def register(body: RegisterHousehold, desk: AtWritingDesk) -> Response:
    """Write a household into the register. Its name and address are sealed."""
    return await registering.register(desk, body)


@router.get("/households", response_model=Page[ListedHousehold])
async def listed(
    desk: AtDesk,
    of_class: Annotated[HouseholdClass | None, Query(alias="class")] = None,
    unit: OfId = None,
    unpaired: bool | None = None,
    unchecked: bool | None = None,
    unsigned: bool | None = None,
    at: At = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The households one may see: of a class, in a unit's villages, without a helper, or with something to be done.

    `unchecked` are relatives in office, `unsigned` another class that waits for its second signature.
    """
    sought = households.HouseholdFilter(
        of_class=of_class, unit=unit, unpaired=unpaired, unchecked=unchecked, unsigned=unsigned
    )

    def ask(db: Db, act: Act) -> Page[dict[str, Any]]:
        if at is None:
            return households.listed(db, act, sought, limit=limit, after=cursor)
        return listed_at(db, act, at, registering.as_they_stood(desk, at), sought, limit=limit, after=cursor)

    found, headers = await desk.view(ask, long=at is not None)
    return page_of(found.items, found.next, headers, desk)


@router.get("/households/{household_id}", response_model=HouseholdView)
async def one(
    household_id: PathId,
    desk: AtDesk,
    version: Annotated[int | None, Query(ge=1)] = None,
    at: At = None,
) -> Response:
    """A household as it stands, or as it stood at a version or an instant."""
    verb = "read" if version is None and at is None else "version"
    household, act = await registering.as_it_stood(desk, household_id, verb, version, at)
    return json_response(desk.in_zone(household_fields(household, act)), 200, {"ETag": f'"{household.version}"'})


@router.get("/households/{household_id}/history", tags=["audit"], response_model=Page[EventView])
async def history(
    household_id: PathId,
    desk: AtDesk,
    limit: Limit = 200,
    cursor: VersionCursor = None,
) -> Response:
    """Every event of the household in order: when it took effect, when it was stored, by whom, and what it says."""
    household, act = await registering.as_it_stood(desk, household_id, "history")
    ledger = desk.office.ledger
    items, following = await desk.office.in_thread(
        lambda: household_history(ledger, household, act, desk.chinese, int(cursor or 0), limit)
    )
    return page_of(items, following, {"ETag": f'"{household.version}"'}, desk)


@router.get("/pairings", response_model=pairs.PairsBoard)
async def pairings(
    desk: AtDesk,
    unit: OfId = None,
    at: At = None,
    limit: Limit = 200,
    cursor: Cursor = None,
) -> Response:
    """The board: key-support households without a helper or whose helper has left, and helpers with too many.

    Who waits the longest comes first; `next` is the cursor to more of them.

    `conflicts` are pairs that a case of the household speaks against: for auditors, mass work and discipline, as far as
    each may see the case; of an earlier instant none are told.
    """

    def ask(db: Db, act: Act) -> pairs.PairsBoard:
        if at is None:
            return pairs.board(db, act, unit, limit, cursor)
        return board_at(db, act, at, registering.as_they_stood(desk, at), unit, limit, cursor)

    board, headers = await desk.view(ask, long=at is not None)
    return json_response(desk.in_zone(board), 200, headers | link_to(board.next, desk))


@router.get("/visits", response_model=Page[visits.Visited])
async def diary(
    desk: AtDesk,
    visitor: OfId = None,
    household: OfId = None,
    unit: OfId = None,
    to_audit: bool | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The visit diary, the latest first: of a cadre, of a household, of a unit's villages, or those still to be audited."""
    asked: Any = {"visitor": visitor, "household": household, "unit": unit, "to_audit": to_audit}
    found, headers = await desk.view(lambda db, act: visits.diary(db, act, limit=limit, after=cursor, **asked))
    return page_of(found.items, found.next, headers, desk)


@router.get("/visits/due", response_model=Page[due_visits.Due])
async def owed(
    desk: AtDesk,
    unit: OfId = None,
    helper: OfId = None,
    within_days: Annotated[int, Query(ge=0, le=366)] = 0,
    limit: Limit = 50,
    cursor: SignedCursor = None,
) -> Response:
    """Households whose next visit is overdue, or due within so many days: by class monthly, quarterly, half-yearly.

    The neediest class first, in each the longest unvisited.
    """
    recall = desk.office.earlier.households
    asked: Any = {"unit": unit, "helper": helper, "within_days": within_days, "recall": recall}
    found, headers = await desk.view(lambda db, act: due_visits.owed(db, act, limit=limit, after=cursor, **asked))
    return page_of(found.items, signed(found.next, desk), headers, desk)


def asking(kind: type[HouseholdCommand]) -> Handler:
    """The route of one command: its body is the command, its answer the household after it."""

    async def ask(household_id: PathId, desk: AtWritingDesk, body: HouseholdCommand) -> Response:
        return await registering.ask(desk, household_id, body)

    return asks(kind, ask, of="household_")


@commands.post("/{household_id}/disclose-identity", response_model=HomeIdentity, openapi_extra=WRITING)
async def household_disclose_identity(household_id: PathId, desk: AtWritingDesk, body: DiscloseHousehold) -> Response:
    """Read who lives there and what was told on visits and in meetings. It is recorded who did and why."""
    return await disclose(desk, HOUSEHOLD, household_id, body, identities)


for kind in (one for one in COMMANDS if one is not DiscloseHousehold):
    commands.add_api_route(
        f"/{{household_id}}/{kind.verb}",
        asking(kind),
        methods=["POST"],
        response_model=HouseholdAnswer,
        openapi_extra=WRITING,
    )
