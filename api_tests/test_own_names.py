"""No page elsewhere, whose name comes to lead to this machine, is anybody here."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from api_tests.client import Client, done, refused
from api_tests.inprocess import in_front_of
from domain.org import Role
from service.app import create_app
from service.office import Office
from service.settings import Settings
from service.web.session import Ready

KEY = Ready(role=Role.ADMIN, chinese="管理员", english="administrator", key="sanji_invented")


@pytest.mark.parametrize(
    "host", ["rebound.example", "rebound.example:8000", "localhost.rebound.example", "127.0.0.1@x", ""]
)
async def test_where_anybody_may_be_anybody_another_name_than_this_machines_is_refused(
    standing_api: Client, host: str
) -> None:
    refused(await standing_api.get("/v1/me", "admin", host=host), 400, "malformed")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000"])
async def test_and_its_own_are_not(standing_api: Client, host: str) -> None:
    done(await standing_api.get("/v1/me", "admin", host=host))


@pytest.mark.parametrize(
    ("ready", "bound", "status"),
    [((KEY,), "127.0.0.1", 400), ((KEY,), "0.0.0.0", 200), ((), "127.0.0.1", 200)],
    ids=["the demonstration", "the demonstration shown to others", "behind a proxy"],
)
async def test_so_it_is_with_keys_at_hand(
    database_url: str, tmp_path: Path, ready: tuple[Ready, ...], bound: str, status: int
) -> None:
    settings = Settings(database_url=database_url, data_dir=tmp_path, auth="keys", clock="system", host=bound)
    with closing(Office(settings).open(background=False)) as office:
        async with in_front_of(create_app(office, ready=ready)) as client:
            answer = await client.http.get("/sign-in", headers={"Host": "sanji.example"})
    assert answer.status_code == status
