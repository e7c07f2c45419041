"""Benefits over HTTP: applied for in the village, decided in the town or overdue, told to the village without a name."""

import pytest

from api_tests.client import Client, done, refused
from api_tests.district import Json, instant
from service.office import Office

PERSONAL = {"head": "CanaryHead", "address": "CanaryLane 3", "phone": "CanaryPhone"}


async def ask(api: Client, verb: str, by: str, home: str = "HH-CANARY", **body: object) -> Json:
    return done(await api.post(f"/v1/households/{home}/{verb}", body, by=by))


async def applied(api: Client) -> None:
    await api.set_clock("2025-04-14 11:00")
    done(await api.post("/v1/households", {"id": "HH-CANARY", "village": "V0101", **PERSONAL}, by="cadre:V0101"), 201)
    await ask(api, "apply-benefit", "cadre:V0101", benefit="disability_subsidy")
    await api.set_clock("2025-04-14 11:00")


async def test_an_application_nobody_decides_becomes_overdue_by_itself(api: Client) -> None:
    await applied(api)
    [waiting] = done(await api.get("/v1/benefits?state=applied", "clerk:T01"))["items"]
    assert (waiting["household"], waiting["overdue"]) == ("HH-CANARY", False)
    assert instant(waiting["due_at"]) == instant("2025-05-29 00:00")
    for who in ("clerk:T02", "citizen:1", "officer:D-ROADS"):
        assert done(await api.get("/v1/benefits", who))["items"] == []
    await api.set_clock("2025-06-10 09:00")
    [late] = done(await api.get("/v1/benefits?overdue=true&unit=T01", "head:T01"))["items"]
    assert late["overdue"]
    history = done(await api.get("/v1/households/HH-CANARY/history", "auditor"))["items"]
    [overdue] = [one for one in history if one["type"] == "household.benefit_overdue"]
    assert (instant(overdue["at"]), overdue["by"]) == (instant("2025-05-29 00:00"), "system")
    asked = next(one for one in history if one["type"] == "household.benefit_applied")
    assert asked["sentence"] == "Applied for disability subsidy; due at the end of 28 May 2025."
    assert overdue["sentence"] == "Nobody decided on disability subsidy by the end of 28 May 2025."


async def test_page_by_page_what_is_due_first_comes_before_what_is_decided(api: Client) -> None:
    await applied(api)
    await ask(api, "apply-benefit", "cadre:V0101", benefit="temporary_relief")
    await ask(api, "grant-benefit", "officer:T01-LAND", benefit="disability_subsidy")
    done(await api.post("/v1/households", {"id": "HH-2", "village": "V0101"}, by="cadre:V0101"), 201)
    await ask(api, "apply-benefit", "cadre:V0101", home="HH-2", benefit="temporary_relief")
    await api.set_clock("2025-04-14 11:01")
    pages, following = [], "/v1/benefits?limit=1"
    while following:
        page = await api.get(following, "clerk:T01")
        pages += [(one["household"], one["state"]) for one in done(page)["items"]]
        following = page.links.get("next", {}).get("url", "")
    assert pages == [("HH-2", "applied"), ("HH-CANARY", "applied"), ("HH-CANARY", "granted")]


async def test_what_is_decided_while_somebody_reads_is_met_once(api: Client) -> None:
    await applied(api)
    for home in ("HH-2", "HH-3"):
        done(await api.post("/v1/households", {"id": home, "village": "V0101"}, by="cadre:V0101"), 201)
        await ask(api, "apply-benefit", "cadre:V0101", home=home, benefit="disability_subsidy")
    await api.set_clock("2025-04-14 11:01")
    first = await api.get("/v1/benefits?limit=1", "clerk:T01")
    await ask(api, "grant-benefit", "officer:T01-LAND", home="HH-2", benefit="disability_subsidy")
    await ask(api, "grant-benefit", "officer:T01-LAND", home="HH-3", benefit="disability_subsidy")
    await ask(api, "apply-benefit", "cadre:V0101", home="HH-3", benefit="temporary_relief")
    await api.set_clock("2025-04-14 11:02")
    rest = await api.get(f"/v1/benefits?limit=9&cursor={done(first)['next']}", "clerk:T01")
    read = [(one["household"], one["state"]) for page in (first, rest) for one in done(page)["items"]]
    assert read == [("HH-2", "applied"), ("HH-3", "granted"), ("HH-CANARY", "applied")]


async def test_what_goes_along_with_a_household_is_decided_in_the_one_it_joined(api: Client) -> None:
    await applied(api)
    done(await api.post("/v1/households", {"id": "HH-2", "village": "V0101"}, by="cadre:V0101"), 201)
    await ask(api, "merge", "cadre:V0101", into="HH-2")
    await api.set_clock("2025-04-14 11:01")
    [waiting] = done(await api.get("/v1/benefits", "clerk:T01"))["items"]
    assert (waiting["household"], instant(waiting["due_at"])) == ("HH-2", instant("2025-05-29 00:00"))
    *_, brought = done(await api.get("/v1/households/HH-2/history", "auditor"))["items"]
    assert brought["sentence"] == (
        "A household that joined it brought disability subsidy; due at the end of 28 May 2025."
    )
    await ask(api, "grant-benefit", "officer:T01-LAND", home="HH-2", benefit="disability_subsidy")
    await api.set_clock("2025-06-10 09:00")
    [granted] = done(await api.get("/v1/benefits", "clerk:T01"))["items"]
    assert (granted["household"], granted["state"], granted["overdue"]) == ("HH-2", "granted", False)


async def test_the_town_decides_what_the_village_applied_for(api: Client) -> None:
    await applied(api)
    body = {"benefit": "disability_subsidy"}
    refused(await api.post("/v1/households/HH-CANARY/grant-benefit", body, by="cadre:V0101"), 403, "not_permitted")
    granted = await ask(api, "grant-benefit", "officer:T01-LAND", **body)
    assert [(one["state"], one["overdue"]) for one in granted["benefits"]] == [("granted", False)]


async def test_anybody_reads_the_notice_board_and_nobody_is_named_on_it(api: Client) -> None:
    await applied(api)
    ends = "2025-04-22T00:00:00+08:00"
    await ask(api, "post-notice", "cadre:V0101", benefit="disability_subsidy", ends=ends)
    await api.set_clock("2025-04-15 09:00")
    answer = await api.send("GET", "/v1/notices?village=V0101", by=None)
    assert "sanji-position" in answer.headers
    [notice] = done(answer)["items"]
    assert notice == {
        "village": "V0101",
        "about": "benefit",
        "to": None,
        "benefit": "disability_subsidy",
        "posted_at": "2025-04-14T11:00:00+08:00",
        "ends": ends,
    }
    assert "canary" not in answer.text.lower()
    assert done(await api.send("GET", "/v1/notices?village=V0201", by=None))["items"] == []
    await api.set_clock("2025-04-22 00:00")
    assert done(await api.send("GET", "/v1/notices", by=None))["items"] == []


async def test_the_notice_board_waits_until_it_shows_what_was_posted(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await applied(api)
    body = {"benefit": "disability_subsidy", "ends": "2025-04-22T00:00:00+08:00"}
    posted = await api.post("/v1/households/HH-CANARY/post-notice", body, by="cadre:V0101")
    position = posted.headers["sanji-position"]
    shown = await api.send("GET", "/v1/notices", by=None, headers={"Sanji-Min-Position": position})
    assert len(done(shown)["items"]) == 1
    assert int(shown.headers["sanji-position"]) >= int(position)
    monkeypatch.setattr(Office.viewed_up_to, "__defaults__", (0.2,))
    beyond = await api.send("GET", f"/v1/notices?min_position={int(position) + 1000}", by=None)
    refused(beyond, 503, "view_behind")
