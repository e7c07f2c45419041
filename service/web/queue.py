"""What waits for the town head (镇长待办): for a phone with one bar of signal, and for a desk with a keyboard."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from domain.case import COMMANDS
from domain.rules.authority import ever_granted
from service.web.asking import ask
from service.web.drawing import draw
from service.web.reader import actor_of, reads_register

router = APIRouter(include_in_schema=False)

FIRST = (
    *("accept", "assign", "rule", "decide-extension", "decide-challenge", "decide-review", "decide-final-review"),
    *("record-outcome", "contact", "resolve", "escalate", "feedback", "disclose-identity", "confirm-withdrawal"),
    *("reactivate", "complete-task", "start", "acknowledge", "claim", "dispute", "remand", "request-information"),
    *("request-extension", "transfer", "convene"),
)
"""What is most often the next thing to do."""
ALWAYS = ("note", "attach", "urge", "supervise", "link-household", "correct", "add-subject", "declare-conflict")
"""Verbs that every case allows and that move none: not offered first."""
PLACES = {verb: n for n, verb in enumerate((*FIRST, None, *ALWAYS))}
"""In which order they are offered; `None` is whatever else there is."""


@router.get("/queue")
async def queue(request: Request, unit: str | None = None, cursor: str | None = None) -> Response:
    """With a form for all that its reader may ever do: what the cards offer changes while he looks at them."""
    found, actor = await waiting(request, unit, cursor), actor_of(request)
    roles = {post.role for post in actor.posts} if actor else ()
    verbs = [kind.verb for kind in COMMANDS if ever_granted(kind.verb, roles)]
    return draw(request, "queue.html", **found, verbs=verbs)


@router.get("/queue/cards")
async def cards(request: Request, unit: str | None = None, cursor: str | None = None) -> Response:
    """The part of the queue that changes by itself."""
    return draw(request, "queue_cards.html", **await waiting(request, unit, cursor))


@router.get("/offline")
async def offline(request: Request) -> Response:
    """What is shown for a page that was not kept, where there is no signal."""
    return draw(request, "offline.html")


async def waiting(request: Request, unit: str | None, cursor: str | None) -> dict[str, Any]:
    """What waits, and apart from it what is there for one's knowledge: nothing of it is one's own to do.

    Only listed cases are known to be the reader's own; `paged` says that there are more.
    """
    path = f"/v1/units/{unit}/queue" if unit else "/v1/me/queue"
    found = await ask(request, path, limit=20, cursor=cursor)
    for item in found["items"]:
        item["next_actions"] = offered(request, item["next_actions"])
    to_know = [item for item in found["items"] if not own(item["next_actions"])]
    to_do = [item for item in found["items"] if item not in to_know]
    return {**found, "to_do": to_do, "to_know": to_know, "place": unit, "paged": bool(cursor or found["next"])}


def own(verbs: list[str]) -> bool:
    """Whether it is one's turn."""
    return any(verb not in ALWAYS for verb in verbs)


def offered(request: Request, verbs: list[str]) -> list[str]:
    """The verbs a page offers, in order; linking a household only to readers of the register."""
    if not reads_register(request):
        verbs = [verb for verb in verbs if verb != "link-household"]
    return sorted(verbs, key=lambda verb: (PLACES.get(verb, PLACES[None]), verb))
