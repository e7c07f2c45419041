"""By the code on his receipt, without sign-in, a citizen judges, answers and takes back: his own report and no other."""

import httpx

from api_tests.client import Client, done, new_key, refused
from api_tests.district import DONE, Json

WORDS = {"number", "status", "joined_status", "status_words", "reported_at", "updated_at"}
"""All that is ever told to somebody who only shows a code."""


async def by_code(api: Client, case: Json, verb: str, key: str | None = None, **body: object) -> httpx.Response:
    return await code_asks(api, case["query_code"], verb, key, **body)


async def code_asks(api: Client, code: str, verb: str, key: str | None = None, **body: object) -> httpx.Response:
    headers = {"Idempotency-Key": key or new_key()}
    return await api.send("POST", f"/v1/track/{code}/{verb}", by=None, body=body, headers=headers)


async def resolved(api: Client, by: str = "citizen:1", **fields: object) -> Json:
    case = await api.assigned(by, **fields)
    await api.ask(case, "resolve", by="head:T01", **DONE)
    return case


async def test_the_citizen_answers_an_information_request_by_code(standing_api: Client) -> None:
    case = await standing_api.assigned()
    await standing_api.ask(case, "request-information", by="head:T01", items=["the deed"], delivered="sms")
    told = done(await by_code(standing_api, case, "answer", note="It is in the post."))
    assert told.keys() == WORDS
    assert (told["number"], told["status"]) == (case["number"], "in_progress")
    last = (await standing_api.history(case))[-1]
    assert (last["type"], last["by"]) == ("case.information_provided", "citizen:1")
    assert last["data"]["note"] == "It is in the post."


async def test_a_citizen_who_is_content_closes_the_case_by_code(standing_api: Client) -> None:
    case = await resolved(standing_api)
    answer = await by_code(standing_api, case, "feedback", solved=True, satisfaction="satisfied", comment="Thank you.")
    assert done(answer)["status"] == "closed"
    assert answer.headers["etag"] == f'"{(await standing_api.case(case))["version"]}"'
    assert answer.headers["sanji-position"]


async def test_a_citizen_who_is_not_content_reopens_the_case_by_code(standing_api: Client) -> None:
    case = await resolved(standing_api)
    told = done(await by_code(standing_api, case, "feedback", solved=False, satisfaction="dissatisfied"))
    assert told.keys() == WORDS
    assert told["status"] == "assigned"
    assert (await standing_api.case(case))["reopen_count"] == 1


async def test_a_citizen_withdraws_by_code_and_the_follow_up_centre_confirms(standing_api: Client) -> None:
    case = await standing_api.assigned()
    assert done(await by_code(standing_api, case, "withdraw", reason="It works again."))["status"] == "assigned"
    assert (await standing_api.ask(case, "confirm-withdrawal", by="follow-up", confirmed=True))["status"] == "withdrawn"


async def test_a_merged_reporters_code_answers_for_the_primary_and_judges_it_for_himself_alone(
    standing_api: Client,
) -> None:
    first = await standing_api.assigned("citizen:1")
    second = await standing_api.report(by="citizen:2", village="V0101")
    await standing_api.ask(second, "merge", by="clerk:T01", into=first["id"], basis="same_matter_other_person")
    await standing_api.ask(first, "request-information", by="head:T01", items=["the deed"], delivered="sms")
    done(await by_code(standing_api, second, "answer", note="It is in the post."))
    await standing_api.ask(first, "resolve", by="head:T01", **DONE)

    told = done(await by_code(standing_api, second, "feedback", solved=True))
    assert (told["number"], told["status"], told["joined_status"]) == (second["number"], "merged", "resolved")
    primary = await standing_api.case(first)
    assert primary["status"] == "resolved", "the other reporter has not answered yet"
    assert {one["id"]: one["answered"] for one in primary["reporters"]} == {"citizen:1": False, "citizen:2": True}

    assert done(await by_code(standing_api, first, "feedback", solved=True))["status"] == "closed"
    seen = await standing_api.send(
        "GET", f"/v1/track/{second['query_code']}", by=None, headers={"Accept-Language": "en"}
    )
    assert done(seen)["status_words"] == "joined with an earlier report of the same matter: closed"


async def test_the_code_of_one_case_never_touches_another_of_the_same_citizen(standing_api: Client) -> None:
    mine, other = await resolved(standing_api), await resolved(standing_api, title="The lamp is dark")
    before = await standing_api.history(other)
    done(await by_code(standing_api, mine, "feedback", solved=True))
    assert await standing_api.history(other) == before


async def test_who_reported_under_seal_acts_by_code_without_a_name(standing_api: Client) -> None:
    case = await standing_api.report(by="citizen:1", kind="request", confidentiality="anonymous")
    assert done(await by_code(standing_api, case, "withdraw"))["status"] == "reported"
    last = (await standing_api.history(case))[-1]
    assert last["type"] == "case.withdrawal_requested"
    assert "citizen:1" not in str(last)


async def test_whose_report_a_cadre_wrote_down_judges_by_the_code_on_his_receipt(standing_api: Client) -> None:
    case = await resolved(standing_api, "cadre:V0101", petitioner={"name": "A villager", "phone": "13900000000"})
    assert done(await by_code(standing_api, case, "feedback", solved=True))["status"] == "closed"


async def test_a_wrong_code_looks_the_same_whatever_is_asked(standing_api: Client) -> None:
    wrong = "AAAA-BBBB-CCCC"
    seen = refused(await standing_api.send("GET", f"/v1/track/{wrong}", by=None), 404, "not_found")
    for asked in (
        code_asks(standing_api, wrong, "feedback", solved=True),
        code_asks(standing_api, wrong, "answer"),
        code_asks(standing_api, wrong, "withdraw"),
    ):
        problem = refused(await asked, 404, "not_found")
        assert {**problem, "request_id": ""} == {**seen, "request_id": ""}


async def test_a_write_by_code_needs_a_key_and_happens_once_under_it(standing_api: Client) -> None:
    case = await standing_api.assigned()
    keyless = await standing_api.send("POST", f"/v1/track/{case['query_code']}/withdraw", by=None, body={})
    refused(keyless, 400, "idempotency_key_missing")
    first = await by_code(standing_api, case, "withdraw", "once", reason="no")
    again = await code_asks(standing_api, case["query_code"].lower().replace("-", ""), "withdraw", "once", reason="no")
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true", "however the code is spelt"
    assert again.content == first.content
    refused(await by_code(standing_api, case, "withdraw", "once", reason="yes"), 422, "idempotency_key_reused")


async def test_what_a_citizen_writes_by_code_is_as_long_as_anybody_may_write(standing_api: Client) -> None:
    case = await resolved(standing_api)
    refused(await by_code(standing_api, case, "feedback", solved=True, comment="x" * 4001), 422, "invalid")
    refused(await by_code(standing_api, case, "answer", note="x" * 2001), 422, "invalid")
    refused(await by_code(standing_api, case, "withdraw", reason="x" * 2001), 422, "invalid")
    refused(await by_code(standing_api, case, "feedback", solved=True, result="no_answer"), 422, "invalid")


async def test_a_version_conflict_tells_the_holder_of_a_code_nothing_of_what_happened(standing_api: Client) -> None:
    case = await standing_api.assigned()
    headers = {"Idempotency-Key": new_key(), "If-Match": '"1"'}
    answer = await standing_api.send(
        "POST", f"/v1/track/{case['query_code']}/withdraw", by=None, body={}, headers=headers
    )
    assert "events" not in refused(answer, 412, "version_conflict")
