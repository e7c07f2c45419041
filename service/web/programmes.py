"""Programmes (项目): one remedy for many cases of one kind; and the hotspots that call for one."""

from __future__ import annotations

from asyncio import gather
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from domain.case.terms import OPEN
from domain.org import Unit
from domain.programme import Programme, ProgrammeStatus, ProposeProgramme
from domain.programme.state import may, may_approve
from service.http.requests import office_of
from service.web.asking import ask, ask_if_there
from service.web.drawing import draw
from service.web.forms import Action, fields_of
from service.web.language import speaking
from service.web.links import following
from service.web.reader import lets, reads_register
from service.web.units import villages_where

router = APIRouter(prefix="/programmes", include_in_schema=False)

SHOWN = 30
"""Cases of a programme that are listed one by one."""
FIELDS = {
    "id": ("编号", "Id"),
    "remedy": ("解决办法", "Remedy"),
    "title": ("名称", "What it is called"),
    "villages": ("在哪些村（社区）", "In which villages"),
    "plan": ("方案", "Plan"),
}
TICKED = 60
"""Villages that a form can offer."""
OFFERED = 20
"""In as many of its villages are cases looked for that might join; the others are joined by other systems."""


@router.get("")
async def programmes(
    request: Request, status: str | None = None, unit: str | None = None, cursor: str | None = None
) -> Response:
    found, hot = await gather(
        ask(request, "/v1/programmes", status=status, unit=unit, limit=50, cursor=cursor),
        ask(request, "/v1/hotspots", unit=unit),
    )
    return draw(
        request,
        "programmes.html",
        items=found["items"],
        more=following(request, found["next"]),
        hotspots=[
            {**one, "may_propose": not one["programmes"] and lets(request, partial(may, (one["village"],)))}
            for one in hot["items"]
        ],
        statuses=list(ProgrammeStatus)[1:],
        wanted=status,
        proposal=proposal(request, plannable(request, unit)),
        towns=towns(request),
        unit=unit,
    )


@router.get("/{programme}")
async def programme(programme: str, request: Request) -> Response:
    one = await ask(request, f"/v1/programmes/{programme}")
    cases = await gather(*(case_of(request, case) for case in one["cases"]["seen"][:SHOWN]))
    state = Programme(id=one["id"], villages=tuple(one["villages"]), proposed_by=one["proposed_by"])
    plans = one["status"] != ProgrammeStatus.COMPLETED and lets(request, partial(may, state.villages))
    return draw(
        request,
        "programme.html",
        one=one,
        items=[case for case in cases if case],
        may_approve=one["status"] == ProgrammeStatus.PROPOSED and lets(request, lambda act: may_approve(state, act)),
        may_complete=one["status"] == ProgrammeStatus.APPROVED and plans,
        might_join=await might_join(request, one) if plans else [],
        might_help=plans and reads_register(request),
    )


def plannable(request: Request, unit: str | None) -> list[Unit]:
    """The villages, in a unit or in all, for which the reader may plan."""
    return villages_where(request, lambda village, act: may((village,), act), unit)


def towns(request: Request) -> list[tuple[str, str]]:
    """Where there are too many of them: the towns of which one is chosen first."""
    there, org = plannable(request, None), office_of(request).org
    if len(there) <= TICKED:
        return []
    return sorted((town, org.units[town].name) for town in {org.town_of(one.id) for one in there} if town)


def proposal(request: Request, there: list[Unit]) -> Action | None:
    """The form of a new programme in some of these villages."""
    say = speaking(request)
    if not 0 < len(there) <= TICKED:
        return None
    given = {"villages": sorted((one.id, one.name) for one in there)}
    return Action(
        verb="programmes",
        label=say("提出项目", "Propose a programme"),
        effect=say(
            "由镇办一把手或区级领导批准后实施，提出的人不能自己批准。",
            "The town head or a district leader approves it; never who proposed it.",
        ),
        fields=tuple(one for one in fields_of(ProposeProgramme, say, FIELDS, given, {}) if one.name != "id"),
    )


async def might_join(request: Request, one: dict[str, Any]) -> list[dict[str, Any]]:
    """Open cases of its villages that it does not answer yet, the latest of each."""
    found = await gather(
        *(ask(request, "/v1/cases", village=village, limit=50) for village in one["villages"][:OFFERED])
    )
    joined = {*one["cases"]["seen"]}
    return [case for page in found for case in page["items"] if case["status"] in OPEN and case["id"] not in joined]


async def case_of(request: Request, case: str) -> dict[str, Any] | None:
    """One of its cases as lists show it; none where it may no longer be seen."""
    found = await ask_if_there(request, f"/v1/cases/{case}")
    if found is None:
        return None
    due = [
        clock["due_at"] for clock in found["clocks"] if clock["state"] in ("running", "breached") and clock["due_at"]
    ]
    return {**found, "due_at": min(due, default=None)}
