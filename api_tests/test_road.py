"""The whole road: a village reports, a town lets it lie, the district solves it, the citizen judges, an auditor replays."""

from hashlib import sha256

import pytest

from api_tests.client import Client, done
from api_tests.district import DONE, SOLVED, Json, instant
from domain.streams import case_stream
from service.office import Office

pytestmark = pytest.mark.both

PETITIONER = {"name": "A villager", "phone": "13900000000", "address": "House 12"}


async def test_a_problem_walks_from_the_village_to_the_citizens_verdict(api: Client, office: Office) -> None:
    await api.set_clock("2025-03-03 09:10")
    case = await api.report(by="cadre:V0101", village="V0101", petitioner=PETITIONER)
    assert (case["status"], case["tier"], case["board"]) == ("reported", None, "collected")
    assert case["query_code"]
    code = case["query_code"]

    await api.set_clock("2025-03-03 09:30")
    await api.ask(case, "accept", by="clerk:T01")
    case = await api.ask(case, "assign", by="clerk:T01", unit="T01")
    assert (case["tier"], case["unit"], case["accountable"]) == ("town", "T01", "head:T01")
    assert case["events"] == [{"type": "case.assigned", "version": 3}]

    waiting = await queue(api, "head:T01", case)
    assert (waiting["counts"]["open"], waiting["counts"]["overdue"]) == (1, 0)
    [item] = waiting["items"]
    assert (item["id"], item["tier"]) == (case["id"], "town")
    assert {"start", "contact", "resolve", "escalate"} <= set(item["next_actions"])
    assert await open_at(api) == {"village": 0, "town": 1, "district": 0}

    await api.set_clock("2025-03-05 08:00")
    assert (await queue(api, "head:T01", case))["counts"]["overdue"] == 1, "nobody has spoken to the citizen in time"

    await api.set_clock("2025-03-13 09:00")
    risen = await api.case(case)
    assert [(one["tier"], one["exit"]) for one in risen["segments"]] == [
        ("town", "escalated_deadline"),
        ("district", None),
    ]
    assert (risen["unit"], risen["accountable"]) == ("D-MASSWORK", "leader:D-MASSWORK")
    assert instant(risen["segments"][0]["left_at"]) == instant("2025-03-13 00:00"), "due the end of the 7th working day"
    assert (await queue(api, "head:T01", case))["items"] == []
    assert [one["id"] for one in (await queue(api, "officer:D-MASSWORK", case))["items"]] == [case["id"]]
    assert await open_at(api) == {"village": 0, "town": 0, "district": 1}

    await api.ask(case, "contact", by="officer:D-MASSWORK", outcome="reached")
    await api.set_clock("2025-03-20 16:00")
    case = await api.ask(case, "resolve", by="officer:D-MASSWORK", **DONE)
    assert (case["status"], case["board"]) == ("resolved", "closed_loop")
    assert done(await api.get(f"/v1/track/{code}", accept_language="en"))["status"] == "resolved"

    await api.set_clock("2025-03-21 10:00")
    case = await api.ask(case, "feedback", by="follow-up", **SOLVED)
    assert case["status"] == "closed"
    assert [event["type"] for event in case["events"]] == ["case.feedback_recorded", "case.closed"]
    assert case["citizen"]["elapsed_s"] == (instant("2025-03-20 16:00") - instant("2025-03-03 09:10")).total_seconds()
    assert await open_at(api) == {"village": 0, "town": 0, "district": 0}
    await replayed(api, office, case)


async def queue(api: Client, by: str, case: Json) -> Json:
    """What waits for somebody, once the view shows the last write to this case."""
    last = (await api.history(case))[-1]["position"]
    return done(await api.get("/v1/me/queue", by, sanji_min_position=str(last)))


async def open_at(api: Client) -> dict[str, int]:
    """How many open cases rest on each tier."""
    position = (await api.get("/v1/events?limit=200&types=case.reported")).headers["sanji-position"]
    bank = done(await api.get("/v1/problem-bank", sanji_min_position=position))
    return {one["tier"]: one["open"] for one in bank["tiers"]}


STEPS = (
    ("case.reported", "reported"),
    ("case.accepted", "accepted"),
    ("case.assigned", "assigned"),
    ("case.escalated", "assigned"),
    ("case.citizen_contacted", "assigned"),
    ("case.resolved", "resolved"),
    ("case.feedback_recorded", "resolved"),
    ("case.closed", "closed"),
)
"""What happened on this road, and the status the case had after each."""


async def replayed(api: Client, office: Office, case: Json) -> None:
    """An auditor sees the case as it stood after every event, and that no line was changed."""
    history = await api.history(case)
    assert [event["version"] for event in history] == list(range(1, len(STEPS) + 1))
    then = [await api.case(case, version=event["version"]) for event in history]
    assert [(event["type"], state["status"]) for event, state in zip(history, then, strict=True)] == list(STEPS)
    assert [state["version"] for state in then] == [event["version"] for event in history]
    assert all(event["sentence"] for event in history)

    risen = history[3]
    assert risen["by"] == "system"
    assert instant(risen["at"]) == instant("2025-03-13 00:00") < instant(risen["recorded_at"])
    before, after = [await api.case(case, at=at) for at in ("2025-03-12T23:59:59+08:00", "2025-03-13T00:00:00+08:00")]
    assert (before["tier"], before["version"], after["tier"], after["version"]) == ("town", 3, "district", 4)

    lines = [line.state for line in office.recorder.select_events(case_stream(case["id"]))]
    assert [event["hash"] for event in history] == [sha256(line).hexdigest() for line in lines]
    assert [event["previous_hash"] for event in history] == ["", *(event["hash"] for event in history[:-1])]
