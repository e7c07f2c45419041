"""The district of the journeys: a few units of each kind, who holds which post, and the morning on which they begin."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

Json = dict[str, Any]

MONDAY = "2025-03-03T08:00:00+08:00"
"""A working Monday before office hours; the day the organisation was written down."""

MISSING = "0195586f-0000-7000-8000-000000000000"
"""The id of no case."""

UNITS: tuple[tuple[str, str, str | None, tuple[str, ...]], ...] = (
    ("D", "district", None, ()),
    ("D-MASSWORK", "department", "D", ("mass_work",)),
    ("D-DISPATCH", "department", "D", ("dispatch",)),
    ("D-ROADS", "department", "D", ()),
    ("D-FOLLOWUP", "body", None, ("follow_up",)),
    ("D-DISCIPLINE", "body", None, ("discipline",)),
    ("D-AUDIT", "body", None, ()),
    ("D-GOV", "body", None, ("review",)),
    ("CITY-GOV", "body", None, ("final_review",)),
    ("T01", "town", "D", ()),
    ("T01-LAND", "office", "T01", ()),
    ("V0101", "village", "T01", ()),
    ("V0102", "community", "T01", ()),
    ("T02", "town", "D", ()),
    ("V0201", "village", "T02", ()),
)

POSTS: tuple[tuple[str, str, str], ...] = (
    ("cadre:V0101", "V0101", "cadre"),
    ("head:V0101", "V0101", "village_head"),
    ("head:V0102", "V0102", "village_head"),
    ("clerk:T01", "T01", "town_clerk"),
    ("officer:T01-LAND", "T01-LAND", "town_officer"),
    ("head:T01", "T01", "town_head"),
    ("clerk:T02", "T02", "town_clerk"),
    ("head:T02", "T02", "town_head"),
    ("head:V0201", "V0201", "village_head"),
    ("officer:D-ROADS", "D-ROADS", "department_officer"),
    ("leader:D-ROADS", "D-ROADS", "district_leader"),
    ("officer:D-MASSWORK", "D-MASSWORK", "department_officer"),
    ("adjudicator", "D-MASSWORK", "adjudicator"),
    ("leader:D-MASSWORK", "D-MASSWORK", "district_leader"),
    ("dispatcher", "D-DISPATCH", "dispatcher"),
    ("leader:D-DISPATCH", "D-DISPATCH", "district_leader"),
    ("follow-up", "D-FOLLOWUP", "follow_up"),
    ("discipline", "D-DISCIPLINE", "discipline"),
    ("auditor", "D-AUDIT", "auditor"),
    ("privacy", "D-AUDIT", "privacy_officer"),
    ("reviewer", "D-GOV", "adjudicator"),
    ("final-reviewer", "CITY-GOV", "adjudicator"),
    ("organiser", "D-MASSWORK", "organisation_officer"),
)

OFFICIALS = tuple(who for who, _, _ in POSTS)


def organisation(units: Iterable[Sequence[Any]] = UNITS, posts: Iterable[Sequence[str]] = POSTS) -> Json:
    """The whole of it, as an administrator writes it down."""
    held: dict[str, list[tuple[str, str]]] = {}
    for who, at, role in posts:
        held.setdefault(who, []).append((at, role))
    return {"units": [unit(*one) for one in units], "officials": [official(*one) for one in held.items()]}


def followed(who: str, on: str) -> Json:
    """The same, in which somebody else, called `next`, holds the post of this one from a day on."""
    known = organisation()
    one = next(one for one in known["officials"] if one["id"] == who)
    [post] = one["posts"]
    known["officials"].append(one | {"id": "next", "posts": [post | {"from": on}]})
    post["to"] = on
    return known


def unit(id: str, kind: str, parent: str | None = None, duties: Iterable[str] = ()) -> Json:
    return {"id": id, "name": id, "kind": kind, "duties": list(duties)} | ({"parent": parent} if parent else {})


def official(id: str, posts: Iterable[tuple[str, str]]) -> Json:
    return {
        "id": id,
        "name": id,
        "posts": [{"unit": at, "role": role, "from": "2020-01-01"} for at, role in posts],
    }


def report(**fields: Any) -> Json:
    """What somebody reports, where a test does not care what it is."""
    return {"title": "The pipe at the well is broken", "kind": "request", **fields}


DONE: Json = {"outcome": "solved", "proof": [{"kind": "photo", "ref": "file:photo"}], "reply": "It is done."}
SOLVED: Json = {"result": "answered", "solved": True, "satisfaction": "satisfied"}


def instant(text: str) -> datetime:
    """An instant of an answer, or one written as the wall in the district shows it: `2025-03-03 09:10`."""
    plain = text.strip().replace(" ", "T", 1)
    return datetime.fromisoformat(plain if plain[-6] in "+-" or plain.endswith("Z") else f"{plain}+08:00")
