"""The organisation (组织架构): its units as a tree, who heads them, and who held which post when."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from service.web.asking import ask
from service.web.drawing import draw

router = APIRouter(prefix="/organisation", include_in_schema=False)

HEADS = ("district_leader", "town_head", "village_head")


@router.get("")
async def organisation(request: Request) -> Response:
    org = await ask(request, "/v1/org")
    heads = heads_of(org["officials"])
    below: dict[str | None, list[dict[str, Any]]] = {}
    for unit in org["units"]:
        if unit["closed_on"] is None:
            below.setdefault(unit["parent"], []).append({**unit, "heads": heads.get(unit["id"], [])})
    closed = [unit for unit in org["units"] if unit["closed_on"]]
    return draw(request, "organisation.html", below=below, tops=below.get(None, []), closed=closed, org=org)


@router.get("/{unit}")
async def unit(unit: str, request: Request) -> Response:
    one, org = await ask(request, f"/v1/units/{unit}"), await ask(request, "/v1/org")
    posts = [
        {**post, "official": official["id"]}
        for official in org["officials"]
        for post in official["posts"]
        if post["unit"] == unit
    ]
    return draw(
        request,
        "unit.html",
        one=one,
        inside=[each for each in org["units"] if each["parent"] == unit],
        holding=[post for post in posts if post["to"] is None],
        held=sorted((post for post in posts if post["to"]), key=lambda post: post["to"], reverse=True),
    )


def heads_of(officials: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Who leads each unit now."""
    found: dict[str, list[str]] = {}
    for official in officials:
        for post in official["posts"]:
            if post["role"] in HEADS and post["to"] is None:
                found.setdefault(post["unit"], []).append(official["id"])
    return found
