"""One remedy for many cases over HTTP: hotspots suggest it, cases join it, and nobody learns of cases he may not see."""

from api_tests.client import Client, done
from api_tests.district import Json
from api_tests.pages.reading import page_for


async def propose(api: Client, by: str = "clerk:T01", **more: object) -> Json:
    body = {"id": "P-1", "remedy": "road", "title": "The road to group 2", "villages": ["V0101"], **more}
    return done(await api.post("/v1/programmes", body, by=by), 201)


async def ask(api: Client, verb: str, by: str, **body: object) -> Json:
    return done(await api.post(f"/v1/programmes/P-1/{verb}", body, by=by))


async def test_many_cases_of_one_village_and_category_call_for_a_remedy(api: Client) -> None:
    roads = [await api.report(village="V0101", category="道路") for _ in range(5)]
    for _ in range(4):
        await api.report(village="V0201", category="道路")
    await api.report(by="citizen:2", village="V0201", category="道路", subjects=["head:T02"])
    await propose(api)
    await api.set_clock("2025-03-10 09:00")
    spots = done(await api.get("/v1/hotspots", "auditor"))["items"]
    assert spots == [{"village": "V0101", "category": "道路", "cases": 5, "remedy": "road", "programmes": ["P-1"]}]
    month = await api.get("/reports/monthly?month=2025-03", "auditor")
    assert (month.status_code, "道路" in month.text) == (200, True)
    earlier = "from=2025-01-01T00:00:00%2B08:00&to=2025-03-01T00:00:00%2B08:00"
    assert done(await api.get(f"/v1/hotspots?{earlier}", "auditor"))["items"] == []
    assert done(await api.get("/v1/hotspots?unit=T02", "head:T02"))["items"] == []
    await api.set_clock("2025-03-10 09:01")
    await api.ask(roads[0], "decline", by="dispatcher", reason="outside_area")
    await api.set_clock("2025-03-10 09:02")
    then = "at=2025-03-10T09:00:00%2B08:00"
    assert [done(await api.get(f"/v1/hotspots?{one}", "auditor"))["items"] for one in ("", then)] == [[], spots]
    for path in ("hotspots", "programmes"):
        assert (await api.get(f"/v1/{path}", "citizen:1")).status_code == 403


async def test_a_programme_lists_the_cases_one_may_see_and_counts_the_rest(api: Client) -> None:
    cases = [await api.report(village="V0101", category="道路") for _ in range(2)]
    await propose(api)
    for case in cases:
        await ask(api, "join-case", "clerk:T01", case=case["id"])
    done(await api.post("/v1/households", {"id": "HH-1", "village": "V0101"}, by="cadre:V0101"), 201)
    await ask(api, "join-household", "clerk:T01", household="HH-1")
    done(await api.post(f"/v1/cases/{cases[0]['id']}/add-subject", {"official": "head:T01"}, by="dispatcher"))
    await api.set_clock("2025-03-10 09:00")
    first, second = sorted(case["id"] for case in cases)
    own, others = (cases[1]["id"], cases[0]["id"])
    seen = {
        "clerk:T01": ([own], 0, ["HH-1"], 0),
        "clerk:T02": ([], 1, [], 1),
        "auditor": ([first, second], 0, ["HH-1"], 0),
    }
    for who, (listed, rest, homes, more) in seen.items():
        one = done(await api.get("/v1/programmes/P-1", who))
        assert one["cases"] == {"seen": listed, "others": rest}, who
        assert one["households"] == {"seen": homes, "others": more}, who
        told = (await api.get("/v1/events?limit=200&types=programme.case_joined", who)).json()
        assert [event["data"]["case"] for event in told] == [case["id"] for case in cases if case["id"] in listed], who
        assert (others in (await api.get("/v1/events?limit=200", who)).text) is (others in listed), who
    assert (await api.get("/v1/programmes/P-1", "citizen:1")).status_code == 404


async def test_a_case_one_may_not_see_joins_as_little_as_one_that_is_not_there_and_the_look_is_on_record(
    api: Client,
) -> None:
    hidden = await api.report(village="V0101", subjects=["clerk:T01"])
    await propose(api)
    refused = [
        await api.post("/v1/programmes/P-1/join-case", {"case": id}, by="clerk:T01")
        for id in (hidden["id"], "no-such-case")
    ]
    assert [answer.status_code for answer in refused] == [404, 404]
    first, second = ({**answer.json(), "request_id": ""} for answer in refused)
    assert first == second
    looks = done(await api.get("/v1/access-log?limit=200", "auditor"))["items"]
    assert {one["subject"] for one in looks if one["action"] == "programme:join-case"} == {hidden["id"], "no-such-case"}


async def test_a_programme_is_proposed_approved_and_completed(api: Client) -> None:
    await propose(api)
    refused = await api.post("/v1/programmes/P-1/approve", {}, by="clerk:T01")
    assert refused.status_code == 403
    assert (await ask(api, "approve", "head:T01"))["status"] == "approved"
    for who, plans in (("clerk:T01", True), ("clerk:T02", False), ("cadre:V0101", False)):
        assert ("join-household" in await page_for(api, who, "/programmes/P-1")) is plans, who
        assert ('value="V0101"><span>' in await page_for(api, who, "/programmes")) is plans, who
    await ask(api, "complete", "clerk:T01", outcome="cars drive there")
    await api.set_clock("2025-03-10 09:00")
    [one] = done(await api.get("/v1/programmes?status=completed&remedy=road&unit=T01", "head:T02"))["items"]
    assert (one["id"], one["villages"], one["title"]) == ("P-1", ["V0101"], "The road to group 2")
    assert done(await api.get("/v1/programmes?unit=T02", "head:T02"))["items"] == []
