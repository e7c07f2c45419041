"""Whom a webhook may reach: nobody inside, unless the settings name his network, and only who his certificate says he is."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import update

from api_tests.client import Client, done, new_key
from api_tests.databases import Databases
from api_tests.district import Json, report
from api_tests.inprocess import in_front_of, reopened
from api_tests.receiver import Receiver, certified
from api_tests.webhooks.asking import types
from domain.org import Role
from service.office import Office
from service.settings import Settings
from service.sign_in.keys import make_key
from service.storage.tables import api_keys
from service.webhooks.reach import Reach
from service.webhooks.sending import Sender, trusted

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
        key = make_key(db, office.seals, Role.INTEGRATOR, office.clock.now())

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
        administrator = make_key(db, office.seals, Role.ADMIN, office.clock.now())
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
