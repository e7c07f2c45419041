"""五必去, 五必访 over HTTP: who is owed a visit in a quarter, who was paid one, and who came after a disaster."""

from typing import Any

from api_tests.client import Client, done, refused
from api_tests.district import Json, instant, organisation
from api_tests.pages.reading import page, page_for


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
    await visit(api, "V0101", by="cadre:V0101")
    await api.set_clock("2025-05-01 09:00")
    assert (await covered(api, "remote"))["verified"] == 0, "its own cadre is there anyway"
    await visit(api, "V0101", by="officer:T01-LAND")
    await api.set_clock("2025-05-01 09:00")
    paid = await covered(api, "remote")
    assert (paid["verified"], paid["coverage"], paid["open"]) == (1, 1.0, [])
    next_quarter = await covered(api, "remote", "unit=T01&quarter=2025-Q3")
    assert (next_quarter["required"], next_quarter["coverage"]) == (0, None), "it has not begun"
    before = await covered(api, "remote", "unit=T01&quarter=2025-Q2&at=2025-04-10T09:00:00%2B08:00")
    assert (before["required"], before["coming"], before["open"]) == (0, 1, ["V0101"]), "ten days are not yet enough"


async def test_whom_one_must_visit_is_told_with_what_one_may_do_about_it(api: Client) -> None:
    await flag(api, "V0101", "remote")
    await flag(api, "deputy-7", "deputy", village="V0102")
    may = {"head:T01": (4, 2), "cadre:V0101": (0, 1), "auditor": (0, 0)}
    for who, forms in may.items():
        drawn = await page_for(api, who, "/duties?unit=T01")
        assert tuple(drawn.count(f'data-post="/v1/duties/{verb}"') for verb in ("targets", "visits")) == forms, who
    assert 'data-post="/v1/duties/visits"' in await page_for(api, "head:T01", "/duties?unit=V0102&kind=deputy")
    for unit in ("V0101", "V0102"):
        assert 'data-name="duty" data-kind="text" value="must_go"' in await page(api, f"/duties?unit={unit}"), unit


async def test_taking_the_flag_away_on_the_last_day_changes_nothing(api: Client) -> None:
    await api.set_clock("2025-04-01 09:00")
    await flag(api, "V0101", "remote")
    await api.set_clock("2025-06-30 09:00")
    await flag(api, "V0101", "remote", flagged=False)
    await api.set_clock("2025-07-15 09:00")
    assert (await covered(api, "remote"))["required"] == 1


async def test_fifteen_days_with_the_flag_oblige(api: Client) -> None:
    await api.set_clock("2025-04-01 09:00")
    for village in ("V0101", "V0102"):
        await flag(api, village, "remote")
    for day, village in (("2025-04-14", "V0101"), ("2025-04-15", "V0102")):
        await api.set_clock(f"{day} 09:00")
        await flag(api, village, "remote", flagged=False)
    await api.set_clock("2025-07-15 09:00")
    owed = await covered(api, "remote")
    assert (owed["required"], owed["open"]) == (1, ["V0102"])


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


async def disaster(api: Client, query: str = "quarter=2025-Q2") -> tuple[Json, Json]:
    [found] = done(await api.get(f"/v1/coverage?{query}", "auditor"))["disasters"]
    return found["town_head"], found["district_leader"]


async def late(api: Client, by: str) -> list[int]:
    """The visits to a place that wait for a superior, as far as somebody is told."""
    [place] = done(await api.get("/v1/duties/targets?unit=V0101", by))["items"]
    return [one["visit"] for one in place["late"]]


async def test_who_writes_down_later_that_he_came_in_time_did_not_until_a_superior_says_so(api: Client) -> None:
    await api.set_clock("2025-06-01 09:00")
    await flag(api, "V0101", "disaster_affected", by="dispatcher")
    await api.set_clock("2025-06-03 08:00")
    told = await visit(api, "V0101", by="head:T01", seen_at="2025-06-01T12:00:00+08:00")
    await api.set_clock("2025-06-03 09:00")
    head, _ = await disaster(api)
    assert (head["in_time"], instant(head["visited_at"])) == (False, instant("2025-06-03 08:00"))
    approval = {"target": "V0101", "visit": told["version"], "reason": "no signal there"}
    waits = {who: await late(api, who) for who in ("head:T01", "leader:D-ROADS", "head:T02")}
    assert waits == {"head:T01": [told["version"]], "leader:D-ROADS": [told["version"]], "head:T02": []}
    asked = [who for who in waits if "visits/approve" in await page_for(api, who, "/duties?unit=V0101")]
    assert asked == ["leader:D-ROADS"], "nobody is asked for his own"
    for who, status in (("head:T01", 403), ("head:T02", 403), ("clerk:T01", 403), ("leader:D-ROADS", 200)):
        answer = await api.post("/v1/duties/visits/approve", approval, by=who)
        assert answer.status_code == status, who
    refused = await api.post("/v1/duties/visits/approve", approval, by="leader:D-ROADS")
    assert refused.status_code == 422, "once is enough"
    await api.set_clock("2025-06-03 10:00")
    head, _ = await disaster(api)
    assert (head["in_time"], instant(head["visited_at"])) == (True, instant("2025-06-01 12:00"))
    assert await late(api, "leader:D-ROADS") == []
    head, _ = await disaster(api, "quarter=2025-Q2&at=2025-06-03T08:30:00%2B08:00")
    assert head["in_time"] is False, "as it was known before"


async def test_the_head_of_another_town_is_not_the_one_who_must_come(api: Client) -> None:
    await api.set_clock("2025-06-01 09:00")
    await flag(api, "V0101", "disaster_affected", by="dispatcher")
    await visit(api, "V0101", by="head:T02")
    await api.set_clock("2025-06-02 09:00")
    await visit(api, "V0101", by="head:T01")
    await api.set_clock("2025-06-02 09:01")
    head, _ = await disaster(api)
    assert head["in_time"] is False, "at the due instant it is late"


async def test_a_visit_is_written_down_within_three_days(api: Client) -> None:
    await api.set_clock("2025-06-10 09:00")
    body = {"target": "V0101", "duty": "must_go", "seen_at": "2025-06-07T08:59:59+08:00"}
    refused = await api.post("/v1/duties/visits", body, by="head:T01")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_late")


async def test_the_hours_and_days_are_the_policy_s(api: Client) -> None:
    policy = done(await api.get("/v1/policies/hanbin-default-1"))["policy"]
    policy["must_visits"] |= {"flagged_nd": 3, "head_within_hours": 2}
    done(await api.send("PUT", "/v1/policies/hanbin-default-1", by="admin", body=policy))
    await api.set_clock("2025-06-01 09:00")
    for kind in ("disaster_affected", "remote"):
        await flag(api, "V0101", kind, by="dispatcher")
    await api.set_clock("2025-06-03 09:00")
    head, _ = await disaster(api)
    assert instant(head["due_at"]) == instant("2025-06-01 11:00")
    assert (await covered(api, "remote"))["required"] == 1


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
    _, people = done(await api.get("/v1/coverage?quarter=2025-Q2", "auditor"))["distinct"]
    assert people == {"duty": "must_visit", "required": 1, "verified": 1}, "and is one person"


async def test_what_the_household_says_on_the_telephone_counts_more_than_its_signature(api: Client) -> None:
    await api.set_clock("2025-04-01 09:00")
    visits: dict[str, int] = {}
    for home in ("HH-1", "HH-2"):
        await flag(api, home, "poor_household", village="V0101")
        done(await api.post("/v1/households", {"id": home, "village": "V0101"}, by="cadre:V0101"), 201)
        signed = {"met": ["grandmother"], "countersigned": home == "HH-2"}
        visited = done(await api.post(f"/v1/households/{home}/record-visit", signed, by="cadre:V0101"))
        visits[home] = visited["version"]
    await api.set_clock("2025-05-01 09:00")
    for home, version in visits.items():
        asked = {"visit": version, "happened": home == "HH-1"}
        done(await api.post(f"/v1/households/{home}/audit-visit", asked, by="head:T01"))
    await api.set_clock("2025-05-02 09:00")
    found = await covered(api, "poor_household")
    assert (found["required"], found["verified"], found["open"]) == (2, 1, ["HH-2"])
    before = await covered(api, "poor_household", "unit=T01&quarter=2025-Q2&at=2025-04-30T09:00:00%2B08:00")
    assert before["open"] == ["HH-1"], "as it was known then"


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
    assert district["ranked_by"] == "reports", "nobody has told how many live there"
    await visit(api, "V0101", by="head:T01")
    await api.set_clock("2025-04-03 09:00")
    assert (await covered(api, "petition_intensive", by="auditor"))["verified"] == 1, "it needs no flag to be gone to"
    org = organisation()
    next(one for one in org["units"] if one["id"] == "V0101")["successor"] = "V0102"
    org["officials"] = [one for one in org["officials"] if all(post["unit"] != "V0101" for post in one["posts"])]
    done(await api.send("PUT", "/v1/org", by="admin", body=org))
    merged = await covered(api, "petition_intensive", by="auditor")
    assert (merged["required"], merged["verified"]) == (1, 1), "what was paid to a village that was merged stays paid"
    later = "unit=V0102&quarter=2025-Q3"
    await api.set_clock("2025-07-01 09:00")
    assert (await covered(api, "petition_intensive", later))["open"] == ["V0102"], "and nobody is sent there again"


async def test_villages_are_compared_by_reports_for_each_thousand_inhabitants(api: Client) -> None:
    inhabitants = {"V0101": 5000, "V0102": 1200, "V0201": 900}
    org = organisation()
    for one in org["units"]:
        one |= {"inhabitants": inhabitants[one["id"]]} if one["id"] in inhabitants else {}
    done(await api.send("PUT", "/v1/org", by="admin", body=org))
    assert done(await api.get("/v1/units/V0201"))["inhabitants"] == 900
    await api.set_clock("2025-03-10 09:00")
    for village, n in (("V0101", 12), ("V0201", 10)):
        for _ in range(n):
            await api.report(village=village)
    await api.set_clock("2025-04-02 09:00")
    found = await covered(api, "petition_intensive", "quarter=2025-Q2", "auditor")
    assert (found["open"], found["ranked_by"]) == (["V0201"], "per_1000_inhabitants")


async def test_each_place_has_what_it_would_have_on_its_own(api: Client) -> None:
    await api.set_clock("2025-03-05 09:00")
    for _ in range(10):
        await api.report(village="V0201")
    await api.set_clock("2025-04-01 09:00")
    for village in ("V0101", "V0102", "V0201"):
        await flag(api, village, "remote", by="dispatcher")
    for town, village in (("T01", "V0102"), ("T02", "V0201")):
        await flag(api, "deputy-1", "deputy", village=village, by="dispatcher")
        await flag(api, "deputy-1", "deputy", flagged=False, by="dispatcher")
        await visit(api, village, by="head:T01" if town == "T02" else "head:T02")
    await api.set_clock("2025-05-01 09:00")
    for unit, inside in (("D", ["T01", "T02"]), ("T01", ["V0101", "V0102"]), ("V0101", [])):
        query = f"quarter=2025-Q2&unit={unit}"
        places = done(await api.get(f"/v1/coverage?{query}&each_place=true", "auditor"))["places"]
        assert [place["unit"] for place in places] == inside
        for place in places:
            alone = done(await api.get(f"/v1/coverage?quarter=2025-Q2&unit={place['unit']}", "auditor"))
            shares = [{name: one[name] for name in place["duties"][0]} for one in alone["duties"] if one["required"]]
            assert place["duties"] == shares
    districts = done(await api.get("/v1/coverage?quarter=2025-Q2&each_place=true", "auditor"))["places"]
    owed = {place["unit"]: {one["kind"]: one["required"] for one in place["duties"]} for place in districts}
    assert owed == {"T01": {"remote": 2}, "T02": {"remote": 1, "petition_intensive": 1}}


async def test_the_register_tells_every_flag_to_those_who_may_visit(api: Client) -> None:
    await flag(api, "V0101", "remote")
    await flag(api, "deputy-1", "deputy", village="V0101")
    await api.set_clock("2025-03-20 09:00")
    await flag(api, "V0101", "remote", flagged=False)
    await visit(api, "V0101", by="head:T01")
    await api.set_clock("2025-03-21 09:00")
    first = done(await api.get("/v1/duties/targets?limit=1", "head:T01"))
    second = done(await api.get(f"/v1/duties/targets?limit=1&cursor={first['next']}", "head:T01"))
    [place], [person] = first["items"], second["items"]
    assert (place["target"], instant(place["visited_at"])) == ("V0101", instant("2025-03-20 09:00"))
    [remote] = place["flags"]
    assert (remote["kind"], instant(remote["until"])) == ("remote", instant("2025-03-20 09:00"))
    assert (person["target"], person["flags"][0]["until"], second["next"]) == ("deputy-1", None, None)
    for query, who, names in (
        ("", "head:T02", ["V0101"]),
        ("", "citizen:1", []),
        ("?flagged=true", "auditor", ["deputy-1"]),
        ("?kind=remote&unit=T01", "auditor", ["V0101"]),
        ("?unit=T02", "auditor", []),
    ):
        found = done(await api.get(f"/v1/duties/targets{query}", who))["items"]
        assert [one["target"] for one in found] == names, (query, who)


async def test_only_the_town_and_the_district_flag(standing_api: Client) -> None:
    for who in ("head:T02", "cadre:V0101", "officer:D-ROADS", "auditor"):
        answer = await standing_api.post("/v1/duties/targets", {"target": "V0101", "kind": "remote"}, by=who)
        refused(answer, 403, "not_permitted")


async def test_only_a_village_is_a_place_to_go_to_or_where_somebody_lives(standing_api: Client) -> None:
    for where in ("T01", "D-ROADS", "nowhere"):
        place = {"target": where, "kind": "remote"}
        person = {"target": "deputy-1", "kind": "deputy", "village": where}
        for body in (place, person):
            answer = await standing_api.post("/v1/duties/targets", body, by="dispatcher")
            assert answer.status_code == 422, body


async def test_another_town_neither_takes_a_flag_off_a_person_nor_moves_him(api: Client) -> None:
    await flag(api, "deputy-1", "deputy", village="V0101")
    for target in ("deputy-1", "deputy-2"):
        off = {"target": target, "kind": "deputy", "village": "V0201", "flagged": False}
        assert (await api.post("/v1/duties/targets", off, by="clerk:T02")).status_code == 404, target
    here = {"target": "deputy-1", "kind": "veteran_party_member", "village": "V0201"}
    for who in ("clerk:T02", "clerk:T01"):
        assert (await api.post("/v1/duties/targets", here, by=who)).status_code == 403, who
    assert done(await api.post("/v1/duties/targets", here, by="dispatcher"))["village"] == "V0201", "he has moved"
    await flag(api, "deputy-1", "deputy", flagged=False, by="clerk:T02")


async def test_a_household_lives_where_the_register_has_it(api: Client) -> None:
    """To whoever may not flag there it is like a name that nobody knows."""
    home = done(await api.post("/v1/households", {"village": "V0101"}, by="cadre:V0101"), 201)["id"]
    asked = [
        await api.post("/v1/duties/targets", {"target": target, "kind": "poor_household"}, by="clerk:T02")
        for target in (home, "nobody")
    ]
    elsewhere, unknown = (refused(answer, 422, "invalid")["detail"] for answer in asked)
    assert elsewhere == unknown
    assert (await flag(api, home, "poor_household"))["village"] == "V0101"
    assert (await flag(api, home, "five_guarantees", village="V0102"))["village"] == "V0102", "he knows it better"


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
