"""What happens is told to another system: signed, at least once, in order, and again after whatever went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from eventsourcing.persistence import Notification
from sqlalchemy import Connection

from api_tests.client import Client, done, refused
from api_tests.databases import SqliteFolder
from api_tests.inprocess import at_work, in_front_of, reopened
from api_tests.receiver import Receiver, Sent
from api_tests.server import Server
from api_tests.webhooks.asking import SOON, asked, come, disabled, made, states, types, until
from service.record.clock import BEGINNING
from service.webhooks import deliveries, described, hooks, rounds, sending
from service.webhooks.signing import shown, signed


def test_the_signature_is_the_one_that_the_standard_publishes() -> None:
    secret = bytes.fromhex("31f290f6bf06298aab4f08d43c3f082cf648a362da2da4b0")
    assert shown(secret) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [secret])
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_another_line_at_a_position_is_told_under_another_id() -> None:
    """A receiver drops what comes twice; after the log was restored, what was told there before is not what is there now."""
    was, restored = (
        Notification(id=41, originator_id="case:1", originator_version=1, topic="case.reported", state=state)
        for state in (b"{}", b"{ }")
    )
    ids = [deliveries.event("hook", line, BEGINNING).id for line in (was, was, restored)]
    assert ids[0] == ids[1] != ids[2]


async def test_what_happens_is_told_signed_and_in_order(api: Client, receiver: Receiver) -> None:
    await api.report(title="Before anybody asked")
    hook = await made(api, receiver.url, types=["case.reported", "case.accepted"])
    await api.assigned()
    sent = await come(receiver, 2)
    feed = (await api.get("/v1/events?limit=200&types=case.reported,case.accepted", "admin")).json()
    assert [one.event for one in sent] == feed[1:]
    assert all(one.signed_with(hook["secret"]) for one in sent)
    assert {one.headers["content-type"] for one in sent} == {"application/cloudevents+json"}
    shown = done(await api.get(f"/v1/webhooks/{hook['id']}", "admin"))
    assert "secret" not in shown
    assert hook["secret"] not in (await api.get("/v1/webhooks", "admin")).text
    again = await made(api, receiver.url, types=["case.reported"], after=0)
    sent = await come(receiver, 4)
    assert {one.event["id"] for one in sent[2:]} == {one["id"] for one in feed[:2]}, "one may begin at the beginning"
    assert again["position"] == 0


async def test_a_failure_that_nobody_expected_ends_no_telling(
    api: Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(api, receiver.url, types=["case.reported"])
    looked, failed = hooks.enabled, Event()

    def fails_once(db: Connection) -> dict[str, int]:
        if failed.is_set():
            return looked(db)
        failed.set()
        raise RuntimeError("nobody expected this")

    monkeypatch.setattr(hooks, "enabled", fails_once)
    await api.report(village="V0101")
    await come(receiver, 1)
    assert failed.is_set()


async def test_what_did_not_come_through_is_tried_again_under_its_id_and_holds_up_its_own_case_alone(
    api: Client, receiver: Receiver
) -> None:
    hook = await made(api, receiver.url, types=["case.reported", "case.accepted"])
    first = await api.report(village="V0101")
    await come(receiver, 1)
    receiver.answer = lambda sent: 500 if sent.event["subject"] == first["id"] and len(receiver.sent) < 4 else 200
    await api.ask(first, "accept", by="clerk:T01")
    await api.ask(first, "reclassify", by="clerk:T01", category="road", reason="it is about a road")
    second = await api.report(village="V0101")
    await states(api, hook, "delivered")
    tried = [one for one in receiver.sent if one.event["type"] == "case.accepted"]
    assert len(tried) > 1
    assert len({one.id for one in tried}) == 1
    assert all(one.signed_with(hook["secret"]) for one in tried)
    assert second["id"] in [one.event["subject"] for one in receiver.sent]
    [delivery] = await states(api, hook, "delivered")
    assert (delivery["id"], delivery["attempts"], delivery["last_status"]) == (tried[0].id, len(tried), 200)


async def test_the_events_of_a_case_come_in_their_order_whatever_fails(api: Client, receiver: Receiver) -> None:
    await made(api, receiver.url)
    receiver.answer = lambda _: 503 if len(receiver.sent) % 3 else 200
    case = await api.report(village="V0101")
    for verb, body in (("accept", {}), ("assign", {"unit": "T01"})):
        await api.ask(case, verb, by="clerk:T01", **body)
    await api.ask(case, "start", by="officer:T01-LAND")
    history = [event["type"] for event in await api.history(case)]

    def accepted(sent: list[Sent]) -> list[str]:
        mine = [one for number, one in enumerate(sent, 1) if not number % 3 and one.event["subject"] == case["id"]]
        return list(dict.fromkeys(types(mine)))

    await asyncio.to_thread(receiver.got, lambda sent: len(accepted(sent)) == len(set(history)))
    assert accepted(receiver.sent) == list(dict.fromkeys(history))


async def test_what_is_given_up_can_be_told_again(api: Client, receiver: Receiver) -> None:
    receiver.answer = lambda _: 500
    hook = await made(api, receiver.url, types=["case.reported"])
    await api.report()
    [failed] = await states(api, hook, "failed")
    assert failed["attempts"] == len(receiver.sent) == len(SOON) + 1
    receiver.answer = lambda _: 200
    again = await asked(api, hook, "redeliver", status=202, position=failed["position"])
    assert (again["id"], again["state"]) == (failed["id"], "waiting")
    await states(api, hook, "delivered")
    number = len(receiver.sent)
    await asked(api, hook, "redeliver", status=202, after=failed["position"] - 1)
    sent = await come(receiver, number + 1)
    assert {one.id for one in sent} == {failed["id"]}
    for body in ({}, {"position": 1, "after": 1}, {"after": 10**9}):
        refused(await api.post(f"/v1/webhooks/{hook['id']}/redeliver", body, by="admin"), 422, "invalid")
    nothing = await api.post(f"/v1/webhooks/{hook['id']}/redeliver", {"position": 10**9}, by="admin")
    refused(nothing, 404, "not_found")


async def test_a_test_is_sent_once_and_says_what_came_of_it(api: Client, receiver: Receiver) -> None:
    receiver.answer = lambda _: 302
    receiver.location = receiver.url
    hook = await made(api, receiver.url)
    delivery = await asked(api, hook, "test", status=202)
    [failed] = await states(api, hook, "failed")
    assert (failed["id"], failed["last_status"], failed["attempts"]) == (delivery["id"], 302, 1)
    [sent] = receiver.sent
    assert (sent.event["type"], sent.event["id"], sent.signed_with(hook["secret"])) == (
        "webhook.test",
        delivery["id"],
        True,
    )
    assert set(sent.event) == set(described.TESTED["required"])
    assert sent.headers.keys() >= {*described.SIGNED}


async def test_a_receiver_that_is_gone_or_fails_for_days_is_left_alone_until_it_is_enabled(
    api: Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = await made(api, receiver.url, types=["case.reported"])
    receiver.answer = lambda _: 410
    await api.report()
    assert await disabled(api, hook) == "gone"
    refused(await api.post(f"/v1/webhooks/{hook['id']}/test", {}, by="admin"), 409, "wrong_status")
    receiver.answer = lambda _: 200
    await api.report()
    await asked(api, hook, "enable")
    await states(api, hook, "delivered")
    await come(receiver, 3)
    assert len({one.event["subject"] for one in receiver.sent}) == 2, "nothing was passed over meanwhile"
    monkeypatch.setattr(rounds, "FAILING", timedelta(seconds=-1))
    receiver.answer = lambda _: 500
    await api.report()
    assert await disabled(api, hook) == "failing"


async def test_the_old_secret_is_valid_for_a_while(api: Client, receiver: Receiver) -> None:
    hook = await made(api, receiver.url)
    new = await asked(api, hook, "rotate-secret")
    await asked(api, hook, "test", status=202)
    [both] = await come(receiver, 1)
    assert both.signed_with(hook["secret"])
    assert both.signed_with(new["secret"])
    newest = await asked(api, hook, "rotate-secret", old_valid_s=0)
    await asked(api, hook, "test", status=202)
    one = (await come(receiver, 2))[1]
    assert one.signed_with(newest["secret"])
    assert not one.signed_with(new["secret"])


async def test_a_test_that_fails_says_nothing_against_a_receiver_and_an_event_that_fails_does(
    api: Client, receiver: Receiver
) -> None:
    receiver.answer = lambda _: 500
    hook = await made(api, receiver.url)
    await asked(api, hook, "test", status=202)
    await come(receiver, 1)
    await states(api, hook, "failed")
    at = f"/v1/webhooks/{hook['id']}"
    assert done(await api.get(at, by="admin"))["failing_since"] is None
    await api.report()
    await until(api, at, lambda one: one["failing_since"] is not None)


async def test_a_slow_receiver_holds_nobody_up(api: Client, receiver: Receiver) -> None:
    go_on = Event()
    with Receiver().at_work() as slow:
        slow.answer = lambda _: 200 if go_on.wait(10) else 500
        hook = await made(api, slow.url)
        await made(api, receiver.url)
        for number in range(30):
            await api.report(title=f"Case {number}")
        await come(receiver, 30)
        assert len(slow.sent) <= sending.AT_ONCE
        go_on.set()
        await asyncio.to_thread(slow.got, lambda sent: len({one.id for one in sent}) >= 30)
        await until(api, f"/v1/webhooks/{hook['id']}", lambda one: one["failing_since"] is None)


async def test_a_service_that_stops_waits_for_no_receiver_and_the_next_one_tells_him_again(
    database_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    go_on = Event()
    receiver.answer = lambda _: 200 if go_on.wait(10) else 500
    with at_work(database_url, tmp_path) as office:
        async with in_front_of(reopened(office)) as api:
            await made(api, receiver.url)
            await api.report()
        [first] = await come(receiver, 1)
        began = monotonic()
    assert monotonic() - began < sending.PATIENCE / 2
    go_on.set()
    with at_work(database_url, tmp_path):
        sent = await come(receiver, 2)
    assert (sent[1].id, sent[1].event) == (first.id, first.event)


async def test_killed_between_a_delivery_and_the_note_of_it_it_is_delivered_again(
    sqlite: SqliteFolder, serve: Callable[..., Server], receiver: Receiver
) -> None:
    go_on = Event()
    receiver.answer = lambda _: 200 if go_on.wait(10) else 500
    server = serve(sqlite.founded(), SANJI_CLOCK="manual")
    async with server.http() as http:
        api = Client(http)
        hook = await made(api, receiver.url, types=["case.reported"])
        cases = [(await api.report(title=f"Case {number}"))["id"] for number in range(10)]
        before = await come(receiver, 1)
        server.kill()
        go_on.set()
        await asyncio.to_thread(server.start)
        await asyncio.to_thread(receiver.got, lambda sent: {one.event["subject"] for one in sent} == set(cases))
        last = (await api.get("/readyz")).json()["position"]
        await until(api, f"/v1/webhooks/{hook['id']}", lambda one: one["position"] == last)
        assert before[0].id in [one.id for one in receiver.sent[len(before) :]]
        assert len({one.id for one in receiver.sent}) == len(cases)
        assert hook["secret"] not in server.logged()
        assert receiver.url not in server.logged()
