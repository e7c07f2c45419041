"""The reports that are sent: one ordinary village matter, told anew each time under a key of its own."""

from collections.abc import Iterator, Mapping
from itertools import count, cycle
from typing import Any
from uuid import uuid4

from benchmarks.load import post

TOWNS = [f"bench-t{town:02}" for town in range(1, 29)]
TOWN_OF = {f"{town}-v{village:02}": town for village in range(1, 20) for town in TOWNS}
DISTRICT = "bench-district"
MATTER = "村口至小学一段路面塌陷约三米，雨后积水，学生上学绕行田埂，已有两位老人摔伤。村里自筹资金不足，请求镇里派人查看并安排修复。"


def district() -> dict[str, Any]:
    """An invented district of 28 towns with 19 villages each, for `PUT /v1/org`."""
    towns = [{"id": town, "name": town, "kind": "town", "tier": "town", "parent": DISTRICT} for town in TOWNS]
    villages = [
        {"id": village, "name": village, "kind": "village", "tier": "village", "parent": town}
        for village, town in TOWN_OF.items()
    ]
    root = {"id": DISTRICT, "name": "district", "kind": "district", "tier": "district"}
    mass_work = {"id": "bench-mass-work", "name": "mass work", "kind": "department", "tier": "district", "parent": DISTRICT,
                 "duties": ["mass_work", "dispatch"]}  # fmt: skip
    heads = [{"id": f"{town}-head", "name": f"{town} head", "posts": [post_of(town, "town_head")]} for town in TOWNS]
    clerks = [
        {"id": f"{town}-clerk", "name": f"{town} clerk", "posts": [post_of(town, "town_clerk")]} for town in TOWNS
    ]
    return {"units": [root, mass_work, *towns, *villages], "officials": [*heads, *clerks]}


def post_of(unit: str, role: str) -> dict[str, str]:
    return {"unit": unit, "role": role, "from": "2020-01-01"}


def report(number: int, village: str) -> dict[str, Any]:
    """The body of `POST /v1/cases`, no two alike."""
    return {
        "title": f"村道塌陷积水，请求修复（{number}）",
        "description": f"{MATTER}（第 {number} 件）",
        "kind": "request",
        "category": "roads",
        "village": village,
        "channel": "village_desk",
        "source": "request",
        "grade": "III",
        "petitioner": {
            "name": "某村民",
            "phone": f"139{number % 100_000_000:08}",
            "address": f"{village} {number % 300}",
        },
        "confidentiality": "open",
        "location": {"lon": 109.03, "lat": 32.69},
    }


def reports(headers: Mapping[str, str]) -> Iterator[bytes]:
    """Requests without end, each with its own `Idempotency-Key`."""
    run = uuid4().hex
    for number, village in zip(count(), cycle(TOWN_OF), strict=False):
        yield post("/v1/cases", report(number, village), {**headers, "Idempotency-Key": f"{run}-{number}"})
