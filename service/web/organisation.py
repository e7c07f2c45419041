"""The organisation (组织架构): its units as a tree, who held which post when; the administrator says who takes one and leaves."""

from __future__ import annotations

import re
from asyncio import gather
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from domain.org import Role
from service.http.requests import now_at, office_of
from service.record.ids import new_id
from service.web.asking import ask, tell
from service.web.drawing import draw
from service.web.posted import FormRoute

router = APIRouter(prefix="/organisation", include_in_schema=False, route_class=FormRoute)

Said = Annotated[str, Form(max_length=200)]
PLACE = re.compile(r"^officials\S*?(: |：)")
"""The path in a refusal that points into the whole document: the writer of one line need not see it."""
NOTHING = {"name": "", "role": "", "since": ""}
"""A form in which nothing was written."""

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
    return await drawn(unit, request)


@router.post("/{unit}")
async def reorganised(
    unit: str, request: Request, role: Said, since: Said, name: Said = "", official: Said = "", until: Said = ""
) -> Response:
    """Somebody takes a post here; or leaves one: `until` is the first day without him.

    The whole organisation is submitted again. An unknown name is a new official; if several have it, the form asks who.
    """
    org = await ask(request, "/v1/org")
    written = {"name": name.strip(), "role": role, "since": since}
    known = [one for one in org["officials"] if (one["id"] == official if official else one["name"] == written["name"])]
    if len(known) > 1:
        return await drawn(unit, request, 422, written=written, namesakes=known)
    if not known:
        known = [{"id": new_id(office_of(request).clock.now()), "name": written["name"], "posts": []}]
        org["officials"] += known
    posts = known[0]["posts"]
    if until:
        for post in posts:
            if (post["unit"], post["role"], post["from"]) == (unit, role, since):
                post["to"] = until
    else:
        posts.append({"unit": unit, "role": role, "from": since, "to": None})
    answer = await tell(request, "PUT", "/v1/org", org)
    if answer.status == 200:
        return RedirectResponse(f"/organisation/{unit}", 303)
    refused = answer.json | {"detail": PLACE.sub("", answer.json["detail"]), "errors": []}
    return await drawn(unit, request, answer.status, refused=refused, written=NOTHING if until else written)


async def drawn(unit: str, request: Request, status: int = 200, **more: Any) -> Response:
    me, one, org = await gather(ask(request, "/v1/me"), ask(request, f"/v1/units/{unit}"), ask(request, "/v1/org"))
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
        status,
        one=one,
        inside=[each for each in org["units"] if each["parent"] == unit],
        holding=[post for post in posts if holds(post, now)],
        coming=[post for post in posts if now < post["from"]],
        held=sorted((post for post in posts if over(post, now)), key=lambda post: post["to"], reverse=True),
        may=any(post["role"] == Role.ADMIN for post in me["posts"]) and one["closed_on"] is None,
        roles=[role for role in Role if role not in (Role.ADMIN, Role.INTEGRATOR)],
        today=now,
        **{"written": NOTHING, "namesakes": [], "refused": None} | more,
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
