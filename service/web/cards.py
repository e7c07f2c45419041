"""Scorecards (考核卡): how units are judged, with how sure one is, and the evidence; they decide on nobody by themselves."""

from __future__ import annotations

from asyncio import gather
from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from domain.assessment.gate import may
from domain.zone import midnight
from service.http.requests import now_at
from service.record.clock import BEGINNING
from service.web import card_labels as labels
from service.web.asking import ask
from service.web.drawing import draw
from service.web.intervals import drawn
from service.web.language import Language, speaking
from service.web.links import following
from service.web.reader import lets

router = APIRouter(prefix="/scorecards", include_in_schema=False)

THREE = (("response", "first_response"), ("solved", "solved"), ("satisfied", "satisfied"))
"""The three rates (三率), and what they are called."""
YEARS = 4
"""How many years back one can pick."""


@router.get("")
async def listed(request: Request, year: int | None = None) -> Response:
    say, this = speaking(request), now_at(request).year
    year = year or this
    found = await ask(request, "/v1/scorecards", year=year)
    kinds: dict[str, list[dict[str, Any]]] = {}
    for card in found["items"]:
        if card["rates"]["response"]["n"] or card["rates"]["solved"]["n"] or card["tasks"]["n"]:
            card["bars"] = [bar(card["rates"][rate], part, say) for rate, part in THREE]
            kinds.setdefault(card["kind"], []).append(card)
    return draw(
        request,
        "scorecards.html",
        year=year,
        years=years(this),
        kinds=kinds,
        idle=len(found["items"]) - sum(map(len, kinds.values())),
        cards=found,
        labels=labels,
    )


@router.get("/{unit}/{year}")
async def card(unit: str, year: int, request: Request) -> Response:
    say = speaking(request)
    one = await ask(request, f"/v1/scorecards/{unit}/{year}")
    policy_id, _, version = one["policy"].rpartition(".")
    scheme, signs, collectors = await gather(
        weighing(request, policy_id, version),
        detected(request, unit, year),
        ask(request, f"/v1/scorecards/{unit}/{year}/collectors", limit=50),
    )
    rates = {
        "solved": one["rates"]["solved"],
        "satisfied": one["rates"]["satisfied"],
        "on_time_effective": one["on_time_effective"],
        "first_response": one["rates"]["response"],
        "task": one["tasks"],
        "intake": one["intake"],
    }
    parts = [
        (part, rates[part], bar(rates[part], part, say, one["peers_solved"] if part == "solved" else None))
        for part in one["judged_on"]
        if part in rates
    ]
    return draw(
        request,
        "scorecard.html",
        one=one,
        year=year,
        years=years(now_at(request).year),
        parts=parts,
        weights=scheme["weights"],
        scheme=scheme,
        worth={"solved": one["solved_shrunk"], "duty": one["duty"]},
        signs=signs,
        collectors=collectors["items"],
        may_decide=lets(request, lambda act: may(unit, act, "decide-appeal")),
        labels=labels,
    )


@router.get("/{unit}/{year}/evidence")
async def evidence(
    unit: str, year: int, request: Request, figure: str, mark: str, cursor: str | None = None
) -> Response:
    """Every event behind one figure, page by page."""
    path = f"/v1/scorecards/{unit}/{year}/evidence"
    found = await ask(request, path, figure=figure, mark=mark, limit=100, cursor=cursor)
    more = following(request, found["next"])
    fields = {"unit": unit, "year": year, "figure": figure, "mark": mark, "found": found, "more": more}
    fields["may_appeal"] = lets(request, lambda act: may(unit, act, "appeal"))
    return draw(request, "scorecard_evidence.html", labels=labels, **fields)


def bar(rate: dict[str, Any], part: str, say: Language, peers: float | None = None) -> Markup:
    return drawn(rate, say(*labels.FIGURES[part]), say, peers)


async def weighing(request: Request, policy: str, version: str) -> dict[str, Any]:
    """What the policy of a card weighs."""
    found: dict[str, Any] = (await ask(request, f"/v1/policies/{policy}", version=version))["policy"]["assessment"]
    return found


async def detected(request: Request, unit: str, year: int) -> list[dict[str, Any]]:
    """Signs of gaming in the year; that of 2000 began hours before the first instant that can be asked for."""
    start, end = max(midnight(date(year, 1, 1)), BEGINNING), midnight(date(year + 1, 1, 1))
    asked = {"from_": start.isoformat(), "to": end.isoformat()}
    found: list[dict[str, Any]] = (await ask(request, "/v1/detectors", unit=unit, **asked))["items"]
    return found


def years(this: int) -> list[int]:
    return list(range(this, this - YEARS, -1))
