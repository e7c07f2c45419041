"""The household register over HTTP: seen by its own people only; what it tells, and how it stood."""

from api_tests.client import Client, done, refused
from api_tests.district import Json, instant
from api_tests.households.register import CADRE, HEAD, ORGANISER, POOR, ask, poor, registered
from service.office import Office

CANARY = "canary-7f3a"
VISITS = "events?types=household.visit_recorded"


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


async def test_for_others_it_looks_like_one_that_does_not_exist(api: Client) -> None:
    await poor(api)
    for who in ("head:V0102", "clerk:T02", "officer:D-ROADS", "dispatcher", "citizen:1"):
        await nothing_is_there(api, who)


async def nothing_is_there(api: Client, who: str) -> None:
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


async def test_of_a_merge_the_household_that_was_not_found_is_on_record(api: Client) -> None:
    await registered(api)
    await registered(api, "HH-2", "V0201", "head:V0201")
    for into in ("HH-2", "HH-3"):
        refused(await api.post("/v1/households/HH-1/merge", {"into": into}, by=CADRE), 404, "not_found")
    log = done(await api.get("/v1/access-log", "auditor"))["items"]
    denied = [(one["subject"], one["action"], one["outcome"]) for one in log if one["of"] == "household"]
    assert sorted(denied) == [(into, "household:merge", "not_found") for into in ("HH-2", "HH-3")]


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
    refused(
        await api.post("/v1/households/HH-1/disclose-identity", {"purpose": "audit"}, by="auditor"),
        403,
        "not_permitted",
    )
    log = done(await api.get("/v1/access-log", "privacy"))["items"]
    disclosed = [(one["by"], one["outcome"], one["purpose"]) for one in log if "disclose" in one["action"]]
    assert sorted(disclosed) == [
        ("auditor", "not_permitted", "audit"),
        (CADRE, "shown", "to bring a letter"),
    ]


async def test_who_builds_on_an_older_version_is_not_told_who_lives_there(api: Client) -> None:
    await poor(api)
    path, purpose = "/v1/households/HH-1/disclose-identity", {"purpose": "to help"}
    problem = refused(await api.post(path, purpose, by=CADRE, if_match='"1"'), 412, "version_conflict")
    seen = problem["current_version"]
    assert [one["version"] for one in problem["events"]] == list(range(2, seen + 1))
    done(await api.post(path, purpose, by=CADRE, if_match=f'"{seen}"'))


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


async def test_of_a_household_merged_into_another_nothing_is_asked_but_who_lived_there(api: Client) -> None:
    for id in ("HH-1", "HH-2"):
        await registered(api, id)
    await ask(api, "merge", into="HH-2")
    told = done(await api.get("/v1/households/HH-1", CADRE))
    assert (told["merged_into"], told["next_actions"], told["visits_due"]) == ("HH-2", ["disclose-identity"], [])
