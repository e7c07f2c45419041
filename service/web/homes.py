"""Households: the register as a list, the board of pairs, whom one must visit; and one household with its history."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from domain.household.gate import CHECK, NEAR, SIGN, everywhere
from domain.household.terms import HardshipKind, Home, HouseholdClass, Protected
from domain.household.visits import due_after
from domain.rules.helping import Rhythm
from service.http.requests import office_of
from service.web.asking import ask
from service.web.drawing import draw
from service.web.home_forms import home_forms, kept_by
from service.web.links import following
from service.web.reader import lets
from service.web.rules import SEVERITY
from service.web.units import choices

router = APIRouter(include_in_schema=False)

FILTERS = ("class", "unit", "unpaired", "unchecked", "unsigned", "cursor")
NO_MATTER = {0: ("不影响生活", "of no weight")}
"""The hardship that no rule counts."""


@router.get("/households")
async def households(request: Request) -> Response:
    wanted = {name: value for name in FILTERS if (value := request.query_params.get(name))}
    unit = wanted.get("unit")
    _, own = await choices(request)
    place = unit or (own.id if own else None)
    signs = lets(request, lambda act: any(post.role in NEAR[SIGN] for post in act.by.posts))
    found, board, covered, late, *proposed = await gather(
        ask(request, "/v1/households", limit=50, **wanted),
        ask(request, "/v1/pairings", unit=unit),
        ask(request, "/v1/coverage", unit=place),
        ask(request, "/v1/benefits", state="applied", overdue="true", limit=10, unit=unit),
        *([ask(request, "/v1/households", unsigned="true", limit=10, unit=unit)] if signs else []),
    )
    office = office_of(request)
    now = office.clock.now()
    rhythm = office.rules(now).policy.helping.visits
    for one in found["items"]:
        due = next_visit(one, rhythm)
        one["due_at"], one["late"] = due and due.isoformat(), due is not None and due <= now
    return draw(
        request,
        "households.html",
        items=found["items"],
        more=following(request, found["next"]),
        classes=list(HouseholdClass),
        wanted={name: wanted.get(name) for name in FILTERS},
        board=board,
        coverage=covered,
        overdue=late["items"],
        unsigned=[home for page in proposed for home in page["items"]],
        villages=kept_by(request),
        checks=lets(request, lambda act: everywhere(act, CHECK)),
    )


@router.get("/households/{household_id}")
async def household(household_id: str, request: Request, seen: int | None = None) -> Response:
    """The household; its cases at or after the position `seen`, with which a reader comes back from a form."""
    one = await ask(request, f"/v1/households/{household_id}")
    history = await ask(request, f"/v1/households/{household_id}/history", limit=200)
    cases = await ask(request, "/v1/cases", household=household_id, limit=50, min_position=seen)
    forms, rare = home_forms(request, one)
    return draw(
        request,
        "household.html",
        one=one,
        story=list(by_relation(history["items"])),
        items=cases["items"],
        classes=list(HouseholdClass),
        hardships=list(HardshipKind),
        severities=NO_MATTER | SEVERITY,
        homes=list(Home),
        protections=list(Protected),
        forms=forms,
        rare=rare,
    )


def by_relation(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The events in order; members are named by their relation to the head, not by their code."""
    relations: dict[str, str] = {}
    for one in events:
        data = one["data"]
        for member in data.get("members") or [data.get("member")]:
            if isinstance(member, str):
                joined = data.get("relation")
                relations[member] = joined or relations.get(member, member)
                relation = "" if joined else relations[member]
                for code in (member, member[:1].upper() + member[1:]):  # as it begins a sentence
                    one["sentence"] = one["sentence"].replace(code, relation)
        yield one


def next_visit(one: dict[str, Any], rhythm: Rhythm) -> datetime | None:
    """By when a listed household is to be visited again, as its own page tells it."""
    since = [datetime.fromisoformat(at) for at in (one["visited_at"], one["since"]) if at]
    return due_after(max(since), HouseholdClass(one["class"]), rhythm) if since else None
