"""The organisation: its units and officials, published as a whole by administrators."""

from collections.abc import Callable, Coroutine
from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response
from typing_extensions import TypedDict

from domain.org import Duty, Org, ReorganiseDistrict, Role, Tier, UnitKind
from domain.refusals import NotFound
from domain.streams import ORG
from service.http.answering import answered, json_response
from service.http.bodies import LargeBody, StrictRoute
from service.http.desk import AtDesk, desk_of
from service.http.parameters import PUBLISHING
from service.http.unchanged import UNLESS_KNOWN, named
from service.routes.pages import PathId
from service.routes.publishing import at_version, publish
from service.telling.posts import PostView, post_views


class LargeRoute(StrictRoute):
    """Reads a body of many megabytes, once it is known that an administrator sends it."""

    request_class = LargeBody

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def of_administrators(request: Request) -> Response:
            desk = await desk_of(request)
            desk.must_be(Role.ADMIN)
            return await answer(request)

        return of_administrators


large = APIRouter(prefix="/v1", tags=["organisation"], route_class=LargeRoute)
router = APIRouter(prefix="/v1", tags=["organisation"], route_class=StrictRoute)


class UnitView(TypedDict):
    """A unit. A closed one stays known, and what it held passes to its successor."""

    id: str
    name: str
    kind: UnitKind
    tier: Tier | None
    parent: str | None
    duties: list[Duty]
    closed_on: date | None
    successor: str | None
    inhabitants: int | None


class HeadedUnit(UnitView):
    """A unit, and who heads it today: none while that post is vacant."""

    head: str | None


class OfficialView(TypedDict):
    """An official, with every post he ever held."""

    id: str
    name: str
    posts: list[PostView]


class Organisation(TypedDict):
    """All units and officials, in their version."""

    version: int
    units: list[UnitView]
    officials: list[OfficialView]


class Reorganised(TypedDict):
    """The version after it, and how many things differ from before."""

    version: int
    changes: int


@large.put("/org", response_model=Reorganised, openapi_extra=PUBLISHING)
async def reorganise(body: ReorganiseDistrict, desk: AtDesk) -> Response:
    """Write down all units and officials. What differs from before is recorded; posts keep their history.

    What `GET` answers may be changed and written down.
    """
    receipt = await publish(desk, ORG, body, body.version)
    return answered(receipt, {"version": receipt.state.version, "changes": len(receipt.events)})


@router.get("/org", response_model=Organisation, openapi_extra=UNLESS_KNOWN)
async def organisation(desk: AtDesk) -> Response:
    """All units, and all officials with every post they ever held."""
    org = desk.office.org
    version = at_version(org)
    if named(desk.request.headers.get("if-none-match", ""), version["ETag"]):
        return Response(status_code=304, headers=version)
    body: Organisation = {
        "version": org.version,
        "units": [unit_view(org, one) for one in org.units],
        "officials": [
            {"id": one.id, "name": one.name, "posts": post_views(one.posts)} for one in org.officials.values()
        ],
    }
    return json_response(body, 200, version)


@router.get("/units/{unit_id}", response_model=HeadedUnit)
async def unit(unit_id: PathId, desk: AtDesk) -> Response:
    """A unit, where it lies, and who heads it today."""
    org = desk.office.org
    if org.unit(unit_id) is None:
        raise NotFound("there is no such unit", "没有这个单位")
    return json_response({**unit_view(org, unit_id), "head": org.head_of(unit_id, desk.office.clock.now())})


def unit_view(org: Org, unit_id: str) -> UnitView:
    one = org.units[unit_id]
    return {
        "id": one.id,
        "name": one.name,
        "kind": one.kind,
        "tier": one.tier,
        "parent": one.parent,
        "duties": sorted(one.duties),
        "closed_on": one.closed_on,
        "successor": one.successor,
        "inhabitants": one.inhabitants,
    }
