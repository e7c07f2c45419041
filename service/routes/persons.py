"""Persons: found again by a telephone or identity number, by the privacy officer, on record."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from typing_extensions import TypedDict

from domain.org import Role
from domain.refusals import Invalid, NotPermitted
from service.audit.access_log import LookOutcome, Of
from service.audit.finding import Found, brought, find
from service.http.answering import json_response
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk
from service.secrecy.seals import household_of

router = APIRouter(prefix="/v1/persons", tags=["audit"], route_class=StrictRoute)

Number = Annotated[str | None, Query(min_length=3, max_length=40)]
Household = Annotated[str | None, Query(min_length=1, max_length=64)]


class PersonView(TypedDict):
    """A person, by an id that says nothing of him; `sanji erase` takes it."""

    person: str
    case: str | None
    household: str | None


class PersonsView(TypedDict):
    items: list[PersonView]


@router.get("", response_model=PersonsView)
async def persons(
    desk: AtDesk, phone: Number = None, id_number: Number = None, household: Household = None
) -> Response:
    """Persons who gave this number with a case that may be seen, or in the register. It is recorded who asked.

    Of a household: those who live there, and under ids of their own the words that were said there. Those who asked to
    stay hidden, and whoever brought a sealed case, are not found.
    """
    asked = {"phone": phone, "id_number": id_number, "household": household}
    given = [(field, value) for field, value in asked.items() if value]
    if len(given) != 1:
        raise Invalid("give phone, id_number or household", "请提供 phone、id_number 或 household 之一")
    if not desk.holds(Role.PRIVACY_OFFICER):
        await desk.on_record("persons", "-", LookOutcome.NOT_PERMITTED, Of.PERSON)
        raise NotPermitted("this needs the post of a privacy officer", "须由信息保护专员查询")
    [(field, value)] = given
    found = await desk.office.read(lambda db: find(db, desk.office.seals, field, value))
    if field == "household":
        found += await desk.office.in_thread(lambda: brought(desk.office.ledger, desk.office.seals, value))
    places = {one.place for one in found if household_of(one.place) is None}
    hidden = places - (await desk.cases(places)).keys()
    items = [_view(one) for one in found if one.place not in hidden]
    for item in items:
        await desk.on_record("persons", item["person"], LookOutcome.SHOWN, Of.PERSON)
    if not items:
        await desk.on_record("persons", "-", LookOutcome.NOT_FOUND, Of.PERSON)
    return json_response({"items": items}, 200, {"Cache-Control": "no-store"})


def _view(found: Found) -> PersonView:
    home = household_of(found.place)
    return {"person": found.person, "case": found.place if home is None else None, "household": home}
