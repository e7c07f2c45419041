"""五必去, 五必访 over HTTP: who is owed a visit in a quarter, who was paid one, and who came after a disaster."""

from typing import Any

import pytest

from api_tests.client import Client, done
from api_tests.district import Json, instant


async def flag(api: Client, target: str, kind: str, by: str = "head:T01", **more: Any) -> Json:
    return done(await api.post("/v1/duties/targets", {"target": target, "kind": kind, **more}, by=by))


async def visit(api: Client, target: str, duty: str = "must_go", by: str = "cadre:V0101", **more: Any) -> Json:
    return done(await api.post("/v1/duties/visits", {"target": target, "duty": duty, **more}, by=by))


async def covered(api: Client, kind: str, query: str = "unit=T01&quarter=2025-Q2", by: str = "head:T01") -> Json:
    found: Json = done(await api.get(f"/v1/coverage?{query}", by))
    return next(one for one in found["duties"] if one["kind"] == kind)


async def test_a_remote_village_is_owed_a_visit_each_quarter(api: Client) -> None:
    await api.set_clock("2025-04-01 09:00")
    await flag(api, "V0101", "remote")
    await api.set_clock("2025-05-01 09:00")
    owed = await covered(api, "remote")
    assert (owed["required"], owed["verified"], owed["coverage"], owed["open"]) == (1, 0, 0.0, ["V0101"])
    await visit(api, "V0101")
    await api.set_clock("2025-05-01 09:00")
    paid = await covered(api, "remote")
    assert (paid["verified"], paid["coverage"], paid["open"]) == (1, 1.0, [])
    next_quarter = await covered(api, "remote", "unit=T01&quarter=2025-Q3")
    assert (next_quarter["required"], next_quarter["coverage"]) == (0, None), "it has not begun"


async def test_taking_the_flag_away_on_the_last_day_changes_nothing(api: Client) -> None:
    await api.set_clock("2025-04-01 09:00")
    await flag(api, "V0101", "remote")
    await api.set_clock("2025-06-30 09:00")
    await flag(api, "V0101", "remote", flagged=False)
    await api.set_clock("2025-07-15 09:00")
    assert (await covered(api, "remote"))["required"] == 1


@pytest.mark.parametrize(
    ("since", "until", "required"), [("2025-04-01", "2025-04-14", 0), ("2025-04-01", "2025-04-15", 1)]
)
async def test_fifteen_days_with_the_flag_oblige(api: Client, since: str, until: str, required: int) -> None:
    await api.set_clock(f"{since} 09:00")
    await flag(api, "V0101", "remote")
    await api.set_clock(f"{until} 09:00")
    await flag(api, "V0101", "remote", flagged=False)
    await api.set_clock("2025-07-15 09:00")
    assert (await covered(api, "remote"))["required"] == required


async def test_after_a_disaster_the_head_comes_within_a_day_and_a_leader_within_three(api: Client) -> None:
    await api.set_clock("2025-06-01 09:00")
    await flag(api, "V0101", "disaster_affected", by="dispatcher")
    await api.set_clock("2025-06-02 08:00")
    await visit(api, "V0101", by="head:T01")
    await api.set_clock("2025-06-04 10:00")
    await visit(api, "V0101", by="leader:D-ROADS")
    await flag(api, "V0101", "disaster_affected", flagged=False)
    await api.set_clock("2025-06-05 09:00")
    [disaster] = done(await api.get("/v1/coverage?quarter=2025-Q2", "auditor"))["disasters"]
    assert disaster["town_head"]["in_time"] is True
    assert instant(disaster["town_head"]["due_at"]) == instant("2025-06-02 09:00")
    assert disaster["district_leader"]["in_time"] is False
    assert (await covered(api, "disaster_affected"))["required"] == 1, "flagged at all is enough"


async def test_one_visit_counts_for_each_flag_of_a_person_if_he_signed(api: Client) -> None:
    await api.set_clock("2025-04-01 09:00")
    for kind in ("poor_household", "five_guarantees"):
        await flag(api, "HH-1", kind, village="V0101")
    await api.set_clock("2025-05-01 09:00")
    await visit(api, "HH-1", "must_visit", countersigned=False)
    await api.set_clock("2025-05-02 09:00")
    assert (await covered(api, "poor_household"))["verified"] == 0
    done(await api.post("/v1/households", {"id": "HH-1", "village": "V0101"}, by="cadre:V0101"), 201)
    met = {"met": ["grandmother"], "countersigned": True}
    done(await api.post("/v1/households/HH-1/record-visit", met, by="cadre:V0101"))
    await api.set_clock("2025-05-03 09:00")
    for kind in ("poor_household", "five_guarantees"):
        assert (await covered(api, kind))["coverage"] == 1.0, "a visit to the household is one, and counts for both"


async def test_villages_with_many_reports_follow_from_counts(api: Client) -> None:
    await api.set_clock("2025-03-10 09:00")
    for _ in range(10):
        await api.report(village="V0101")
    for _ in range(9):
        await api.report(by="citizen:2", village="V0201")
    refused = await api.post("/v1/duties/targets", {"target": "V0101", "kind": "petition_intensive"}, by="head:T01")
    assert refused.status_code == 422
    await api.set_clock("2025-04-02 09:00")
    district = await covered(api, "petition_intensive", "quarter=2025-Q2", "auditor")
    assert (district["required"], district["open"]) == (1, ["V0101"])


@pytest.mark.parametrize("who", ["head:T02", "cadre:V0101", "officer:D-ROADS", "auditor"])
async def test_only_the_town_and_the_district_flag(api: Client, who: str) -> None:
    refused = await api.post("/v1/duties/targets", {"target": "V0101", "kind": "remote"}, by=who)
    assert refused.status_code == 403


async def test_whom_one_may_not_see_one_does_not_visit(api: Client) -> None:
    await flag(api, "deputy-1", "deputy", village="V0101")
    body = {"target": "deputy-1", "duty": "must_visit"}
    for target in ("deputy-1", "deputy-2"):
        refused = await api.post("/v1/duties/visits", {**body, "target": target}, by="clerk:T02")
        assert refused.status_code == 404
    told = (await api.get("/v1/events?limit=200", "clerk:T02")).json()
    assert [one for one in told if one["type"].startswith("target.")] == []
    assert (await api.get("/v1/coverage", "citizen:1")).status_code == 403
    await api.set_clock("2025-04-20 09:00")
    assert (await covered(api, "deputy", "quarter=2025-Q1", "head:T02"))["open"] == []
