"""The past under another policy: what would have been late, whose class would change, and that nothing does change."""

from copy import deepcopy
from typing import Any

import pytest

from api_tests.client import Client, done
from api_tests.district import DONE, Json
from service.office import Office

MARCH = {"from": "2025-03-01T00:00:00+08:00", "to": "2025-04-01T00:00:00+08:00"}


async def draft(api: Client, **changes: Any) -> None:
    policy = deepcopy(done(await api.get("/v1/policies/hanbin-default-1", "admin"))["policy"])
    policy |= {"id": "trial", **changes}
    if "table" in changes.get("helping", {}):
        policy["helping"] = {**policy["helping"], **changes["helping"]}
    done(await api.send("PUT", "/v1/policies/trial?draft=true", by="admin", body=policy))


async def asked(api: Client, by: str = "auditor", body: Json = MARCH) -> Json:
    return done(await api.send("POST", "/v1/policies/trial/what-if", by=by, body=body))


def hold(found: Json, tier: str = "town") -> Json:
    return next(one for one in found["clocks"] if (one["clock"], one["tier"]) == ("hold", tier))


async def test_a_shorter_time_would_have_been_missed(api: Client, office: Office) -> None:
    """Assigned on Monday 3 March, seven working days; resolved on the 10th, the fifth. Three would not have done."""
    await api.set_clock("2025-03-03 09:00")
    case = await api.assigned()
    await api.set_clock("2025-03-10 16:00")
    await api.ask(case, "contact", by="head:T01", outcome="reached")
    await api.ask(case, "resolve", by="head:T01", **DONE)
    await draft(api, hold_wd={"V": 3, "T": 3, "D": 15})
    before = office.recorder.max_notification_id()
    told = hold(await asked(api))
    assert (told["clocks"], told["moved"], told["late"], told["late_then"], told["newly_late"]) == (1, 1, 0, 1, 1)
    assert office.recorder.max_notification_id() == before, "it changes nothing"


async def test_the_cases_it_would_have_changed_are_told_in_pages_to_those_who_see_them(api: Client) -> None:
    await api.set_clock("2025-03-03 09:00")
    open_ones = [(await api.assigned())["id"] for _ in range(2)]
    sealed = await api.report(village="V0101", confidentiality="sealed")
    await api.ask(sealed, "accept", by="dispatcher")
    await api.ask(sealed, "assign", by="dispatcher", unit="D-MASSWORK")
    cases = sorted([*open_ones, sealed["id"]])
    await api.set_clock("2025-03-10 16:00")
    await draft(api, hold_wd={"V": 3, "T": 3, "D": 3})
    found, cursor = [], None
    while True:
        told = await asked(api, body=MARCH | {"limit": 2} | ({"cursor": cursor} if cursor else {}))
        found += told["cases"]
        if (cursor := told["next"]) is None:
            break
    assert [one["case"] for one in found if one["clock"] == "hold"] == cases
    first = next(one for one in found if (one["case"], one["clock"]) == (open_ones[0], "hold"))
    assert (first["rule"], first["tier"], first["late"], first["late_then"]) == ("hold", "town", False, True)
    assert first["due_then"] == "2025-03-07T00:00:00+08:00"
    seen = (await asked(api, by="admin"))["cases"]
    assert {one["case"] for one in seen} == set(open_ones), "who may not know of it is not told of it"


async def test_what_was_taken_away_when_due_is_undecided_under_a_longer_time(api: Client) -> None:
    await api.set_clock("2025-03-03 09:00")
    await api.assigned()
    await api.set_clock("2025-03-20 09:00")
    await draft(api, hold_wd={"V": 3, "T": 20, "D": 15})
    told = hold(await asked(api))
    assert (told["late"], told["undecided"], told["no_longer_late"]) == (1, 1, 0)


async def test_an_extended_clock_keeps_its_time(api: Client) -> None:
    await api.set_clock("2025-03-03 09:00")
    case = await api.assigned()
    await api.ask(case, "start", by="head:T01")
    await api.ask(
        case, "request-extension", by="head:T01", days=3, reason="the pipe must be ordered", petitioner_told=True
    )
    await api.ask(case, "decide-extension", by="adjudicator", granted=True, days=3)
    await api.set_clock("2025-03-04 09:00")
    await draft(api, hold_wd={"V": 3, "T": 3, "D": 15})
    told = hold(await asked(api))
    assert (told["clocks"], told["kept"], told["moved"]) == (1, 1, 0)


async def test_what_rose_when_it_was_reopened_has_the_ordinary_time_of_the_tier_above(api: Client) -> None:
    """The first time a town has five working days once more; the second time the district has its fifteen."""
    await api.set_clock("2025-03-03 09:00")
    case = await api.assigned()
    for day in ("2025-03-04", "2025-03-05"):
        await api.set_clock(f"{day} 09:00")
        await api.ask(case, "resolve", by="head:T01", **DONE)
        await api.set_clock(f"{day} 15:00")
        await api.ask(case, "feedback", by="follow-up", result="answered", solved=False, satisfaction="dissatisfied")
    await api.set_clock("2025-03-06 09:00")
    await draft(api, hold_wd={"V": 3, "T": 7, "D": 10}, reopen_wd={"V": 3, "T": 4, "D": 10})
    told = await asked(api)
    assert [(hold(told, tier)["moved"], hold(told, tier)["kept"]) for tier in ("town", "district")] == [(1, 0), (1, 0)]
    rules = [(one["tier"], one["rule"]) for one in told["cases"] if one["clock"] == "hold"]
    assert rules == [("town", "reopen"), ("district", "hold")]


async def test_the_same_policy_makes_no_difference(api: Client) -> None:
    await api.set_clock("2025-03-03 09:00")
    await api.assigned()
    await api.set_clock("2025-03-20 09:00")
    await draft(api)
    clocks = (await asked(api))["clocks"]
    assert clocks
    for one in clocks:
        assert (one["moved"], one["newly_late"], one["no_longer_late"], one["kept"]) == (0, 0, 0, 0)


async def test_another_ruleset_tells_in_shadow_whose_class_would_change(api: Client) -> None:
    await api.set_clock("2025-03-03 09:00")
    done(await api.post("/v1/households", {"id": "HH-1", "village": "V0101"}, by="cadre:V0101"), 201)
    facts = {"members": 2, "income_per_head": 5000}
    done(await api.post("/v1/households/HH-1/record-facts", facts, by="cadre:V0101"))
    await api.set_clock("2025-03-04 09:00")
    policy = done(await api.get("/v1/policies/hanbin-default-1", "admin"))["policy"]
    await draft(api, helping={**policy["helping"], "line_yuan": 3000})
    told = (await asked(api))["households"]
    assert told["households"] == 1
    assert told["moved"] == {"priority>secure": 1}
    assert told["some"] == [{"household": "HH-1", "was": "priority", "now": "secure", "rules": []}]
    assert done(await api.get("/v1/households/HH-1"))["class"] == "priority"


@pytest.mark.parametrize("who", ["head:T01", "citizen:1", "cadre:V0101"])
async def test_it_is_for_those_who_make_rules_and_those_who_check_them(api: Client, who: str) -> None:
    await draft(api)
    refused = await api.send("POST", "/v1/policies/trial/what-if", by=who, body=MARCH)
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"from": MARCH["to"], "to": MARCH["from"]},
        {**MARCH, "why": "so"},
        {**MARCH, "from": "yesterday"},
        {**MARCH, "to": "1743436800"},
    ],
    ids=["nothing", "backwards", "unknown", "no instant", "a number"],
)
async def test_a_period_that_is_none_is_refused(api: Client, body: Json) -> None:
    await draft(api)
    refused = await api.send("POST", "/v1/policies/trial/what-if", by="admin", body=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
