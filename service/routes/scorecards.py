"""How units are judged, year by year, with the evidence; it is for people to weigh, and decides on nobody by itself."""

from dataclasses import asdict
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from typing_extensions import TypedDict

from domain.org import Org
from domain.org.state import SHANGHAI
from domain.refusals import Invalid, NotFound
from domain.rules import Rules
from domain.rules.authority import READ_SCORECARDS, everywhere
from projections import detectors, proofs, scorecards
from projections.detectors import Finding
from projections.pages import Page
from projections.proofs import Collector, Evidence, Reference
from projections.scorecards import Card, Cards
from projections.tallies import CONTACT, Figure
from service.bodies import StrictRoute
from service.desk import AtDesk, Desk, json_response
from service.moments import At, Moment
from service.reach import in_reach, own_place
from service.routes.pages import page_of

router = APIRouter(prefix="/v1", tags=["assessment"], route_class=StrictRoute)

FIRST, LAST = 2000, 2199
Year = Annotated[int, Query(ge=FIRST, le=LAST)]
PathYear = Annotated[int, Path(ge=FIRST, le=LAST)]
Unit = Annotated[str | None, Query(max_length=64)]
From = Annotated[Moment | None, Query(alias="from")]
To = Annotated[Moment | None, Query(alias="to")]
UnitId = Annotated[str, Path(max_length=64)]
NO_CARD = ("towns and departments have scorecards, no other unit", "只有镇办和区直部门有考核卡")


Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=500)]
Shown = StrEnum("Shown", {one.name: one.value for one in Figure if one not in CONTACT})
"""The figures that a card has."""


class Dossier(Card):
    """A card with the events behind its figures."""

    at: datetime
    policy: str
    evidence: list[Evidence]


class Behind(TypedDict):
    """A page of the events behind a figure; `withheld` of them rest on cases that the reader may not see."""

    items: list[Reference]
    withheld: int
    next: str | None


Found = TypedDict("Found", {"unit": str, "from": datetime, "to": datetime, "items": list[Finding]})


@router.get("/scorecards", response_model=Cards)
async def listed(desk: AtDesk, year: Year, unit: Unit = None, at: At = None) -> Response:
    """The scorecards of a year: of a unit and those below it, or of all that one may see.

    Nobody has a score below the fewest answers, and no rank whose interval overlaps that of another.
    """
    now, rules = moment(desk, year, at)
    places, org = _places(desk, unit), await then(desk, at)
    found, headers = await desk.view(
        lambda db, act: scorecards.cards(db, act, year, places, rules.policy.assessment, at, org)
    )
    body = Cards(year=year, at=now, policy=rules.policy_label, items=found)
    return json_response(desk.in_zone(body), 200, headers)


@router.get("/scorecards/{unit_id}/{year}", response_model=Dossier)
async def dossier(unit_id: UnitId, year: PathYear, desk: AtDesk, at: At = None) -> Response:
    """A unit's scorecard with the events behind every figure; as of an instant, the same bytes from the same log."""
    now, rules = moment(desk, year, at)
    places, org = _places(desk, unit_id), await then(desk, at)

    def ask(db: Any, act: Any) -> dict[str, Any] | None:
        found = scorecards.cards(db, act, year, places, rules.policy.assessment, at, org)
        card = next((one for one in found if one.unit == unit_id), None)
        if card is None:
            return None
        return {**asdict(card), "evidence": proofs.evidence(db, act, unit_id, year, at)}

    body, headers = await desk.view(ask)
    if body is None:
        raise NotFound(*NO_CARD)
    return json_response(desk.in_zone({"at": now, "policy": rules.policy_label, **body}), 200, headers)


@router.get("/scorecards/{unit_id}/{year}/evidence", response_model=Behind)
async def evidence(
    unit_id: UnitId,
    year: PathYear,
    desk: AtDesk,
    figure: Shown,
    mark: Annotated[str, Query(max_length=24)],
    at: At = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The events behind one figure of a card, page by page, in the order of the log."""
    moment(desk, year, at)
    _places(desk, unit_id)
    (items, withheld, following), headers = await desk.view(
        lambda db, act: proofs.behind(db, act, unit_id, year, figure, mark, at, limit, cursor)
    )
    body = {"items": desk.in_zone(items), "withheld": withheld, "next": following}
    return json_response(body, 200, headers)


@router.get("/scorecards/{unit_id}/{year}/collectors", response_model=Page[Collector])
async def collectors(
    unit_id: UnitId, year: PathYear, desk: AtDesk, at: At = None, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """Who collected how many cases for a town: what ordinary cadres are judged on, and in no score of the town."""
    moment(desk, year, at)
    _places(desk, unit_id)
    org = await then(desk, at) or desk.office.org
    found, headers = await desk.view(lambda db, act: proofs.collectors(db, act, org, unit_id, year, at, limit, cursor))
    return page_of(found.items, found.next, headers, desk)


@router.get("/detectors", response_model=Found)
async def detected(
    desk: AtDesk, unit: Annotated[str, Query(max_length=64)], since: From = None, until: To = None
) -> Response:
    """Signs of gaming in what a unit got in a period, in the last 365 days by default: reasons to look, not verdicts."""
    last = until or desk.office.clock.now()
    first = since or last - timedelta(days=365)
    _places(desk, unit)
    items, headers = await desk.view(lambda db, act: detectors.findings(db, act, unit, first, last))
    body = {"unit": unit, "from": first, "to": last, "items": items}
    return json_response(desk.in_zone(body), 200, headers)


async def then(desk: Desk, at: datetime | None) -> Org | None:
    """The organisation as it stood at an instant; none asked for: that of now."""
    return None if at is None else await desk.office.in_thread(lambda: desk.office.org_at(at))


def moment(desk: Desk, year: int, at: datetime | None) -> tuple[datetime, Rules]:
    """The instant answered for, and the rules that weigh the year: those in force then, or when the year ended."""
    now = desk.office.clock.now()
    if at is not None and at > now:
        raise Invalid("at has not come yet", "at 尚未到来")
    told = at or now
    return told, desk.office.rules(min(told, datetime(year + 1, 1, 1, tzinfo=SHANGHAI)))


def _places(desk: Desk, unit: str | None) -> frozenset[str] | None:
    """The units one may see the cards of: those asked for, all, or one's own house."""
    org = desk.office.org
    if any(everywhere(post.role, READ_SCORECARDS) for post in desk.by.posts):
        if unit is not None and org.unit(unit) is None:
            raise NotFound("there is no such unit", "没有这个单位")
        place = unit
    else:
        place = in_reach(desk, unit) if unit is not None else own_place(desk, None)
    return None if place is None else frozenset({place, *org.below(place)})
