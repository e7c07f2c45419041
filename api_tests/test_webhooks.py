"""Webhooks: another system is told what happened, signed, at least once and in order, and only what its maker may see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import update

from api_tests.client import Client, done, new_key, refused
from api_tests.databases import Databases, SqliteFolder
from api_tests.district import POSTS, Json, organisation, report
from api_tests.inprocess import at_work, in_front_of, reopened
from api_tests.receiver import Receiver, Sent, certified
from api_tests.server import Server
from domain.org import Role
from service.office import Office
from service.settings import Settings
from service.sign_in.keys import make_key
from service.storage.tables import api_keys
from service.webhooks import courier, deliveries, rounds, sending
from service.webhooks.reach import Reach
from service.webhooks.sending import Sender, trusted
from service.webhooks.signing import shown, signed

SOON = (0.03,) * 3
"""Seconds between attempts, where a test waits for them."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver().at_work() as receiver:
        yield receiver


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "BETWEEN", 0.02)
    monkeypatch.setattr(deliveries, "WAITS", SOON)


async def made(api: Client, url: str, by: str = "admin", **more: Any) -> Json:
    return done(await api.post("/v1/webhooks", {"url": url, **more}, by=by), 201)


async def asked(api: Client, hook: Json, verb: str, by: str = "admin", status: int = 200, **body: Any) -> Json:
    return done(await api.post(f"/v1/webhooks/{hook['id']}/{verb}", body, by=by), status)


async def come(receiver: Receiver, number: int) -> list[Sent]:
    """What has been sent, once it is so much."""
    return await asyncio.to_thread(receiver.got, lambda sent: len(sent) >= number)


async def until(api: Client, path: str, wanted: Callable[[Json], bool], by: str = "admin") -> Json:
    async with asyncio.timeout(10):
        while not wanted(found := done(await api.get(path, by))):
            await asyncio.sleep(0.02)
    return found


async def states(api: Client, hook: Json, *wanted: str) -> list[Json]:
    """Its deliveries, oldest first, once they stand like this."""
    path = f"/v1/webhooks/{hook['id']}/deliveries"
    found = await until(api, path, lambda page: [one["state"] for one in page["items"]][::-1] == list(wanted))
    return list(found["items"])[::-1]


async def disabled(api: Client, hook: Json, by: str = "admin") -> str:
    """Why it is disabled, once it is."""
    found = await until(api, f"/v1/webhooks/{hook['id']}", lambda one: one["state"] == "disabled", by)
    return str(found["disabled_because"])


def types(sent: list[Sent]) -> list[str]:
    return [one.event["type"] for one in sent]


def test_the_signature_is_the_one_that_the_standard_publishes() -> None:
    secret = bytes.fromhex("31f290f6bf06298aab4f08d43c3f082cf648a362da2da4b0")
    assert shown(secret) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [secret])
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_what_happens_is_told_signed_and_in_order(api: Client, receiver: Receiver) -> None:
    await api.report(title="Before anybody asked")
    hook = await made(api, receiver.url, types=["case.reported", "case.accepted"])
    case = await api.report(village="V0101")
    await api.ask(case, "accept", by="clerk:T01")
    await api.ask(case, "assign", by="clerk:T01", unit="T01")
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


async def test_what_its_maker_may_not_see_is_not_told(api: Client, receiver: Receiver) -> None:
    """Judged anew at every attempt: what has waited since he could see it is not told either."""
    posts = (*POSTS, ("portal", "V0201", "integrator"))
    done(await api.send("PUT", "/v1/org", by="admin", body=organisation(posts=posts)))
    hook = await made(api, receiver.url, by="portal")
    mine = await api.report(by="portal", kind="complaint")
    hidden = await api.report(by="citizen:1")
    sent = await come(receiver, 1)
    receiver.answer = lambda _: 500
    await api.ask(mine, "accept", by="dispatcher")
    path = f"/v1/webhooks/{hook['id']}/deliveries"
    await until(api, path, lambda page: len(page["items"]) > 0, by="portal")
    await api.ask(mine, "add-subject", by="dispatcher", official="portal")
    refused(await api.get(f"/v1/cases/{mine['id']}", "portal"), 404, "not_found")
    await until(api, path, lambda page: page["items"] == [], by="portal")
    receiver.answer = lambda _: 200
    told = await api.report(by="portal")
    await asyncio.to_thread(receiver.got, lambda sent: sent[-1].event["subject"] == told["id"])
    assert hidden["id"] not in {one.event["subject"] for one in receiver.sent}
    assert "case.subject_added" not in types(receiver.sent)
    assert sent[0].event["subject"] == mine["id"]


async def test_a_webhook_is_its_makers_and_the_administrator_may_only_end_it(api: Client, receiver: Receiver) -> None:
    posts = (*POSTS, ("portal", "V0201", "integrator"), ("other", "V0201", "integrator"))
    done(await api.send("PUT", "/v1/org", by="admin", body=organisation(posts=posts)))
    hook = await made(api, receiver.url, by="portal", description="ours")
    path = f"/v1/webhooks/{hook['id']}"
    refused(await api.post("/v1/webhooks", {"url": receiver.url}, by="clerk:T01"), 403, "not_permitted")
    refused(await api.get("/v1/webhooks", "auditor"), 403, "not_permitted")
    for method, at in (("GET", path), ("GET", f"{path}/deliveries"), ("DELETE", path)):
        refused(await api.send(method, at, by="other"), 404, "not_found")
    refused(await api.post(f"{path}/rotate-secret", {}, by="other"), 404, "not_found")
    assert done(await api.get("/v1/webhooks", "other"))["items"] == []
    for verb in ("enable", "rotate-secret", "test"):
        refused(await api.post(f"{path}/{verb}", {}, by="admin"), 403, "not_permitted")
    body = {"url": receiver.url}
    refused(await api.send("PUT", path, by="admin", body=body), 403, "not_permitted")
    changed = done(await api.send("PUT", path, by="portal", body={**body, "types": ["case.closed"]}))
    assert (changed["types"], changed["description"]) == (["case.closed"], "")
    assert [one["id"] for one in done(await api.get("/v1/webhooks", "admin"))["items"]] == [hook["id"]]
    assert (await asked(api, hook, "disable"))["disabled_because"] == "asked"
    assert (await api.send("DELETE", path, by="admin")).status_code == 204
    refused(await api.get(path, "portal"), 404, "not_found")


async def test_asked_again_it_is_answered_as_it_was_with_the_secret(api: Client, receiver: Receiver) -> None:
    key, body = new_key(), {"url": receiver.url, "types": ["case.closed"]}
    first, again = [await api.post("/v1/webhooks", body, by="admin", key=key) for _ in range(2)]
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert len(done(await api.get("/v1/webhooks", "admin"))["items"]) == 1
    refused(await api.post("/v1/webhooks", {"url": receiver.url}, by="admin", key=key), 422, "idempotency_key_reused")
    hook = first.json()
    rotated = [await api.post(f"/v1/webhooks/{hook['id']}/rotate-secret", {}, by="admin", key="once") for _ in range(2)]
    assert rotated[0].content == rotated[1].content


WRONG: dict[str, Any] = {
    "url": [
        *("", "x", "ftp://example.org/", "http://example.org/", "https://a:b@example.org/", "https://example.org/#x"),
        *("https://10.0.0.1/", "https://[::ffff:10.1.2.3]/", "https://[fe80::1]/", "https://169.254.169.254/"),
        *("https:///", "https://exa mple/", "https://[::1", 7, None, "https://example.org/" + "x" * 2000),
        *("https://xn--/", "https://example.org:0/", "https://example.org:99999/"),
    ],
    "types": [[], ["case.no_such_thing"], "case.closed", [None]],
    "description": ["x" * 501, None],
    "after": [-1, 10**9, "now"],
    "secret": ["whsec_x"],
}


async def test_what_makes_no_sense_is_refused(standing_api: Client) -> None:
    for field, values in WRONG.items():
        for value in values:
            body = {"url": "https://example.org/hook", field: value}
            refused(await standing_api.post("/v1/webhooks", body, by="admin"), 422, "invalid")
    assert done(await standing_api.get("/v1/webhooks", "admin"))["items"] == []


INSIDE = ("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1")
BY_ANOTHER_NAME = (
    *("::1", "fd00::1", "fe80::1", "fec0::1", "ff02::1", "::ffff:10.1.2.3"),
    *("2002:a01:203::1", "64:ff9b::a01:203", "64:ff9b:1::a01:203", "::a01:203"),
)


def test_only_named_networks_inside_can_be_reached() -> None:
    networks = Settings(webhook_networks="10.1.0.0/16, fd00::/8", host="127.0.0.1").reachable
    closed, named = Reach(()), Reach(networks)
    for address in (*INSIDE, *BY_ANOTHER_NAME):
        assert not closed.allows(ip_address(address)), address
    assert [one for one in (*INSIDE, *BY_ANOTHER_NAME) if named.allows(ip_address(one))] == ["10.1.2.3", "fd00::1"]
    for address in ("1.1.1.1", "2606:4700::1111", "64:ff9b::101:101"):
        assert closed.allows(ip_address(address)), address
    with pytest.raises(ValidationError, match="network"):
        Settings(webhook_networks="10.1.0.0/99")


async def test_a_name_that_leads_inside_is_not_followed_and_a_revoked_key_tells_nothing(
    databases: Databases, tmp_path: Path, receiver: Receiver
) -> None:
    """As in production: with keys, and nobody inside may be reached unless the settings name his network."""
    url = databases.founded()
    settings = {"database_url": url, "data_dir": tmp_path, "clock": "system", "auth": "keys"}
    name = receiver.url.replace("127.0.0.1", "localhost")
    for networks, to, comes in (("", name.replace("http:", "https:"), False), ("127.0.0.0/8,::1/128", name, True)):
        office = Office(Settings.model_validate({**settings, "webhook_networks": networks})).open()
        try:
            async with in_front_of(reopened(office)) as http:
                await keyed(http, office, to, comes)
        finally:
            office.close()
    assert types(receiver.sent) == ["webhook.test"]


async def keyed(api: Client, office: Office, url: str, comes: bool) -> None:
    with office.engine.begin() as db:
        key = make_key(db, Role.INTEGRATOR, office.clock.now())

    async def ask(method: str, path: str, body: Json | None = None) -> Any:
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": new_key()}
        return await api.send(method, path, by=None, body=body, headers=headers)

    hook = done(await ask("POST", "/v1/webhooks", {"url": url}), 201)
    path = f"/v1/webhooks/{hook['id']}"
    done(await ask("POST", f"{path}/test", {}), 202)
    async with asyncio.timeout(10):
        while not (items := done(await ask("GET", f"{path}/deliveries"))["items"]) or items[0]["state"] == "waiting":
            await asyncio.sleep(0.02)
    expected = ("delivered", 204, None) if comes else ("failed", None, "address_not_allowed")
    assert tuple(items[0][name] for name in ("state", "last_status", "last_error")) == expected
    with office.engine.begin() as db:
        db.execute(update(api_keys).values(revoked_at=office.clock.now()))
        administrator = make_key(db, Role.ADMIN, office.clock.now())
    key = administrator
    done(await ask("POST", "/v1/cases", report()), 201)
    async with asyncio.timeout(10):
        while done(await ask("GET", path))["disabled_because"] != "not_permitted":
            await asyncio.sleep(0.02)
    assert (await ask("DELETE", path)).status_code == 204


async def test_who_receives_is_who_the_address_names_though_its_number_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named: list[str] = []
    for name in ("localhost", "elsewhere.example"):
        shows = certified(name, tmp_path)
        shows.sni_callback = lambda _socket, name, _context: named.append(name)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / f"{name}.pem"))
        with Receiver(shows).at_work() as receiver:
            sender = Sender(receiver.url, Reach([ip_network("127.0.0.0/8"), ip_network("::1/128")]), trusted())
            answers = [await sender.send({"webhook-id": "1"}, b"{}") for _ in range(2)]
            await sender.close()
        if name == "localhost":
            assert [(one.status, one.error) for one in answers] == [(204, None)] * 2
            assert {one.headers["host"] for one in receiver.sent} == {receiver.url.split("/")[2]}
        else:
            assert {one.error for one in answers} == {"tls"}
            assert not receiver.sent
    assert set(named) == {"localhost"}


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
        last = done(await api.get("/readyz"))["position"]
        await until(api, f"/v1/webhooks/{hook['id']}", lambda one: one["position"] == last)
        assert before[0].id in [one.id for one in receiver.sent[len(before) :]]
        assert len({one.id for one in receiver.sent}) == len(cases)
        assert hook["secret"] not in server.logged()
        assert receiver.url not in server.logged()
