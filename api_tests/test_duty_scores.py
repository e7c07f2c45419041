"""Duty in the score: quarters close by themselves, once, and what was counted then stands."""

from typing import Any

from api_tests.client import Client, done
from api_tests.district import POSTS, Json, organisation
from service.office import Office


async def flagged(api: Client, target: str, kind: str = "remote", **more: Any) -> None:
    done(await api.post("/v1/duties/targets", {"target": target, "kind": kind, **more}, by="clerk:T01"))


async def card(api: Client, asked: str = "", unit: str = "T01", by: str = "auditor") -> Json:
    return done(await api.get(f"/v1/scorecards/{unit}/2025{asked}", by=by))


async def owing(api: Client) -> None:
    """Two villages owed a visit in the first quarter, of which one is paid it."""
    await flagged(api, "V0101")
    await flagged(api, "V0102", "work_difficulty")
    await api.set_clock("2025-03-20 09:00")
    done(await api.post("/v1/duties/visits", {"target": "V0101", "duty": "must_go"}, by="head:T01"))


async def test_a_quarter_closes_by_itself_and_what_was_owed_weighs(api: Client) -> None:
    await owing(api)
    await api.set_clock("2025-04-03 23:59")
    before = await card(api)
    assert (before["duty"], before["duties"]) == (None, [])
    assert "duty" in before["score"]["missing"]
    await api.set_clock("2025-04-04 00:00")
    closed = await card(api)
    assert closed["duty"] == 0.5
    assert [(one["kind"], one["required"], one["verified"]) for one in closed["duties"]] == [
        ("remote", 1, 1),
        ("work_difficulty", 1, 0),
    ]
    assert (closed["score"]["weighed_pct"], "duty" in closed["score"]["missing"]) == (15, False)
    [term] = closed["officials"]
    assert (term["official"], term["duty"]) == ("head:T01", 0.5)
    visits = done(await api.get("/v1/officials/head:T01/dossier?year=2025"))["visits"]
    assert (visits["n"], visits["hits"]) == (1, 1), "at a place nobody signs"
    assert (await card(api, unit="T02"))["duty"] is None


async def test_what_was_counted_stands_and_every_mark_names_its_event(api: Client, office: Office) -> None:
    await owing(api)
    await api.set_clock("2025-05-01 09:00")
    first = (await card(api))["duties"]
    done(
        await api.post(
            "/v1/duties/targets", {"target": "V0102", "kind": "work_difficulty", "flagged": False}, by="clerk:T01"
        )
    )
    done(await api.post("/v1/duties/visits", {"target": "V0102", "duty": "must_go"}, by="head:T01"))
    await api.set_clock("2025-06-01 09:00")
    later = await card(api)
    assert later["duties"] == first
    [owed] = [one for one in later["evidence"] if (one["figure"], one["mark"]) == ("duty_required", "remote")]
    [event] = owed["events"]
    [line] = office.recorder.select_notifications(event["event"], 1)
    assert (line.topic, event["case"], owed["n"]) == ("assessment.quarter_closed", None, 1)


async def test_what_comes_into_force_when_a_year_ends_weighs_the_next_one(api: Client) -> None:
    """Published in December, in force from the first instant of January."""
    await api.set_clock("2025-11-01 09:00")
    await flagged(api, "V0101")
    policy = done(await api.get("/v1/policies/hanbin-default-1"))["policy"]
    policy["must_visits"]["flagged_nd"] = 90
    policy["assessment"]["duty_grace_hours"] = 24
    path = "/v1/policies/hanbin-default-1?effective_from=2026-01-01T00:00:00%2B08:00"
    done(await api.send("PUT", path, by="admin", body=policy))
    await api.set_clock("2026-01-03 23:59")
    assert (await card(api))["duties"] == [], "so are the hours of grace those of before"
    await api.set_clock("2026-01-10 09:00")
    counted = await card(api)
    assert (counted["policy"], [one["required"] for one in counted["duties"]]) == ("hanbin-default-1.1", [1])
    [remote] = [
        one
        for one in done(await api.get("/v1/coverage?quarter=2025-Q4", "auditor"))["duties"]
        if one["kind"] == "remote"
    ]
    assert remote["required"] == 1
    assert done(await api.get("/v1/scorecards?year=2026", "auditor"))["policy"] == "hanbin-default-1.2"


async def test_what_a_town_owed_stays_its_own_though_it_is_merged_before_the_quarter_is_closed(api: Client) -> None:
    await api.set_clock("2025-11-01 09:00")
    done(await api.post("/v1/duties/targets", {"target": "V0201", "kind": "remote"}, by="clerk:T02"))
    await api.set_clock("2026-01-02 09:00")
    known = organisation(posts=[one for one in POSTS if one[1] != "T02"])
    units = {one["id"]: one for one in known["units"]}
    units["T02"]["successor"], units["V0201"]["parent"] = "T01", "T01"
    assert (await api.send("PUT", "/v1/org", by="admin", body=known)).status_code == 200
    await api.set_clock("2026-01-10 09:00")
    merged = await card(api, unit="T02")
    assert [(one["kind"], one["required"]) for one in merged["duties"]] == [("remote", 1)]
    assert [one["official"] for one in merged["officials"]] == ["head:T02"]
    assert (await card(api))["duties"] == []
    for unit, owed in (("T02", 1), ("T01", 0)):
        covered = done(await api.get(f"/v1/coverage?unit={unit}&quarter=2025-Q4"))["duties"]
        assert next(one for one in covered if one["kind"] == "remote")["required"] == owed


async def test_half_years_count_at_their_end_and_a_year_of_nothing_owed_says_so(api: Client) -> None:
    await flagged(api, "person-1", "deputy", village="V0101")
    await api.set_clock("2025-05-01 09:00")
    assert (await card(api))["duties"] == []
    await api.set_clock("2025-07-10 09:00")
    [deputy] = (await card(api))["duties"]
    assert (deputy["kind"], deputy["required"], deputy["verified"]) == ("deputy", 1, 0)
    town = await card(api, unit="T02")
    assert (town["duty"], town["score"]["missing"][-1]) == (None, "duty")


async def test_a_department_is_not_judged_on_duty_so_nothing_of_it_is_missing(api: Client) -> None:
    department = await card(api, unit="D-ROADS")
    assert "duty" not in department["score"]["missing"]


async def test_another_system_that_passes_reports_on_collects_nothing(api: Client) -> None:
    known = organisation(posts=(*POSTS, ("gateway", "D", "integrator")))
    answer = await api.send("PUT", "/v1/org", by="admin", body=known)
    assert answer.status_code == 200, answer.text
    for by in ("cadre:V0101", "gateway", "cadre:V0101"):
        await api.report(by=by, village="V0101")
    await api.set_clock("2025-03-04 09:00")
    who = done(await api.get("/v1/scorecards/T01/2025/collectors"))
    assert who == {"items": [{"official": "cadre:V0101", "collected": 2}], "next": None}


async def test_the_organisation_of_a_past_card_is_that_of_the_past(api: Client) -> None:
    await api.set_clock("2025-03-10 09:00")
    at = "?at=2025-03-09T09:00:00%2B08:00"
    before = await api.get(f"/v1/scorecards/T01/2025{at}")
    known = organisation()
    next(one for one in known["units"] if one["id"] == "T01")["name"] = "Renamed"
    answer = await api.send("PUT", "/v1/org", by="admin", body=known)
    assert answer.status_code == 200, answer.text
    await api.set_clock("2025-03-11 09:00")
    after = await api.get(f"/v1/scorecards/T01/2025{at}")
    assert after.content == before.content
    assert (await card(api))["name"] == "Renamed"
