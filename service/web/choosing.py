"""Names to choose from in a form: units, people, cases, households, reporters, joint tasks. Chosen, it goes out as its id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from domain.ids import ID
from domain.org import Official, Org
from domain.zone import day_at
from service.http.requests import office_of
from service.web.asking import ask, every
from service.web.drawing import draw
from service.web.language import Language, speaking

router = APIRouter(prefix="/choices", include_in_schema=False)

Choice = tuple[str, str]
Typed = Annotated[str, Query(max_length=100)]
OfId = Annotated[str, Query(pattern=f"^(?:{ID.pattern})?$")]
Villages = Annotated[Sequence[str], Query(max_length=20)]
FEW = 20


def offered(request: Request, choices: Iterable[Choice]) -> Response:
    """Options with unique names: where several share a name, the id is added."""
    found = list(choices)
    often = Counter(called for _, called in found)
    return draw(
        request,
        "choices.html",
        offered=[(id, called if often[called] == 1 else f"{called} · {id}") for id, called in found],
    )


@router.get("/units")
async def units(request: Request) -> Response:
    """All of them, each with the town it lies in."""
    await ask(request, "/v1/me")
    return offered(request, sorted(_units(office_of(request).org), key=lambda one: one[1]))


def _units(org: Org) -> Iterator[Choice]:
    for unit in org.units.values():
        if not unit.closed:
            above = org.unit(unit.parent) if unit.parent else None
            town = f" · {above.name}" if above is not None and above.tier == "town" else ""
            yield unit.id, unit.name + town


@router.get("/people")
async def people(request: Request, q: Typed = "") -> Response:
    """Those whose name holds what was typed, with their post."""
    await ask(request, "/v1/me")
    org, say, name = office_of(request).org, speaking(request), q.partition(" · ")[0].strip()
    found = [one for one in org.officials.values() if name and name in one.name][:FEW]
    today = day_at(office_of(request).clock.now())
    return offered(request, ((one.id, " · ".join([one.name, *_posts(org, one, today, say)])) for one in found))


@router.get("/cases")
async def cases(request: Request, q: Typed = "", case: OfId = "") -> Response:
    """Cases whose title or description holds the text, latest first; for a case, only those it may be merged into."""
    before = None
    if case:
        reported = datetime.fromisoformat((await ask(request, f"/v1/cases/{case}"))["reported_at"])
        before = (reported + datetime.resolution).isoformat()
    found = await ask(request, "/v1/cases", q=q.partition(" · ")[0], reported_before=before, limit=FEW)
    return offered(
        request, ((one["id"], f"{one['title']} · {one['number']}") for one in found["items"] if one["id"] != case)
    )


@router.get("/households")
async def households(
    request: Request, village: Villages = (), q: Typed = "", case: OfId = "", household: OfId = ""
) -> Response:
    """Those of some villages, or of the one of a case or of another household, whose number holds what was typed."""
    say, typed, path = speaking(request), q.rpartition(" ")[2], "/v1/households"
    if about := f"/v1/cases/{case}" if case else f"{path}/{household}" if household else "":
        village = [(await ask(request, about))["village"]]
    places = [one for one in village if one]
    within = [await every(request, path, unit=one) for one in places]
    there = chain(*within) if places else (await ask(request, path, limit=200))["items"]
    found = [one for one in there if typed in one["id"] and one["id"] != household]
    return offered(request, ((one["id"], f"{say.word('class', one['class'])} {one['id']}") for one in found[:FEW]))


@router.get("/reporters")
async def reporters(request: Request, case: OfId) -> Response:
    """Those who brought the case, told apart by when, and who has answered."""
    say, about = speaking(request), await ask(request, f"/v1/cases/{case}")
    return offered(request, ((one["id"], _reported(one, say)) for one in about["reporters"]))


@router.get("/tasks")
async def tasks(request: Request, case: OfId) -> Response:
    """What was asked of units when they were convened for the case."""
    story = await ask(request, f"/v1/cases/{case}/history", limit=200)
    given = [task for event in story["items"] for task in event["data"].get("tasks", ())]
    return offered(request, dict.fromkeys((task["task"], task["task"]) for task in given))


def _reported(one: dict[str, Any], say: Language) -> str:
    at = say.moment(one["reported_at"])
    text = say(f"{at}反映", f"reported {at}")
    return text + say(" · 已答复", " · has answered") if one["answered"] else text


def _posts(org: Org, official: Official, today: date, say: Language) -> Iterator[str]:
    for post in official.posts_on(today):
        unit = org.unit(post.unit)
        yield f"{unit.name} {say.word('role', post.role)}" if unit else say.word("role", post.role)
