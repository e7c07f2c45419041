"""How units are judged, year by year, with the evidence; it is for people to weigh, and decides on nobody by itself."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import AfterValidator, WithJsonSchema
from starlette.convertors import IntegerConvertor, register_url_convertor
from typing_extensions import TypedDict

from domain.assessment.appeals import Appeal, DecideAppeal
from domain.assessment.findings import Exclude, Veto
from domain.assessment.gate import NO_CARD
from domain.decider import Act
from domain.duties import Quarter
from domain.org import Org
from domain.refusals import NotFound
from domain.rules import Rules
from domain.rules.authority import READ_SCORECARDS, everywhere
from domain.zone import just_before
from projections.cards import detectors, proofs, scorecards
from projections.cards.collectors import Collector
from projections.cards.collectors import collectors as collectors_of
from projections.cards.detectors import Finding
from projections.cards.marks import CONTACT, Figure
from projections.cards.proofs import Evidence, Reference
from projections.cards.scorecards import Card
from projections.following.pages import Page
from service.http.answering import json_response
from service.http.assessing import FIRST, LAST, AppealView, YearAnswer, ask, shown, years
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk, Desk
from service.http.moments import At
from service.http.parameters import WRITING
from service.http.reach import own_place
from service.http.writing_desk import AtWritingDesk, DeskRoute
from service.office import Db
from service.routes.pages import Cursor, Limit, OfId, PathId, Within, link_to, page_of

router = APIRouter(prefix="/v1", tags=["assessment"], route_class=StrictRoute)
commands = APIRouter(prefix="/v1/scorecards", tags=["assessment"], route_class=DeskRoute)

Year = Annotated[int, Query(ge=FIRST, le=LAST)]
PathYear = Annotated[int, Path(ge=FIRST, le=LAST)]


def of_a_card(figure: Figure) -> Figure:
    if figure in CONTACT:
        raise ValueError("no card has this figure")
    return figure


FIGURES = {"type": "string", "enum": [one.value for one in Figure if one not in CONTACT]}
Shown = Annotated[Figure, AfterValidator(of_a_card), WithJsonSchema(FIGURES)]
"""One of the figures that a card has."""


class FourDigits(IntegerConvertor):
    """What may be a year in the path of a command; of thousands of digits no number can be made."""

    regex = "[0-9]{4}"


register_url_convertor("year", FourDigits())


@dataclass(frozen=True, kw_only=True)
class CardView(Card):
    """A card with the appeals there are."""

    appeals: list[AppealView]


@dataclass(frozen=True, kw_only=True)
class Cards:
    """All cards that somebody may see of a year, as of an instant, and the policy that weighs it."""

    year: int
    at: datetime
    policy: str
    items: list[CardView]


@dataclass(frozen=True, kw_only=True)
class Dossier(CardView):
    """A card with the events behind its figures."""

    at: datetime
    policy: str
    evidence: list[Evidence]


@dataclass(frozen=True, kw_only=True)
class Named(Reference):
    """With the title of the case."""

    title: str | None


class Behind(TypedDict):
    """A page of the events behind a figure; `withheld` of them rest on cases that the reader may not see."""

    items: list[Named]
    withheld: int
    next: str | None


Found = TypedDict("Found", {"unit": str, "from": datetime, "to": datetime, "items": list[Finding]})


@router.get("/scorecards", response_model=Cards)
async def listed(desk: AtDesk, year: Year, unit: OfId = None, at: At = None) -> Response:
    """The scorecards of a year: of a unit and those below it, or of all that one may see.

    Nobody has a score below the fewest answers, and no rank whose interval overlaps that of another.
    """
    now, rules = moment(desk, year, at)
    places, org = _places(desk, unit), await then(desk, at)
    found, headers = await desk.view(
        lambda db, act: scorecards.cards(db, act, year, places, rules.policy.assessment, at, org)
    )
    appeals = await _appeals(desk, [card.unit for card in found], year, at)
    items = [{**asdict(card), "appeals": appeals[card.unit]} for card in found]
    body = {"year": year, "at": now, "policy": rules.policy_label, "items": items}
    return json_response(desk.in_zone(body), 200, headers)


@router.get("/scorecards/{unit_id}/{year}", response_model=Dossier)
async def dossier(unit_id: PathId, year: PathYear, desk: AtDesk, at: At = None) -> Response:
    """A unit's scorecard with the events behind every figure; as of an instant, the same bytes from the same log."""
    now, rules = moment(desk, year, at)
    places, org = _places(desk, unit_id), await then(desk, at)

    def ask(db: Db, act: Act) -> dict[str, Any] | None:
        found = scorecards.cards(db, act, year, places, rules.policy.assessment, at, org)
        card = next((one for one in found if one.unit == unit_id), None)
        if card is None:
            return None
        return {**asdict(card), "evidence": proofs.evidence(db, act, unit_id, year, at)}

    body, headers = await desk.view(ask)
    if body is None:
        raise NotFound(*NO_CARD)
    appeals = await _appeals(desk, [unit_id], year, at)
    answer = {"at": now, "policy": rules.policy_label, **body, "appeals": appeals[unit_id]}
    return json_response(desk.in_zone(answer), 200, headers)


@router.get("/scorecards/{unit_id}/{year}/evidence", response_model=Behind)
async def evidence(
    unit_id: PathId,
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
        lambda db, act: proofs.behind(db, act, proofs.Line(unit_id, year, figure, mark), at, limit, cursor)
    )
    cases = await desk.cases({one.case for one in items if one.case}, at)
    named = [Named(**asdict(one), title=cases[one.case].entry("title") if one.case in cases else None) for one in items]
    body = {"items": desk.in_zone(named), "withheld": withheld, "next": following}
    return json_response(body, 200, headers | link_to(following, desk))


@router.get("/scorecards/{unit_id}/{year}/collectors", response_model=Page[Collector])
async def collectors(
    unit_id: PathId, year: PathYear, desk: AtDesk, at: At = None, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """Who collected how many cases for a town: what ordinary cadres are judged on, and in no score of the town."""
    moment(desk, year, at)
    _places(desk, unit_id)
    org = await then(desk, at) or desk.office.org
    found, headers = await desk.view(lambda db, act: collectors_of(db, act, org, unit_id, year, at, limit, cursor))
    return page_of(found.items, found.next, headers, desk)


@router.get("/detectors", response_model=Found)
async def detected(desk: AtDesk, within: Within, unit: Annotated[str, Query(min_length=1, max_length=64)]) -> Response:
    """Signs of gaming in what a unit got in a period, in the last 365 days by default: reasons to look, not verdicts."""
    last = within.end or desk.office.clock.now()
    first = within.start or last - timedelta(days=365)
    _places(desk, unit)
    items, headers = await desk.view(lambda db, act: detectors.findings(db, act, unit, first, last))
    body = {"unit": unit, "from": first, "to": last, "items": items}
    return json_response(desk.in_zone(body), 200, headers)


async def _appeals(desk: Desk, units: list[str], year: int, at: datetime | None) -> dict[str, list[AppealView]]:
    found, act = await years(desk, units, year, at), desk.act()
    return await desk.office.read(lambda db: {unit: shown(db, act, one) for unit, one in found.items()})


async def then(desk: Desk, at: datetime | None) -> Org | None:
    """The organisation as it stood at an instant; none asked for: that of now."""
    office = desk.office
    return None if at is None else await office.in_thread(lambda: office.earlier.org(at, office.org))


def moment(desk: Desk, year: int, at: datetime | None) -> tuple[datetime, Rules]:
    """The instant answered for, and the rules that weigh the year: those in force then, or when the year ended."""
    desk.must_have_come(at)
    instant = at or desk.office.clock.now()
    return instant, desk.office.rules(min(instant, just_before(Quarter(year=year, number=4).ends())))


def _places(desk: Desk, unit: str | None) -> frozenset[str] | None:
    """The units one may see the cards of: those asked for, all, or one's own house."""
    org = desk.office.org
    if any(everywhere(post.role, READ_SCORECARDS) for post in desk.by.posts):
        if unit is not None and org.unit(unit) is None:
            raise NotFound("there is no such unit", "没有这个单位")
        place = unit
    else:
        place = own_place(desk, unit)
    return None if place is None else org.within(place)


@commands.post("/{unit_id}/{year:year}/appeal", response_model=YearAnswer, openapi_extra=WRITING)
async def appeal(unit_id: PathId, year: PathYear, desk: AtWritingDesk, body: Appeal) -> Response:
    """Appeal against a mark of one's own unit's card, within ten working days of when what gave it was recorded."""
    return await ask(desk, unit_id, year, body)


@commands.post("/{unit_id}/{year:year}/decide-appeal", response_model=YearAnswer, openapi_extra=WRITING)
async def decide_appeal(unit_id: PathId, year: PathYear, desk: AtWritingDesk, body: DecideAppeal) -> Response:
    """Say what one finds as a member of the panel. If it is upheld, the mark is taken back; both versions stay readable."""
    return await ask(desk, unit_id, year, body)


@commands.post("/{unit_id}/{year:year}/veto", response_model=YearAnswer, openapi_extra=WRITING)
async def veto(unit_id: PathId, year: PathYear, desk: AtWritingDesk, body: Veto) -> Response:
    """Write down that a leak or a retaliation was adjudicated."""
    return await ask(desk, unit_id, year, body)


@commands.post("/{unit_id}/{year:year}/exclude", response_model=YearAnswer, openapi_extra=WRITING)
async def exclude(unit_id: PathId, year: PathYear, desk: AtWritingDesk, body: Exclude) -> Response:
    """Leave a case out of a unit's year, where nobody could have done better."""
    return await ask(desk, unit_id, year, body)
