"""A webhook is its maker's: he is told what he may see himself, and only he changes it."""

from __future__ import annotations

import asyncio
from typing import Any

from api_tests.client import Client, done, new_key, refused
from api_tests.district import POSTS, organisation
from api_tests.pages.reading import signed_in
from api_tests.receiver import Receiver
from api_tests.webhooks.asking import asked, come, disabled, made, types, until


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


async def test_the_administrator_sees_on_a_page_whether_it_comes_through(api: Client, receiver: Receiver) -> None:
    receiver.answer = lambda _: 410
    hook = await made(api, receiver.url, description="the hotline's system")
    await signed_in(api, "admin")
    await api.report()
    assert await disabled(api, hook) == "gone"
    listed = (await api.http.get("/webhooks?lang=en")).text
    assert f'href="/webhooks/{hook["id"]}">the hotline&#39;s system</a>' in listed
    assert "the receiver wants no more" in listed
    shown = (await api.http.get(f"/webhooks/{hook['id']}?lang=en")).text
    assert "<code>case.reported</code>" in shown
    assert "410" in shown
