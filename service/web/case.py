"""One case: as it stands, what may be done about it, and its replay, event by event."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from domain.rules.authority import READ_ACCESS_LOG
from service.audit.verifier import Key, Untrue, opened, proven
from service.web.asking import NotAnswered, ask, every
from service.web.drawing import draw
from service.web.queue import offered
from service.web.reader import has

router = APIRouter(include_in_schema=False)


@router.get("/cases/{case_id}")
async def case(case_id: str, request: Request) -> Response:
    shown, story = await gather(ask(request, f"/v1/cases/{case_id}"), every(request, f"/v1/cases/{case_id}/history"))
    verbs = offered(request, shown["next_actions"])
    oversees = has(request, READ_ACCESS_LOG)
    return draw(request, "case.html", case=shown, story=story, verbs=verbs, oversees=oversees)


@router.get("/cases/{case_id}/replay")
async def replay(case_id: str, request: Request, version: int | None = None) -> Response:
    """The case as it stood after each of its events. The address holds the version."""
    return draw(request, "replay.html", **await standing(request, case_id, version))


@router.get("/cases/{case_id}/replay/moment")
async def moment(case_id: str, request: Request, version: int | None = None) -> Response:
    """The part of the replay that changes with the slider."""
    return draw(request, "replay_moment.html", **await standing(request, case_id, version))


async def standing(request: Request, case_id: str, version: int | None) -> dict[str, Any]:
    story = await every(request, f"/v1/cases/{case_id}/history")
    number = story[-1]["version"] if version is None else version
    path = f"/v1/cases/{case_id}"
    then, before, why = await gather(
        ask(request, path, version=number),
        ask(request, path, version=number - 1) if number > 1 else nothing_yet(),
        ask(request, f"{path}/explain", version=number),
    )
    [event] = [one for one in story if one["version"] == number]
    changed = {name for name in then if name not in NOT_SHOWN and then[name] != before.get(name)}
    signed = await proven_in(request, event["position"])
    return {
        "case": then,
        "story": story,
        "event": event,
        "stored": orjson.dumps(event["data"], option=orjson.OPT_INDENT_2).decode(),
        "changed": changed,
        "clocks": list(bars(why, then["clocks"], before.get("clocks", []), event["at"])),
        "intact": unbroken(story),
        "signed": signed,
    }


def bars(
    why: dict[str, Any], clocks: list[dict[str, Any]], before: list[dict[str, Any]], at: str
) -> Iterator[dict[str, Any]]:
    """Each clock as a bar: how much of its time has passed, and whether this event changed it."""
    stood = {key(clock): clock for clock in before}
    stands = {key(clock): clock for clock in clocks}
    for clock in why["clocks"]:
        start, now = datetime.fromisoformat(clock["started_at"]), datetime.fromisoformat(clock["stopped_at"] or at)
        elapsed = max((now - start).total_seconds(), 0)
        limit = (datetime.fromisoformat(clock["due_at"]) - start).total_seconds() if clock["due_at"] else 0
        whole = max(elapsed, limit) or 1
        yield {
            **clock,
            "elapsed_s": elapsed,
            "limit_s": limit,
            "gone_at": round(100 * elapsed / whole, 1),
            "limit_at": round(100 * limit / whole, 1),
            "changed": bool(before) and stands.get(key(clock)) != stood.get(key(clock)),
        }


def key(clock: dict[str, Any]) -> tuple[str, str]:
    """What identifies a clock between two events: no two of a kind start at the same instant."""
    return clock["kind"], clock["started_at"]


async def proven_in(request: Request, position: int) -> int | None:
    """The size of the signed log in which this position is proven to lie; None while it is proven in none."""
    try:
        proof = await ask(request, "/v1/log/inclusion", position=position)
        signed = opened(proof["checkpoint"], Key.read(proof["key"]))
        proven(proof, signed)
    except (NotAnswered, Untrue):
        return None
    return signed.size


NOT_SHOWN = frozenset({"version", "next_actions", "citizen", "paused_s", "suspended_s", "follow_up_wait_s"})
"""Fields that change with every event, or with time alone."""


async def nothing_yet() -> dict[str, Any]:
    return {}


def unbroken(story: list[dict[str, Any]]) -> bool:
    """Whether each event names the hash of the one before it."""
    return all(after["previous_hash"] == before["hash"] for before, after in pairwise(story))
