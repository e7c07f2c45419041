"""Policies and working calendars: what every deadline rests on, published by administrators."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, ClassVar

from fastapi import APIRouter, Path, Response
from typing_extensions import TypedDict

from domain.refusals import Invalid, NotFound
from domain.rules import Policy, PublishCalendar, PublishPolicy
from domain.rules.policies import PolicyVersion
from domain.streams import CALENDARS, POLICIES
from service.http.answering import answered, json_response
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk
from service.http.moments import Moment
from service.http.parameters import PUBLISHING
from service.routes.pages import PathId
from service.routes.publishing import at_version, publish

router = APIRouter(prefix="/v1", tags=["rules"], route_class=StrictRoute)

Region = Annotated[str, Path(pattern=r"^[a-z][a-z0-9]{0,15}$")]
Year = Annotated[int, Path(ge=2004, le=2100)]


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


@router.get("/policies/{policy_id}", response_model=PolicyWithVersions)
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


@router.put("/policies/{policy_id}", response_model=PolicyView, openapi_extra=PUBLISHING)
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


@router.get("/calendars/{region}/{year}", response_model=CalendarView)
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


@router.put("/calendars/{region}/{year}", response_model=PublishedYear, openapi_extra=PUBLISHING)
async def publish_calendar(region: Region, year: Year, body: YearNotice, desk: AtDesk) -> Response:
    """Make a year's notice known."""
    command = PublishCalendar(
        region=region, year=year, holidays=body.holidays, makeup_workdays=body.makeup_workdays, source=body.source
    )
    receipt = await publish(desk, CALENDARS, command)
    version = receipt.state.working(region).years[year].version
    return answered(receipt, {"region": region, "year": year, "version": version})
