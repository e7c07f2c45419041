"""The organisation (组织架构): its units as a tree, who heads them, and who held which post when."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from service.front.here import now_at
from service.web.asking import ask
from service.web.drawing import draw

router = APIRouter(prefix="/organisation", include_in_schema=False)

HEADS = ("district_leader", "town_head", "village_head")


@router.get("")
async def organisation(request: Request) -> Response:
    org = await ask(request, "/v1/org")
    heads = heads_of(org["officials"], today(request))
    below: dict[str | None, list[dict[str, Any]]] = {}
    for unit in org["units"]:
        if unit["closed_on"] is None:
            below.setdefault(unit["parent"], []).append({**unit, "heads": heads.get(unit["id"], [])})
    closed = [unit for unit in org["units"] if unit["closed_on"]]
    return draw(request, "organisation.html", below=below, tops=below.get(None, []), closed=closed, org=org)


@router.get("/{unit}")
async def unit(unit: str, request: Request) -> Response:
    one, org = await ask(request, f"/v1/units/{unit}"), await ask(request, "/v1/org")
    now = today(request)
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
        holding=[post for post in posts if holds(post, now)],
        coming=[post for post in posts if now < post["from"]],
        held=sorted((post for post in posts if over(post, now)), key=lambda post: post["to"], reverse=True),
    )


def today(request: Request) -> str:
    """As the days of posts are written."""
    return now_at(request).date().isoformat()


def holds(post: dict[str, Any], day: str) -> bool:
    """Whether a post is held on that day; the one it ends on is the first without it."""
    return bool(post["from"] <= day) and not over(post, day)


def over(post: dict[str, Any], day: str) -> bool:
    return post["to"] is not None and bool(post["to"] <= day)


def heads_of(officials: list[dict[str, Any]], day: str) -> dict[str, list[str]]:
    """Who leads each unit on that day."""
    found: dict[str, list[str]] = {}
    for official in officials:
        for post in official["posts"]:
            if post["role"] in HEADS and holds(post, day):
                found.setdefault(post["unit"], []).append(official["id"])
    return found
