"""The live views: the three-tier problem bank, how long each tier takes, what flows between them, how old it is."""

from datetime import datetime, timedelta

from fastapi import APIRouter, Response
from typing_extensions import TypedDict

from domain.case.terms import Kind
from domain.org import Tier
from domain.zone import day_at, just_before, midnight
from projections.banks import ageing, flows, pending_list, problem_bank
from projections.following.pages import read_cursor
from projections.times import response_times
from projections.times.selection import By
from service.http.answering import json_response
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk
from service.http.moments import At
from service.http.reach import in_reach, own_place
from service.routes.pages import Limit, OfId, SignedCursor, Within, link_to, signed

router = APIRouter(prefix="/v1", tags=["views"], route_class=StrictRoute)


class Banks(TypedDict):
    """The three banks of a unit, or of the whole district, as of an instant."""

    at: datetime
    unit: str | None
    tiers: list[problem_bank.Bank]


class Ageing(TypedDict):
    """How old what is open is, as of an instant."""

    at: datetime
    items: list[ageing.Ages]


Flows = TypedDict("Flows", {"from": datetime, "to": datetime, "items": list[flows.Flow]})


class OnThePendingList(TypedDict):
    """A page of the pending list, as of an instant."""

    at: datetime
    items: list[pending_list.Pending]
    next: str | None


class ResponseTimes(TypedDict):
    """The figures of each group that has any."""

    items: list[response_times.Group]


@router.get("/problem-bank", response_model=Banks)
async def bank(desk: AtDesk, unit: OfId = None, at: At = None) -> Response:
    """The three banks: the village's record, the town's to solve, the district's from below."""
    place = own_place(desk, unit)
    tiers, headers = await desk.view_then(at, lambda db, act, then: problem_bank.tiers(db, act, place, then))
    return json_response(
        desk.in_zone({"at": at or desk.office.clock.now(), "unit": place, "tiers": tiers}), 200, headers
    )


@router.get("/ageing", response_model=Ageing)
async def age_bands(desk: AtDesk, unit: OfId = None, tier: Tier | None = None, at: At = None) -> Response:
    """How long what is open has been waiting: each tier, then the units that have something open. Days since the report."""
    place = own_place(desk, unit)
    items, headers = await desk.view_then(at, lambda db, act, then: ageing.ages(db, act, place, tier, then))
    return json_response({"at": desk.in_zone(at or desk.office.clock.now()), "items": items}, 200, headers)


@router.get("/flows", response_model=Flows)
async def moves(desk: AtDesk, within: Within, unit: OfId = None, at: At = None) -> Response:
    """How many cases moved between intake, the tiers, the pending list and their end, in the last 30 days by default.

    Days are counted whole: that of `from`, and those that begin before `to`. The answer tells from when to when that is.
    """
    place, now = own_place(desk, unit), at or desk.office.clock.now()
    last = day_at(just_before(within.end) if within.end and within.end <= now else now)
    first = day_at(within.start) if within.start else last - timedelta(days=30)
    items, headers = await desk.view_then(at, lambda db, act, then: flows.flows(db, act, place, first, last, then))
    body = {"from": midnight(first), "to": midnight(last + timedelta(days=1)), "items": items}
    return json_response(desk.in_zone(body), 200, headers)


@router.get("/pending-list", response_model=OnThePendingList)
async def pending(desk: AtDesk, at: At = None, limit: Limit = 50, cursor: SignedCursor = None) -> Response:
    """What is on the pending list (挂账), with its plan; what is to be reviewed first comes first."""
    recall, before = desk.office.earlier.recall, read_cursor("pending", pending_list.KINDS, cursor)
    page, headers = await desk.view_then(
        at,
        lambda db, act, then: pending_list.page(db, act, limit, cursor, then, recall=recall),
        before.position if before else None,
    )
    found = await desk.cases(page.items, at)
    items = [pending_list.shown(found[id]) for id in page.items if id in found and pending_list.is_pending(found[id])]
    following = signed(page.next, desk)
    body = {"at": at or desk.office.clock.now(), "items": items, "next": following}
    return json_response(desk.in_zone(body), 200, headers | link_to(following, desk))


@router.get("/response-times", response_model=ResponseTimes)
async def times(
    desk: AtDesk,
    within: Within,
    group_by: By = By.TIER,
    tier: Tier | None = None,
    kind: Kind | None = None,
    unit: OfId = None,
    at: At = None,
) -> Response:
    """How long each tier takes to respond and to solve. Seconds; open cases count as not yet over, not as nothing.

    For everybody in office, of every unit.
    """
    desk.must_be_in_office()
    place = in_reach(desk, unit) if unit is not None else None
    groups, headers = await desk.view_then(
        at,
        lambda db, act, then: response_times.groups(
            db, act, group_by, within, tier=tier, kind=kind, unit=place, then=then
        ),
    )
    return json_response({"items": groups}, 200, headers)
