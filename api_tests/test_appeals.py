"""Appeals, vetoes and exclusions over HTTP: who may, by when, what the card says before and after, and to whom."""

from typing import Any

import httpx

from api_tests.client import Client, done, refused
from api_tests.district import DONE, SOLVED, Json, instant
from service.office import Office
from service.record.clock import ManualClock

AFTER = "?at=2025-03-10T09:00:00%2B08:00"
GROUNDS = "the photograph was mixed up with that of another village"


async def found_false(api: Client) -> Json:
    """Resolved on Monday by the town, found to be no solution on Tuesday."""
    case = await api.assigned()
    await api.ask(case, "contact", by="head:T01", outcome="reached")
    await api.ask(case, "resolve", by="head:T01", **DONE)
    await api.set_clock("2025-03-04 09:00")
    await api.ask(case, "reject-resolution", by="follow-up", finding="nothing was done")
    await api.set_clock("2025-03-04 09:05")
    return case


async def card(api: Client, asked: str = "", by: str = "auditor") -> Json:
    return done(await api.get(f"/v1/scorecards/T01/2025{asked}", by=by))


async def mark(api: Client, figure: str = "false_closure", by: str = "head:T01") -> Json:
    """What one appeals against, as the card shows it to the unit."""
    [found] = [one for one in (await card(api, by=by))["evidence"] if one["figure"] == figure]
    return {"figure": figure, "mark": found["mark"], "event": found["events"][0]["event"]}


async def appealed(api: Client, **more: Any) -> httpx.Response:
    body = {**await mark(api), "grounds": GROUNDS, **more}
    return await api.post("/v1/scorecards/T01/2025/appeal", body, by="head:T01")


async def judged(api: Client, by: str, upheld: bool = True) -> httpx.Response:
    body = {"appeal": 1, "upheld": upheld, "reason": "we looked at both photographs"}
    return await api.post("/v1/scorecards/T01/2025/decide-appeal", body, by=by)


async def test_an_upheld_appeal_takes_the_mark_back_and_both_versions_stay_readable(api: Client) -> None:
    case = await found_false(api)
    await api.set_clock("2025-03-06 09:00")
    [made] = done(await appealed(api))["appeals"]
    assert (made["case"], made["by"], made["upheld"]) == (case["id"], "head:T01", None)
    assert made["due_at"] == "2025-03-21T00:00:00+08:00"
    await api.set_clock("2025-03-11 09:00")
    assert done(await judged(api, "organiser"))["appeals"][0]["upheld"] is None
    last = done(await judged(api, "discipline"))
    assert [one["type"] for one in last["events"]] == ["assessment.appeal_voted", "assessment.appeal_decided"]
    await api.set_clock("2025-03-12 09:00")
    now, before = await card(api), await card(api, AFTER)
    assert (before["findings"]["false_closures"], now["findings"]["false_closures"]) == (1, 0)
    assert (before["appeals"][0]["upheld"], now["appeals"][0]["upheld"]) == (None, True)
    assert now["appeals"][0]["panel"] == ["organiser", "discipline"]
    assert now["score"]["deductions"]["false_closures"] == 0


async def test_what_was_taken_back_stays_so_whatever_the_case_does_later(api: Client) -> None:
    case = await found_false(api)
    done(await appealed(api))
    for member in ("organiser", "discipline"):
        done(await judged(api, member))
    await api.ask(case, "contact", by="head:T01", outcome="reached")
    await api.ask(case, "resolve", by="head:T01", **DONE)
    await api.set_clock("2025-03-05 09:00")
    await api.ask(case, "feedback", by="follow-up", **SOLVED)
    await api.set_clock("2025-03-06 09:00")
    now = await card(api)
    assert (now["findings"]["false_closures"], now["rates"]["solved"]["n"]) == (0, 1)


async def test_a_rejected_appeal_changes_nothing_and_cannot_be_made_again(api: Client) -> None:
    await found_false(api)
    done(await appealed(api))
    for member in ("organiser", "discipline"):
        done(await judged(api, member, upheld=False))
    await api.set_clock("2025-03-06 09:00")
    now = await card(api)
    assert (now["findings"]["false_closures"], now["appeals"][0]["upheld"]) == (1, False)
    refused(await appealed(api), 409, "wrong_status")
    refused(await judged(api, "leader:D-ROADS"), 409, "wrong_status")


async def test_who_may_appeal_and_decide_and_until_when(api: Client) -> None:
    await found_false(api)
    against = await mark(api)
    path, body = "/v1/scorecards/T01/2025/appeal", {**against, "grounds": GROUNDS}
    for by in ("head:T02", "organiser", "citizen:1", "cadre:V0101"):
        refused(await api.post(path, body, by=by), 403, "not_permitted")
    refused(await api.post(path, {**body, "event": 1}, by="head:T01"), 422, "invalid")
    refused(await api.post("/v1/scorecards/V0101/2025/appeal", body, by="head:T01"), 404, "not_found")
    refused(await api.post("/v1/scorecards/T01/1999/appeal", body, by="head:T01"), 404, "not_found")
    await api.set_clock("2025-03-18 23:59")
    first = await api.post(path, body, by="head:T01", key="once")
    again = await api.post(path, body, by="head:T01", key="once")
    assert done(first) == done(again)
    assert again.headers["Idempotency-Replayed"] == "true"
    refused(await judged(api, "head:T01"), 403, "not_permitted")
    done(await judged(api, "organiser"))
    refused(await judged(api, "organiser"), 409, "wrong_status")


async def test_after_ten_working_days_it_is_too_late(api: Client) -> None:
    await found_false(api)
    await api.set_clock("2025-03-19 00:00")
    refused(await appealed(api), 409, "too_late")


async def test_the_time_to_appeal_runs_from_when_the_unit_could_know(api: Client, office: Office) -> None:
    """A deadline passed while nothing ran: it took effect then, and was told weeks later."""
    await api.assigned()
    assert isinstance(office.clock, ManualClock)
    office.clock.set(instant("2025-04-07 09:00"))
    await api.set_clock("2025-04-07 09:05")
    body = {**await mark(api, "on_time_effective"), "grounds": GROUNDS}
    done(await api.post("/v1/scorecards/T01/2025/appeal", body, by="head:T01"))


async def test_a_veto_holds_the_score_down_and_is_adjudicated_by_the_discipline_body_only(api: Client) -> None:
    body = {"kind": "leak", "basis": "decision 2025-3 of the discipline body"}
    for by in ("organiser", "head:T01", "leader:D-ROADS"):
        refused(await api.post("/v1/scorecards/T01/2025/veto", body, by=by), 403, "not_permitted")
    await api.set_clock("2025-03-04 09:00")
    done(await api.get("/v1/scorecards/T01/2025", "discipline"))
    done(await api.post("/v1/scorecards/T01/2025/veto", body, by="discipline"))
    await api.set_clock("2025-03-05 09:00")
    now = await card(api)
    assert (now["score"]["vetoed"], now["findings"]["vetoed"]) == (True, True)
    assert not (await card(api, "?at=2025-03-04T08:59:00%2B08:00"))["score"]["vetoed"]


async def test_a_case_that_was_nobodys_fault_is_left_out_and_listed(api: Client) -> None:
    case = await found_false(api)
    body = {"case": case["id"], "reason": "the flood of the fourth cut the road"}
    path = "/v1/scorecards/T01/2025/exclude"
    refused(await api.post(path, body, by="head:T01"), 403, "not_permitted")
    refused(await api.post(path, {**body, "case": "case-of-nobody"}, by="organiser"), 404, "not_found")
    refused(await api.post("/v1/scorecards/T02/2025/exclude", body, by="organiser"), 404, "not_found")
    done(await api.post(path, body, by="organiser"))
    refused(await api.post(path, body, by="organiser"), 409, "wrong_status")
    await api.ask(case, "contact", by="head:T01", outcome="reached")
    await api.set_clock("2025-03-05 09:00")
    now = await card(api)
    assert now["excluded"]["cases"] == {"force_majeure": 1}
    assert (now["findings"]["assignments"], now["findings"]["false_closures"]) == (0, 0)
    [left_out] = [one for one in now["evidence"] if one["figure"] == "excluded"]
    assert left_out["events"][0]["case"] == case["id"]


async def test_the_events_are_for_auditors_and_others_read_the_card(api: Client) -> None:
    await found_false(api)
    done(await appealed(api))

    async def told(by: str) -> int:
        feed = await api.get("/v1/events?types=assessment.appealed", by=by)
        return len(done(feed))

    assert (await told("auditor"), await told("head:T01"), await told("organiser")) == (1, 0, 0)
    await api.set_clock("2025-03-05 09:00")
    [blind] = (await card(api, by="organiser"))["appeals"]
    assert (blind["case"], blind["grounds"]) == (None, GROUNDS)


async def test_a_key_under_which_something_else_was_asked_does_not_stand_for_the_mark_or_the_case(api: Client) -> None:
    """What was asked before is looked at no more; of another thing asked under the key that would be wrong."""
    case = await found_false(api)
    card = "/v1/scorecards/T01/2025"
    asked: tuple[tuple[str, str, Json], ...] = (
        ("head:T01", f"{card}/appeal", {"figure": "solved", "mark": "no", "event": 1, "grounds": GROUNDS}),
        ("organiser", f"{card}/exclude", {"case": "case-of-nobody", "reason": "the flood cut the road"}),
    )
    for by, path, body in asked:
        await api.post(f"/v1/cases/{case['id']}/disclose-identity", {"purpose": "to call back"}, by=by, key=path)
        refused(await api.post(path, body, by=by, key=path), 422, "idempotency_key_reused")
