"""What is offered to do next is what would be granted: no return after its window, no release of what nobody claimed."""

from api_tests.client import Client, refused
from api_tests.district import Json


async def offered(api: Client, case: Json, by: str = "head:T01") -> set[str]:
    return set((await api.case(case, by=by))["next_actions"])


async def test_a_return_is_offered_in_its_window_and_once(api: Client) -> None:
    await api.set_clock("2025-03-03 09:00")
    disputed, late = await api.assigned(), await api.assigned()
    assert "dispute" in await offered(api, disputed)
    await api.ask(disputed, "dispute", by="head:T01", ground="not_my_duty", evidence=[])
    await api.ask(disputed, "rule", by="adjudicator", upheld=False)
    assert "dispute" not in await offered(api, disputed)
    await api.set_clock("2025-03-06 09:00")
    assert "dispute" not in await offered(api, late)
    body = {"ground": "not_my_duty", "evidence": []}
    refused(await api.post(f"/v1/cases/{late['id']}/dispute", body, by="head:T01"), 409, "too_late")


async def test_a_claim_is_given_up_by_whoever_has_it_and_taken_by_nobody_else(api: Client) -> None:
    case = await api.assigned()
    assert {"claim"} == {"claim", "release"} & await offered(api, case)
    await api.ask(case, "claim", by="head:T01", lease_s=600)
    assert {"claim", "release"} <= await offered(api, case)
    assert not {"claim", "release"} & await offered(api, case, by="officer:T01-LAND")


async def test_an_urgent_matter_is_not_offered_to_be_put_off(api: Client) -> None:
    putting_off = {"request-information", "request-suspension"}
    case = await api.assigned()
    assert putting_off <= await offered(api, case)
    urgent = await api.ask(case, "reclassify", by="dispatcher", grade="I", reason="gas")
    assert not putting_off & await offered(api, urgent)
    body = {"reason": "budget_cycle"}
    refused(await api.post(f"/v1/cases/{case['id']}/request-suspension", body, by="head:T01"), 409, "limit_reached")


async def test_what_nobody_asked_for_is_not_offered_for_decision(api: Client) -> None:
    case = await api.assigned()
    assert "decide-extension" not in await offered(api, case, by="adjudicator")
    await api.ask(case, "request-extension", by="clerk:T01", days=2, reason="snow", petitioner_told=True)
    assert "decide-extension" in await offered(api, case, by="adjudicator")
    assert "confirm-withdrawal" not in await offered(api, case, by="follow-up")
    await api.ask(case, "withdraw", by="citizen:1")
    assert "confirm-withdrawal" in await offered(api, case, by="follow-up")
    assert "withdraw" not in await offered(api, case, by="citizen:1")


async def test_nobody_is_offered_to_judge_his_own_work(api: Client) -> None:
    case = await api.report(confidentiality="sealed")
    await api.ask(case, "accept", by="dispatcher")
    await api.ask(case, "assign", by="dispatcher", unit="D-MASSWORK")
    assert (await api.post(f"/v1/track/{case['query_code']}/withdraw", {}, by="citizen:1")).status_code == 200
    assert "confirm-withdrawal" not in await offered(api, case, by="adjudicator")
    assert "confirm-withdrawal" in await offered(api, case, by="discipline")


async def test_what_was_closed_long_ago_is_not_offered_to_be_reopened(api: Client) -> None:
    await api.set_clock("2025-03-03 09:00")
    case = await api.assigned()
    await api.ask(case, "resolve", by="head:T01", outcome="solved", proof=[{"kind": "photo"}])
    await api.ask(case, "feedback", by="citizen:1", result="answered", solved=True)
    assert "reopen" in await offered(api, case, by="adjudicator")
    await api.set_clock("2025-04-02 23:59")
    assert "reopen" in await offered(api, case, by="adjudicator")
    await api.set_clock("2025-04-03 00:00")
    assert "reopen" not in await offered(api, case, by="adjudicator")
    assert "feedback" not in await offered(api, case, by="citizen:1")


async def test_a_refusal_says_what_may_be_asked_instead(api: Client) -> None:
    case = await api.assigned()
    path = f"/v1/cases/{case['id']}"
    again = refused(await api.post(f"{path}/accept", by="clerk:T01"), 409, "wrong_status")
    assert again["next_actions"] == (await api.case(case, by="clerk:T01"))["next_actions"] != []
    body = {"reason": "season", "plan": "after the rains", "review_by": "2025-04-01"}
    not_his = refused(await api.post(f"{path}/suspend", body, by="head:T01"), 403, "not_permitted")
    assert "request-suspension" in not_his["next_actions"]
    unread = refused(
        await api.post(f"{path}/disclose-identity", {"purpose": "call"}, by="citizen:1"), 403, "not_permitted"
    )
    assert "withdraw" in unread["next_actions"]
    behind = await api.post(f"{path}/start", by="head:T01", if_match='"1"')
    assert "start" in refused(behind, 412, "version_conflict")["next_actions"]
    assert "next_actions" not in refused(await api.post(f"{path}/accept", by="clerk:T02"), 404, "not_found")
