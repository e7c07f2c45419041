"""Cases that wait for the town head, and what was done to them; after each test they are out of his queue."""

from __future__ import annotations

from collections import Counter
from itertools import count

from api_tests.browser.demonstration import Demonstration
from service.demo.district import HOME

NUMBERS = count(1)
WAITING: list[str] = []


def waiting(demo: Demonstration) -> str:
    """A case that the town head has just got; urgent, so that it stands on the first page of his queue."""
    number = next(NUMBERS)
    body = {"title": f"第{number}处水管漏水", "kind": "request", "village": HOME, "grade": "I"}
    case: str = demo.post("/v1/cases", body, "integrator", key=f"waiting-{number}")["id"]
    demo.post(f"/v1/cases/{case}/accept", {}, "town_clerk", key=f"waiting-{number}-accept")
    demo.post(f"/v1/cases/{case}/assign", {"unit": demo.town}, "town_clerk", key=f"waiting-{number}-assign")
    WAITING.append(case)
    return case


def done(demo: Demonstration, case: str) -> Counter[str]:
    """What happened to it after it was assigned."""
    return Counter(event["type"] for event in demo.history(case)[3:])


def put_away(demo: Demonstration) -> None:
    """Resolve what still waits: a page of the queue has room for twenty."""
    solved = {"outcome": "solved", "proof": [{"kind": "photo", "ref": "照片 1"}]}
    while WAITING:
        case = WAITING.pop()
        demo.post(f"/v1/cases/{case}/resolve", solved, "town_head", key=f"{case}-put-away")
