"""The same key asks for the same thing: it is done once, and answered the same way for ever."""

import asyncio

import httpx
import pytest

from api_tests.client import Client, done, new_key, refused
from api_tests.district import DONE, SOLVED, report
from api_tests.inprocess import at_work, in_front_of
from service.app import create_app
from service.office import Office

pytestmark = pytest.mark.both


async def test_a_report_sent_again_is_answered_byte_for_byte_with_its_query_code(standing_api: Client) -> None:
    key, body = new_key(), report(village="V0101", description="No water since yesterday.")
    first = await standing_api.post("/v1/cases", body, by="citizen:1", key=key)
    again = await standing_api.post("/v1/cases", body, by="citizen:1", key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert first.json()["query_code"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert [again.headers[name] for name in ("etag", "sanji-position")] == [
        first.headers[name] for name in ("etag", "sanji-position")
    ]


async def test_a_command_sent_again_is_answered_as_things_stood_then(api: Client) -> None:
    key = new_key()
    await api.set_clock("2025-03-03 09:00")
    case = await api.report(village="V0101")
    address = f"/v1/cases/{case['id']}"
    await api.ask(case, "accept", by="clerk:T01")
    first = await api.post(f"{address}/assign", {"unit": "T01"}, by="clerk:T01", key=key)
    await api.set_clock("2025-03-04 15:00")
    await api.ask(case, "contact", by="head:T01", outcome="reached")
    await api.ask(case, "resolve", by="head:T01", **DONE)
    await api.ask(case, "feedback", by="follow-up", **SOLVED)
    again = await api.post(f"{address}/assign", {"unit": "T01"}, by="clerk:T01", key=key)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.content == first.content
    assert (await api.case(case))["status"] == "closed"


async def test_a_replayed_report_knows_no_duplicates_but_those_of_then(standing_api: Client) -> None:
    key, body = new_key(), report(title="The bridge at the mill is down", village="V0102")
    elder = await standing_api.post("/v1/cases", body, by="clerk:T01")
    await standing_api.get("/v1/cases", sanji_min_position=elder.headers["sanji-position"])
    first = await standing_api.post("/v1/cases", body, by="clerk:T01", key=key)
    await standing_api.report(by="clerk:T01", **body)
    again = await standing_api.post("/v1/cases", body, by="clerk:T01", key=key)
    assert [one["id"] for one in first.json()["possible_duplicates"]] == [elder.json()["id"]]
    asked = await standing_api.get("/v1/possible-duplicates?title=pipe&village=V0101", "clerk:T01")
    assert int(asked.headers["sanji-position"]) >= int(elder.headers["sanji-position"])
    assert again.content == first.content


async def test_a_replayed_report_names_what_it_named_whatever_has_become_of_it(api: Client) -> None:
    await api.set_clock("2025-03-03 09:00")
    key, body = new_key(), report(title="The bridge at the mill is down", village="V0101")
    elder = await api.report(by="clerk:T01", **body)
    await api.set_clock("2025-03-03 09:00")  # the views catch up
    first = await api.post("/v1/cases", body, by="clerk:T01", key=key)
    assert [one["id"] for one in first.json()["possible_duplicates"]] == [elder["id"]]
    merged = await api.post(
        f"/v1/cases/{elder['id']}/merge",
        {"into": first.json()["id"], "basis": "same_person_same_matter"},
        by="dispatcher",
    )
    younger = await api.report(by="clerk:T01", **body)
    await api.ask(younger, "note", by="clerk:T01", text="seen")
    await api.get("/v1/cases", sanji_min_position=merged.headers["sanji-position"])
    again = await api.post("/v1/cases", body, by="clerk:T01", key=key)
    assert again.content == first.content


async def test_several_events_of_one_command_are_replayed_together(standing_api: Client) -> None:
    key, case = new_key(), await standing_api.report(village="V0101")
    await standing_api.ask(case, "accept", by="clerk:T01")
    await standing_api.ask(case, "assign", by="clerk:T01", unit="T01")
    await standing_api.ask(case, "resolve", by="head:T01", **DONE)
    address = f"/v1/cases/{case['id']}/feedback"
    first = await standing_api.post(address, SOLVED, by="follow-up", key=key)
    again = await standing_api.post(address, SOLVED, by="follow-up", key=key)
    assert [event["type"] for event in first.json()["events"]] == ["case.feedback_recorded", "case.closed"]
    assert again.content == first.content
    assert again.headers["sanji-position"] == first.headers["sanji-position"]


async def test_the_order_of_fields_and_the_white_space_do_not_make_another_body(standing_api: Client) -> None:
    key = new_key()
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    texts = ('{"title": "A pipe", "kind": "request"}', '{ "kind":"request",\n"title":"A pipe" }')
    first, again = [
        await standing_api.send("POST", "/v1/cases", by="citizen:1", headers=headers, content=text) for text in texts
    ]
    assert again.content == first.content


async def test_the_same_key_with_another_body_or_at_another_address_is_refused(
    standing_api: Client, standing_office: Office
) -> None:
    key, case = new_key(), await standing_api.report(village="V0101")
    address = f"/v1/cases/{case['id']}"
    done(await standing_api.post(f"{address}/accept", {"grade": "II"}, by="clerk:T01", key=key))
    last = standing_office.recorder.max_notification_id()
    for path, body in ((f"{address}/accept", {"grade": "III"}), (f"{address}/assign", {"unit": "T01"})):
        refused(await standing_api.post(path, body, by="clerk:T01", key=key), 422, "idempotency_key_reused")
    refused(await standing_api.post("/v1/cases", report(), by="clerk:T01", key=key), 422, "idempotency_key_reused")
    assert standing_office.recorder.max_notification_id() == last


async def test_a_write_without_a_key_is_refused(standing_api: Client) -> None:
    refused(await standing_api.send("POST", "/v1/cases", by="citizen:1", body=report()), 400, "idempotency_key_missing")


@pytest.mark.parametrize("key", ["a" * 256, "two words", "键", "tab\tkey"])
async def test_a_key_that_is_not_visible_ascii_of_at_most_255_characters_is_refused(
    standing_api: Client, key: str
) -> None:
    headers = httpx.Headers({"Authorization": "Bearer dev:citizen:1", "Idempotency-Key": key}, encoding="utf-8")
    refused(await standing_api.http.post("/v1/cases", json=report(), headers=headers), 400, "malformed")


async def test_the_key_of_another_person_is_another_key(standing_api: Client) -> None:
    key = new_key()
    one, other = [await standing_api.post("/v1/cases", report(), by=f"citizen:{who}", key=key) for who in (1, 2)]
    assert (one.status_code, other.status_code) == (201, 201)
    assert one.json()["id"] != other.json()["id"]
    assert "idempotency-replayed" not in other.headers


async def test_the_same_request_many_times_at_once_is_one_command(
    standing_api: Client, standing_office: Office
) -> None:
    key, before = new_key(), standing_office.recorder.max_notification_id() or 0
    body = report(title="All at once")
    answers = await asyncio.gather(*(standing_api.post("/v1/cases", body, by="citizen:1", key=key) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert standing_office.recorder.max_notification_id() == before + 1


async def test_the_same_request_at_once_at_two_processes_is_one_command(
    standing_api: Client, standing_office: Office
) -> None:
    address, folder = standing_office.settings.database, standing_office.settings.data_dir
    with at_work(address, folder, background=False) as other:
        async with in_front_of(create_app(other)) as elsewhere:
            for turn in range(10):
                key, before = new_key(), standing_office.recorder.max_notification_id() or 0
                body = report(title=f"Turn {turn}")
                answers = await asyncio.gather(
                    *(office.post("/v1/cases", body, by="citizen:1", key=key) for office in (standing_api, elsewhere))
                )
                assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
                assert len({answer.content for answer in answers}) == 1
                assert standing_office.recorder.max_notification_id() == before + 1


async def test_a_refused_command_leaves_nothing_under_its_key_and_may_succeed_later(
    standing_api: Client, standing_office: Office
) -> None:
    key, case = new_key(), await standing_api.report(village="V0101")
    last = standing_office.recorder.max_notification_id()
    address = f"/v1/cases/{case['id']}/assign"
    for _ in range(2):
        too_early = await standing_api.post(address, {"unit": "T01"}, by="clerk:T01", key=key)
        refused(too_early, 409, "wrong_status")
    assert standing_office.recorder.max_notification_id() == last
    await standing_api.ask(case, "accept", by="clerk:T01")
    now = await standing_api.post(address, {"unit": "T01"}, by="clerk:T01", key=key)
    assert done(now)["status"] == "assigned"
    assert "idempotency-replayed" not in now.headers


async def test_a_key_used_for_a_refused_body_may_carry_another_one(standing_api: Client) -> None:
    key = new_key()
    refused(
        await standing_api.post("/v1/cases", {"title": "", "kind": "request"}, by="citizen:1", key=key), 422, "invalid"
    )
    done(await standing_api.post("/v1/cases", report(), by="citizen:1", key=key), 201)


async def test_a_command_that_changes_nothing_any_more_is_still_known_by_its_key(standing_api: Client) -> None:
    key, case = new_key(), await standing_api.report(village="V0101")
    address = f"/v1/cases/{case['id']}/accept"
    first = done(await standing_api.post(address, by="clerk:T01", key=key))
    await asyncio.gather(*(standing_api.ask(case, "note", by="clerk:T01", text=f"note {n}") for n in range(3)))
    again = await standing_api.post(address, by="clerk:T01", key=key)
    assert done(again) == first
    refused(await standing_api.post(address, by="clerk:T01"), 409, "wrong_status")
