"""The household register over HTTP: seen by its own people only, its visits open cases, its pairs stand on a board."""

import asyncio
import re
from typing import Any

import pytest

from api_tests.client import Client, done
from api_tests.district import Json, instant
from service.office import Office

CADRE, HEAD, ORGANISER = "cadre:V0101", "head:T01", "organiser"
POOR: Json = {
    "members": 4,
    "income_per_head": 3400,
    "debt_total": 26000,
    "hardships": [{"kind": "illness", "severity": 3}],
}
CANARY = "canary-7f3a"
VISITS = "events?types=household.visit_recorded"


async def registered(api: Client, id: str = "HH-1", village: str = "V0101", by: str = CADRE, **more: str) -> Json:
    return done(await api.post("/v1/households", {"id": id, "village": village, **more}, by=by), 201)


async def ask(api: Client, verb: str, by: str = CADRE, id: str = "HH-1", **body: Any) -> Json:
    return done(await api.post(f"/v1/households/{id}/{verb}", dict(body), by=by))


async def poor(api: Client, id: str = "HH-1") -> Json:
    await registered(api, id)
    return await ask(api, "record-facts", id=id, **POOR)


async def test_a_household_is_classed_paired_visited_and_its_need_becomes_a_case(api: Client, office: Office) -> None:
    await api.set_clock("2025-04-14 10:00")
    classed = await poor(api)
    assert (classed["class"], classed["rules"]) == ("priority", ["R1", "R2", "R3"])
    assert [one["type"] for one in classed["events"]] == [
        "household.facts_recorded",
        "household.assessed",
        "household.classified",
    ]
    await office.views_catch_up()
    board = done(await api.get("/v1/pairings", HEAD))
    assert [one["household"] for one in board["unpaired"]] == ["HH-1"]
    paired = await ask(api, "start-pairing", ORGANISER, helper="officer:D-ROADS")
    assert paired["helper"] == "officer:D-ROADS"

    visited = await ask(
        api,
        "record-visit",
        "officer:D-ROADS",
        met=["grandmother"],
        notes="the roof leaks",
        needs=[{"title": "The roof leaks"}, {"title": "Which form is it?", "answer": "The green one."}],
        countersigned=True,
    )
    [opened] = visited["opened"]
    case = done(await api.get(f"/v1/cases/{opened['id']}", "clerk:T01"))
    assert (case["title"], case["household"], case["village"]) == ("The roof leaks", "HH-1", "V0101")
    assert (case["proxy"], case["collector"]) == (True, "officer:D-ROADS")
    assert done(await api.get(f"/v1/track/{opened['query_code']}", ""))["status"]
    [due] = visited["visits_due"]
    assert (instant(due["due_at"]), due["overdue"]) == (instant("2025-05-14 10:00"), False)
    await office.views_catch_up()
    found = done(await api.get("/v1/cases?household=HH-1", "clerk:T01"))
    assert [one["id"] for one in found["items"]] == [opened["id"]]


async def test_the_same_key_opens_the_same_case_once(api: Client, office: Office) -> None:
    await poor(api)
    body = {"met": ["son"], "needs": [{"title": "A road"}]}
    first = done(await api.post("/v1/households/HH-1/record-visit", body, by=CADRE, key="visit-1"))
    again = await api.post("/v1/households/HH-1/record-visit", body, by=CADRE, key="visit-1")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json()["opened"] == first["opened"]
    await office.views_catch_up()
    assert len(done(await api.get("/v1/cases?household=HH-1", "clerk:T01"))["items"]) == 1


@pytest.mark.parametrize("kind", ["wish", "accusation"])
async def test_a_visit_whose_need_makes_no_case_is_not_recorded_either(api: Client, kind: str) -> None:
    """What a visit opens is known to all who see the household; an accusation is not for them."""
    before = await poor(api)
    body = {"met": ["son"], "needs": [{"title": "A road"}, {"title": "A song", "kind": kind}]}
    refused = await api.post("/v1/households/HH-1/record-visit", body, by=CADRE)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert done(await api.get("/v1/households/HH-1"))["version"] == before["version"]
    assert done(await api.get("/v1/cases?household=HH-1", "clerk:T01"))["items"] == []


@pytest.mark.parametrize("who", ["head:V0102", "clerk:T02", "officer:D-ROADS", "dispatcher", "citizen:1"])
async def test_for_others_it_looks_like_one_that_does_not_exist(api: Client, who: str) -> None:
    await poor(api)
    for tail in ("", "/history", "?version=1"):
        there, missing = [await api.get(f"/v1/households/{id}{tail}", who) for id in ("HH-1", "HH-2")]
        assert there.status_code == missing.status_code == 404
        assert without_id(there.json()) == without_id(missing.json())
    asked, nothing = [await api.post(f"/v1/households/{id}/record-facts", POOR, by=who) for id in ("HH-1", "HH-2")]
    assert without_id(asked.json()) == without_id(nothing.json())
    assert done(await api.get("/v1/households", who))["items"] == []
    assert done(await api.get("/v1/pairings", who)) == {
        "unpaired": [],
        "helpers": [],
        "conflicts": [],
        "next": None,
    }
    told = (await api.get("/v1/events?limit=200", who)).json()
    assert [one for one in told if one["type"].startswith("household.")] == []


async def test_denied_and_missing_reads_of_households_are_recorded_alike(api: Client) -> None:
    await poor(api)
    for id in ("HH-1", "HH-2"):
        await api.get(f"/v1/households/{id}", "clerk:T02")
    log = done(await api.get("/v1/access-log", "auditor"))["items"]
    alike = [(one["action"], one["outcome"]) for one in log if one["subject"] in ("HH-1", "HH-2")]
    assert alike == [("household:read", "not_found")] * 2


async def test_an_auditor_who_is_told_what_happened_to_a_household_since_a_version_has_read_it(api: Client) -> None:
    await poor(api)
    for by in (CADRE, "auditor"):
        stale = await api.post("/v1/households/HH-1/contest", {"reason": "as an audit found"}, by=by, if_match='"1"')
        assert (stale.status_code, bool(stale.json()["events"])) == (412, True)
    log = done(await api.get("/v1/access-log", "privacy"))["items"]
    assert [(one["by"], one["subject"], one["action"], one["outcome"]) for one in log] == [
        ("auditor", "HH-1", "household:history", "shown")
    ]


async def test_who_lives_there_is_told_only_on_record(api: Client, office: Office) -> None:
    await registered(api, head=f"A villager {CANARY}", address=f"House {CANARY}", phone="13900000000")
    await ask(api, "join-member", member="m-1", relation="son", name=f"Son {CANARY}")
    await ask(
        api, "record-visit", met=[f"Son {CANARY}"], notes=f"is ill {CANARY}", needs=[{"title": "x", "answer": CANARY}]
    )
    await ask(api, "contest", reason=f"He drinks {CANARY}")
    await ask(api, "decide-contest", HEAD, upheld=False, reason=f"He does {CANARY}")
    await ask(api, "leave-member", member="m-1", reason=f"died {CANARY}")
    for by in (CADRE, "auditor", "admin"):
        for path in ("", "/history", "?version=1"):
            assert CANARY not in (await api.get(f"/v1/households/HH-1{path}", by)).text
        assert CANARY not in (await api.get("/v1/events?limit=200", by)).text
        assert CANARY not in (await api.get("/v1/households", by)).text
    assert not any(CANARY.encode() in line.state for line in office.recorder.select_notifications(None, 1000))
    told = await ask(api, "disclose-identity", purpose="to bring a letter")
    assert CANARY in told["head"]
    visit, contest, decided, left = told["told"]
    assert (visit["met"], visit["notes"], visit["needs"]) == (f"Son {CANARY}", f"is ill {CANARY}", f"x → {CANARY}")
    assert [one["reason"] for one in (contest, decided, left)] == [
        f"{said} {CANARY}" for said in ("He drinks", "He does", "died")
    ]
    refused = await api.post("/v1/households/HH-1/disclose-identity", {"purpose": "audit"}, by="auditor")
    assert refused.status_code == 403
    log = done(await api.get("/v1/access-log", "privacy"))["items"]
    disclosed = [(one["by"], one["outcome"], one["purpose"]) for one in log if "disclose" in one["action"]]
    assert sorted(disclosed) == [
        ("auditor", "not_permitted", "audit"),
        (CADRE, "shown", "to bring a letter"),
    ]


async def test_what_proves_to_be_about_an_official_he_does_not_find_in_the_household(
    api: Client, office: Office
) -> None:
    await poor(api)
    visit: Json = {"met": ["son"], "notes": "the land was taken", "needs": [{"title": "Who has our land?"}]}
    [opened] = (await ask(api, "record-visit", "clerk:T01", **visit))["opened"]
    for by in ("head:V0101", HEAD):
        [told] = (await ask(api, "disclose-identity", by, purpose="to help"))["told"]
        assert told["needs"] == "Who has our land?"
    await api.ask(opened, "add-subject", by="dispatcher", official="head:V0101")
    await office.views_catch_up()
    for by, known in (("head:V0101", False), (HEAD, True)):
        for path in ("households/HH-1", "households/HH-1?version=5", "households/HH-1/history", "visits", VISITS):
            assert (opened["id"] in (await api.get(f"/v1/{path}", by)).text) is known, (by, path)
    assert (await ask(api, "disclose-identity", "head:V0101", purpose="to help"))["told"] == []
    [told] = (await ask(api, "disclose-identity", HEAD, purpose="to help"))["told"]
    assert told["needs"] == "Who has our land?"


async def test_nobody_helps_more_than_half_beyond_his_quota(api: Client, office: Office) -> None:
    for number in range(1, 5):
        await poor(api, f"HH-{number}")
    for number in range(1, 4):
        await ask(api, "start-pairing", HEAD, f"HH-{number}", helper=CADRE)
    refused = await api.post("/v1/households/HH-4/start-pairing", {"helper": CADRE}, by=HEAD)
    assert (refused.status_code, refused.json()["code"]) == (409, "limit_reached")
    await office.views_catch_up()
    board = done(await api.get("/v1/pairings?unit=T01", HEAD))
    assert [(one["official"], one["households"], one["quota"], one["overloaded"]) for one in board["helpers"]] == [
        (CADRE, 3, 2, True)
    ]
    assert [one["household"] for one in board["unpaired"]] == ["HH-4"]


async def test_nobody_learns_from_a_pairing_that_a_household_has_accused_him(api: Client, office: Office) -> None:
    """An accused helper and one nobody complains of are answered alike; only who may know of the case is warned."""
    await poor(api)
    await poor(api, "HH-2")
    accused = {"kind": "accusation", "village": "V0101", "household": "HH-1"}
    await api.report(by="citizen:1", subjects=[CADRE], **accused)
    await office.views_catch_up()
    for by in (CADRE, "clerk:T01", HEAD, ORGANISER):
        for start in ({"helper": CADRE}, {"helper": CADRE, "related": True}):
            told, free = [await api.post(f"/v1/households/{id}/start-pairing", start, by=by) for id in ("HH-1", "HH-2")]
            assert told.status_code == free.status_code
            assert same(told.text, "HH-1") == same(free.text, "HH-2")
            if told.status_code == 200:
                for id in ("HH-1", "HH-2"):
                    await ask(api, "end-pairing", by, id)


async def test_a_pair_that_should_not_be_stands_on_the_board_of_those_who_may_know(api: Client, office: Office) -> None:
    await poor(api)
    case = await api.report(by="citizen:1", kind="accusation", village="V0101", household="HH-1", subjects=[CADRE])
    await ask(api, "start-pairing", ORGANISER, helper=CADRE)
    await office.views_catch_up()
    conflict = {"household": "HH-1", "helper": CADRE, "case": case["id"]}
    for by in ("discipline", "auditor"):
        assert done(await api.get("/v1/pairings", by))["conflicts"] == [conflict]
    for by in (CADRE, HEAD, "organiser", "admin", "citizen:1"):
        assert done(await api.get("/v1/pairings", by))["conflicts"] == []


async def test_who_may_know_of_the_complaint_does_not_pair_the_household_with_whom_it_is_about(api: Client) -> None:
    await poor(api)
    await api.report(by="citizen:1", village="V0101", household="HH-1", subjects=[CADRE])
    refused = await api.post("/v1/households/HH-1/start-pairing", {"helper": CADRE}, by=HEAD)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict_of_interest")


def same(text: str, id: str) -> str:
    """An answer without what must differ: its id, its number, its instants."""
    return re.sub(r'"(request_id|updated_at)":"[^"]*",?', "", re.sub(r"\d{4}-\d\d-\d\dT[^\"]*", "", text)).replace(
        id, ""
    )


async def test_six_at_once_are_given_no_more_than_one_may_help(api: Client) -> None:
    for number in range(1, 7):
        await poor(api, f"HH-{number}")
    asked = [api.post(f"/v1/households/HH-{n}/start-pairing", {"helper": CADRE}, by=HEAD) for n in range(1, 7)]
    answers = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert sorted(answers) == [200, 200, 200, 409, 409, 409]


async def test_the_board_comes_in_pages_and_names_whom_a_helper_has_left(api: Client, office: Office) -> None:
    await api.set_clock("2025-04-14 10:00")
    for number in range(1, 5):
        await poor(api, f"HH-{number}")
    await ask(api, "start-pairing", HEAD, "HH-1", helper="officer:T01-LAND")
    await office.views_catch_up()
    first = done(await api.get("/v1/pairings?limit=2", HEAD))
    assert [one["household"] for one in first["unpaired"]] == ["HH-2", "HH-3"]
    second = done(await api.get(f"/v1/pairings?limit=2&cursor={first['next']}", HEAD))
    assert ([one["household"] for one in second["unpaired"]], second["next"]) == (["HH-4"], None)


async def test_lists_and_the_board_tell_how_it_stood(api: Client, office: Office) -> None:
    await api.set_clock("2025-04-14 10:00")
    await poor(api)
    await registered(api, "HH-2")
    await api.set_clock("2025-04-16 10:00")
    await ask(api, "start-pairing", HEAD, helper="officer:T01-LAND")
    await poor(api, "HH-3")
    await office.views_catch_up()
    then = "at=2025-04-15T10:00:00%2B08:00"

    async def ids(query: str) -> list[str]:
        return [one["id"] for one in done(await api.get(f"/v1/households?{query}", HEAD))["items"]]

    assert await ids("unpaired=true") == ["HH-3"]
    assert await ids(f"unpaired=true&{then}") == ["HH-1"]
    assert await ids(then) == ["HH-1", "HH-2"]
    first = done(await api.get(f"/v1/households?limit=1&{then}", HEAD))
    assert await ids(f"cursor={first['next']}&{then}") == ["HH-2"]
    board = done(await api.get(f"/v1/pairings?{then}", HEAD))
    assert ([one["household"] for one in board["unpaired"]], board["helpers"]) == (["HH-1"], [])
    assert [one["official"] for one in done(await api.get("/v1/pairings", HEAD))["helpers"]] == ["officer:T01-LAND"]
    late = await api.get("/v1/pairings?at=2035-04-15T10:00:00%2B08:00", HEAD)
    assert late.status_code == 422


async def test_the_diary_tells_who_was_where_and_who_is_owed_a_visit(api: Client, office: Office) -> None:
    await api.set_clock("2025-04-14 10:00")
    await poor(api)
    await registered(api, "HH-2")
    await ask(api, "record-visit", met=["son"], countersigned=True)
    visited = await ask(api, "record-visit", "head:V0101", met=["son"])
    await office.views_catch_up()

    async def diary(query: str, by: str = HEAD) -> list[tuple[str, bool]]:
        items = done(await api.get(f"/v1/visits?{query}", by))["items"]
        return [(one["visitor"], one["counts"]) for one in items]

    assert await diary("household=HH-1") == [("head:V0101", False), (CADRE, True)]
    assert await diary(f"visitor={CADRE}") == [(CADRE, True)]
    assert await diary("", "clerk:T02") == []
    number = visited["visits"][-1]["version"]
    own = await api.post("/v1/households/HH-1/audit-visit", {"visit": number, "happened": True}, by=CADRE)
    assert own.status_code == 403
    await ask(api, "audit-visit", "clerk:T01", visit=number, happened=True, finding="his son says so")
    await office.views_catch_up()
    assert await diary("visitor=head:V0101") == [("head:V0101", True)]
    first = done(await api.get("/v1/visits?limit=1", HEAD))
    assert len(done(await api.get(f"/v1/visits?limit=1&cursor={first['next']}", HEAD))["items"]) == 1

    assert done(await api.get("/v1/visits/due", HEAD))["items"] == []
    await api.set_clock("2025-05-14 10:00")
    [due] = done(await api.get("/v1/visits/due", HEAD))["items"]
    assert (due["household"], due["of_class"], due["overdue"]) == ("HH-1", "priority", True)
    soon = done(await api.get("/v1/visits/due?within_days=366", HEAD))["items"]
    assert [one["household"] for one in soon] == ["HH-1", "HH-2"]


async def test_the_neediest_and_longest_unvisited_are_owed_a_visit_first(api: Client, office: Office) -> None:
    await api.set_clock("2025-04-14 10:00")
    await registered(api, "HH-0")
    await poor(api, "HH-1")
    await poor(api, "HH-2")
    await api.set_clock("2025-04-20 10:00")
    await ask(api, "record-visit", id="HH-1", met=["son"], countersigned=True)
    await api.set_clock("2025-06-01 10:00")
    await office.views_catch_up()
    found: list[str] = []
    next: str | None = ""
    while next is not None:
        page = done(await api.get(f"/v1/visits/due?within_days=366&limit=1{next and '&cursor=' + next}", HEAD))
        found += [one["household"] for one in page["items"]]
        next = page["next"]
    assert found == ["HH-2", "HH-1", "HH-0"]
    due = done(await api.get("/v1/visits/due", HEAD))["items"]
    assert [one["household"] for one in due] == ["HH-2", "HH-1"]
    assert (await api.get("/v1/visits/due?cursor=nonsense", HEAD)).status_code == 422


async def test_lists_are_by_class_unit_and_helper(api: Client, office: Office) -> None:
    await poor(api)
    await registered(api, "HH-2")
    await registered(api, "HH-3", "V0201", "head:V0201")
    await ask(api, "start-pairing", HEAD, helper=CADRE)
    await office.views_catch_up()

    async def ids(query: str, by: str = "auditor") -> list[str]:
        return [one["id"] for one in done(await api.get(f"/v1/households?{query}", by))["items"]]

    assert await ids("") == ["HH-1", "HH-2", "HH-3"]
    assert await ids("class=priority") == ["HH-1"]
    assert await ids("unit=T01") == ["HH-1", "HH-2"]
    assert await ids("unpaired=true") == []
    assert await ids("", "head:T02") == ["HH-3"]
    first = done(await api.get("/v1/households?limit=2", "auditor"))
    assert await ids(f"limit=2&cursor={first['next']}") == ["HH-3"]


async def test_it_stands_as_it_stood_and_a_notice_ends_by_itself(api: Client) -> None:
    await api.set_clock("2025-04-14 10:00")
    await poor(api)
    well: Json = {"members": 4, "income_per_head": 20000}
    await ask(api, "record-facts", **well)
    await api.set_clock("2025-07-20 10:00")
    await ask(api, "record-visit", met=["son"], countersigned=True)
    await ask(api, "record-facts", **well)
    await ask(api, "post-notice", ends="2025-07-28T00:00:00+08:00")
    assert done(await api.get("/v1/households/HH-1"))["class"] == "priority"
    await api.set_clock("2025-07-28 09:00")
    assert done(await api.get("/v1/households?class=attention"))["items"][0]["id"] == "HH-1", "without being asked"
    now = done(await api.get("/v1/households/HH-1"))
    assert (now["class"], now["rules"], now["basis"]) == ("attention", ["A4"], "assessments")
    assert done(await api.get("/v1/households/HH-1?at=2025-07-27T23:59:59%2B08:00"))["class"] == "priority"
    history = done(await api.get("/v1/households/HH-1/history", Accept_Language="zh"))["items"]
    assert history[-1]["sentence"] == "由连心户转为关心户：两次评定一致并公示；依据规则：A4。"
    assert instant(history[-1]["at"]) == instant("2025-07-28 00:00")
    replayed = done(await api.get(f"/v1/households/HH-1?version={now['version']}"))
    assert replayed["class"] == "attention"


def without_id(problem: Json) -> Json:
    return {name: value for name, value in problem.items() if name != "request_id"}
