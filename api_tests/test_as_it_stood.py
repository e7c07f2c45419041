"""Every view says of an earlier instant what it said at it; of one that has not come, nothing."""

import asyncio
from itertools import cycle
from urllib.parse import urlencode

from api_tests.client import Client, done, refused
from api_tests.district import DONE, SOLVED, Json, followed

VIEWS = (
    "/v1/me/queue",
    "/v1/units/T01/queue",
    "/v1/problem-bank",
    "/v1/problem-bank?unit=T01",
    "/v1/response-times",
    "/v1/response-times?group_by=unit",
    "/v1/flows",
    "/v1/flows?unit=T01",
    "/v1/ageing",
    "/v1/ageing?unit=T01",
    "/v1/pending-list",
    "/v1/hotspots",
)
READERS = ("auditor", "head:T01", "officer:D-MASSWORK")


async def seen(api: Client, by: str, at: str = "") -> dict[str, Json | int]:
    """What somebody sees in each view, up to the last event."""
    position = str((await api.get("/readyz")).json()["position"])
    asked = [view + (f"{'&' if '?' in view else '?'}at={at}" if at else "") for view in VIEWS]
    answers = await asyncio.gather(*(api.get(one, by, sanji_min_position=position) for one in asked))
    return {
        view: answer.json() if answer.status_code == 200 else answer.status_code
        for view, answer in zip(VIEWS, answers, strict=True)
    }


async def test_every_view_says_of_an_instant_what_it_said_at_it(api: Client) -> None:
    said: dict[tuple[str, str], dict[str, Json | int]] = {}
    readers = cycle(READERS)

    async def now(moment: str) -> None:
        await api.set_clock(moment)
        by = next(readers)
        said[by, moment.replace(" ", "T") + ":00%2B08:00"] = await seen(api, by)
        await api.set_clock(f"{moment}:01")

    await api.set_clock("2025-03-03 09:00")
    first = await api.report(by="citizen:1", village="V0101", title="A pipe")
    await now("2025-03-03 09:30")
    await api.ask(first, "accept", by="clerk:T01")
    await api.ask(first, "assign", by="clerk:T01", unit="T01")
    second = await api.report(by="citizen:2", village="V0102", title="A roof", grade="II")
    await now("2025-03-03 10:00")
    await api.ask(first, "start", by="officer:T01-LAND")
    await api.ask(second, "accept", by="clerk:T01")
    await api.ask(second, "assign", by="clerk:T01", unit="V0102")
    await now("2025-03-04 09:00")
    await api.ask(first, "contact", by="officer:T01-LAND", outcome="reached")
    await api.ask(first, "resolve", by="head:T01", **DONE)
    await now("2025-03-06 23:59")
    await now("2025-03-07 00:01")
    await api.ask(first, "feedback", by="follow-up", **SOLVED)
    await now("2025-03-20 12:00")
    await api.report(by="citizen:1", village="V0201", title="A road")
    await api.set_clock("2025-05-01 00:00")
    assert len({str(views) for views in said.values()}) == len(said), "something had changed each time"
    for (by, at), views in said.items():
        assert await seen(api, by, at) == views, (by, at)


async def test_what_has_not_come_yet_is_not_told(standing_api: Client) -> None:
    for view in VIEWS:
        joined = "&" if "?" in view else "?"
        refused(await standing_api.get(f"{view}{joined}at=2199-01-01T00:00:00Z"), 422, "invalid")


async def test_whoever_heads_the_unit_answers_for_what_it_holds_in_lists_as_in_the_case(api: Client) -> None:
    done(await api.send("PUT", "/v1/org", by="admin", body=followed("head:T01", "2025-04-01")))
    await api.set_clock("2025-03-31 09:00")
    held, left = [await api.report(by="citizen:1", village="V0101", title=title) for title in ("A pipe", "A roof")]
    for case in (held, left):
        await api.ask(case, "accept", by="clerk:T01")
        await api.ask(case, "assign", by="clerk:T01", unit="T01")
    await api.ask(left, "resolve", by="head:T01", **DONE)
    await api.set_clock("2025-04-02 09:00")
    for at, heads in ((None, ["next", "head:T01"]), ("2025-03-31T23:59:59+08:00", ["head:T01", "head:T01"])):
        asked = {"at": at} if at else {}
        listed = {
            one["id"]: one["accountable"] for one in done(await api.get(f"/v1/cases?{urlencode(asked)}"))["items"]
        }
        told = {case["id"]: (await api.case(case, **asked))["accountable"] for case in (held, left)}
        assert told == listed == {held["id"]: heads[0], left["id"]: heads[1]}
