"""The organisation, the policies and the calendars: what every decision rests on. Changed by administrators only."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Path, Request, Response
from typing_extensions import TypedDict

from domain.decider import Command
from domain.org import Duty, Org, ReorganiseDistrict, Role, Tier, UnitKind
from domain.refusals import Invalid, NotFound
from domain.rules import Policy, PublishCalendar, PublishPolicy
from domain.rules.policies import PolicyVersion
from domain.streams import CALENDARS, ORG, POLICIES
from service.http.answering import answered, json_response
from service.http.bodies import LargeBody, StrictRoute
from service.http.desk import AtDesk, Desk, desk_of
from service.http.moments import Moment
from service.http.parameters import PUBLISHING
from service.http.unchanged import UNLESS_KNOWN, named
from service.http.writing_desk import settled, version_seen
from service.record.orders import Order, Receipt
from service.routes.pages import PathId
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

Region = Annotated[str, Path(pattern=r"^[a-z][a-z0-9]{0,15}$")]
Year = Annotated[int, Path(ge=2004, le=2100)]


async def publish(desk: Desk, stream: str, command: Command[Any], read_at: int | None = None) -> Receipt:
    """A PUT says how things shall be: said twice, it changes nothing, so it needs no key."""
    desk.must_be(Role.ADMIN)
    seen = version_seen(desk.request)
    order = Order(stream=stream, command=command, by=desk.by, expected=read_at if seen is None else seen)
    return await settled(desk.office, order)


def at_version(reference: Any) -> dict[str, str]:
    """What a PUT may build on: the version of everything that is published in one place, not of this one item."""
    return {"ETag": f'"{reference.version}"'}


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


class PolicyView(TypedDict):
    """A version of a policy, and since when it is in force; a draft never is."""

    policy: Policy
    version: int
    effective_from: datetime | None


class InForce(TypedDict):
    """A version, and the instant from which it is in force."""

    version: int
    effective_from: datetime | None


class PolicyWithVersions(PolicyView):
    """The same, with whether it is the one in force now, and all versions of this policy."""

    in_force: bool
    versions: list[InForce]


@router.get("/policies/{policy_id}", tags=["rules"], response_model=PolicyWithVersions)
async def policy(policy_id: PathId, desk: AtDesk, version: int | None = None) -> Response:
    """A policy, its latest version if not said otherwise, and the instants from which its versions are in force."""
    policies = desk.office.ledger.policies
    found = policies.get(policy_id, version)
    versions = [{"version": one.version, "effective_from": one.effective_from} for one in policies.versions[policy_id]]
    current = policies.current(desk.office.clock.now())
    body = {**policy_view(found), "in_force": current == found, "versions": versions}
    return json_response(desk.in_zone(body), 200, at_version(policies))


def policy_view(found: PolicyVersion) -> PolicyView:
    return {"policy": found.policy, "version": found.version, "effective_from": found.effective_from}


@router.put("/policies/{policy_id}", tags=["rules"], response_model=PolicyView, openapi_extra=PUBLISHING)
async def publish_policy(
    policy_id: PathId, body: Policy, desk: AtDesk, effective_from: Moment | None = None, draft: bool = False
) -> Response:
    """Publish a version of a policy. It is in force from `effective_from`, or at once; as a draft, never.

    Clocks that run keep the version they were started with. The region's calendar comes first: without one, no working
    day of it is known.
    """
    if not desk.office.ledger.calendars.working(body.region).years:
        raise Invalid("region is not one whose working calendar has been published", "region 的工作日历尚未发布")
    if body.id != policy_id:
        raise Invalid("id is another than in the address", "id 与地址中的不一致")
    since = None if draft else effective_from or desk.office.clock.now()
    receipt = await publish(desk, POLICIES, PublishPolicy(policy=body, effective_from=since))
    return answered(receipt, desk.in_zone(policy_view(receipt.state.get(policy_id))))


@dataclass(frozen=True, kw_only=True)
class YearNotice:
    """A year's notice: the days of rest, and the weekend days on which people work instead."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    holidays: tuple[date, ...]
    makeup_workdays: tuple[date, ...]
    source: str = ""


class PublishedYear(TypedDict):
    """Of which year a notice was published, and in which version."""

    region: str
    year: int
    version: int


class CalendarView(PublishedYear):
    """The working calendar of a year, as the notice tells it."""

    holidays: list[date]
    makeup_workdays: list[date]
    source: str


@router.get("/calendars/{region}/{year}", tags=["rules"], response_model=CalendarView)
async def calendar(region: Region, year: Year, desk: AtDesk) -> Response:
    """The working calendar of a year."""
    calendars = desk.office.ledger.calendars
    found = calendars.working(region).years.get(year)
    if found is None:
        raise NotFound("no notice has been published for that year", "该年度放假安排尚未发布")
    body = {
        "region": region,
        "year": year,
        "version": found.version,
        "holidays": sorted(found.holidays),
        "makeup_workdays": sorted(found.makeup_workdays),
        "source": found.source,
    }
    return json_response(body, 200, at_version(calendars))


@router.put("/calendars/{region}/{year}", tags=["rules"], response_model=PublishedYear, openapi_extra=PUBLISHING)
async def publish_calendar(region: Region, year: Year, body: YearNotice, desk: AtDesk) -> Response:
    """Make a year's notice known."""
    command = PublishCalendar(
        region=region, year=year, holidays=body.holidays, makeup_workdays=body.makeup_workdays, source=body.source
    )
    receipt = await publish(desk, CALENDARS, command)
    version = receipt.state.working(region).years[year].version
    return answered(receipt, {"region": region, "year": year, "version": version})
