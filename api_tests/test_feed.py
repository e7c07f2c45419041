"""The feed of all events, for who follows it: by type, from where he stands, and alive while nothing is his."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from fastapi import FastAPI, Request

from api_tests.client import Client, refused
from domain.decider import Act
from service.http.desk import desk_of
from service.record.ledger import Ledger
from service.routes import feed
from service.telling.feed import CloudEvent, events_after

SOON = 20.0
"""Seconds that a busy machine may take; the design is one second."""


@pytest.mark.parametrize("path", ["/v1/events", "/v1/events/stream"])
async def test_nobody_waits_for_events_that_never_happen(standing_api: Client, path: str) -> None:
    for types in ("nope", "CaseReported", "case.reported,", "case.reported,nope"):
        problem = refused(await standing_api.get(f"{path}?types={types}", "auditor"), 422, "invalid")
        assert [error["field"] for error in problem["errors"]] == ["types"]


async def test_the_types_of_a_feed_may_stand_apart(standing_api: Client) -> None:
    await standing_api.assigned()
    told = (await standing_api.get("/v1/events?types=case.reported,%20case.assigned", "auditor")).json()
    assert {event["type"] for event in told} == {"case.reported", "case.assigned"}
    assert (await standing_api.get("/v1/events?types=", "auditor")).json(), "no type is every type"


async def test_who_waits_is_not_answered_with_what_he_has_not_asked_for(standing_api: Client) -> None:
    last = (await standing_api.get("/readyz")).json()["position"]
    case = await standing_api.report(village="V0101")
    waiting = asyncio.create_task(standing_api.get(f"/v1/events?after={last}&types=case.accepted&wait=30", "clerk:T01"))
    await standing_api.report(village="V0101")
    await asyncio.sleep(0.1)  # so that he has looked and waits, as a rule; what he is answered does not hang on it
    await standing_api.ask(case, "accept", by="clerk:T01")
    assert [event["type"] for event in (await asyncio.wait_for(waiting, SOON)).json()] == ["case.accepted"]


async def test_who_is_beyond_the_end_of_the_feed_is_told_so_and_goes_on_from_there(standing_api: Client) -> None:
    """As a reader is whose log was restored from an earlier copy."""
    last = (await standing_api.get("/readyz")).json()["position"]
    beyond = await standing_api.get(f"/v1/events?after={last + 1000}", "auditor")
    assert beyond.json() == []
    assert int(beyond.headers["sanji-position"]) == last
    await standing_api.assigned()
    [first, *_] = (await standing_api.get(f"/v1/events?after={last}", "auditor")).json()
    assert first["sanjiposition"] == last + 1


async def test_a_feed_that_tells_nothing_is_alive_while_others_are_told(
    standing_app: FastAPI, standing_api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busily() -> None:
        while True:
            await standing_api.report(by="citizen:1", village="V0101")

    monkeypatch.setattr(feed, "BEAT", 0.2)
    speaking = [(b"authorization", b"Bearer dev:head:T01")]
    request = Request({"type": "http", "app": standing_app, "headers": speaking})
    last = int((await standing_api.get("/readyz")).json()["position"])
    reporting = asyncio.create_task(busily())
    words = feed.sent_events(await desk_of(request), 0, ("case.finalised",))
    sign = await asyncio.wait_for(anext(words), SOON)
    assert (reached := re.fullmatch(rb": still here\nid: (\d+)\n\n", sign)), sign
    assert int(reached[1]) >= last, "who comes back goes on from there"
    reporting.cancel()


async def test_who_waits_for_the_feed_looks_into_the_log_when_something_came(
    standing_app: FastAPI, standing_api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    def looked(ledger: Ledger, act: Act, after: int, *more: Any) -> tuple[list[CloudEvent], int]:
        looks.append(after)
        return events_after(ledger, act, after, *more)

    async def first_told() -> bytes:
        return await anext(feed.sent_events(await desk_of(request), last, ("case.reported",)))

    last = int((await standing_api.get("/readyz")).json()["position"])
    monkeypatch.setattr("service.routes.feed.events_after", looked)
    monkeypatch.setattr(feed, "TURN", 0.01)
    request = Request({"type": "http", "app": standing_app, "headers": [(b"authorization", b"Bearer dev:head:T01")]})
    waiting = asyncio.create_task(first_told())
    await asyncio.sleep(0.3)
    assert len(looks) <= 2, "what was still being written may ring once more"
    await standing_api.report(village="V0101")
    assert b"event: case.reported" in await asyncio.wait_for(waiting, feed.SELDOM / 2)
