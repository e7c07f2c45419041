"""Households: the register as a list, the board of pairs, whom one must visit; and one household with its history."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from domain.household.terms import HouseholdClass
from service.web.asking import ask
from service.web.drawing import draw

router = APIRouter(include_in_schema=False)

FILTERS = ("class", "unit", "unpaired", "cursor")


@router.get("/households")
async def households(request: Request) -> Response:
    wanted = {name: value for name in FILTERS if (value := request.query_params.get(name))}
    found = await ask(request, "/v1/households", limit=50, **wanted)
    near = {"unit": wanted["unit"]} if "unit" in wanted else {}
    return draw(
        request,
        "households.html",
        items=found["items"],
        more="?" + request.url.include_query_params(cursor=found["next"]).query if found["next"] else None,
        classes=list(HouseholdClass),
        wanted={name: wanted.get(name) for name in FILTERS},
        board=await ask(request, "/v1/pairings", **near),
        coverage=await ask(request, "/v1/coverage", **near),
        overdue=(await ask(request, "/v1/benefits", state="applied", overdue="true", limit=10, **near))["items"],
    )


@router.get("/households/{household_id}")
async def household(household_id: str, request: Request) -> Response:
    one = await ask(request, f"/v1/households/{household_id}")
    told = await ask(request, f"/v1/households/{household_id}/history", limit=200)
    cases = await ask(request, "/v1/cases", household=household_id, limit=50)
    return draw(request, "household.html", one=one, story=told["items"], items=cases["items"])
