"""kill -9 under a load of reports: every acknowledged report exists, exactly once."""

import asyncio
import random
from collections.abc import Callable

import pytest

from api_tests.client import Client, done
from api_tests.load import Crowd, faults, recorded
from api_tests.server import Server

pytestmark = pytest.mark.both


async def killed(server: Server, crowd: Crowd, kills: int) -> None:
    """Kill the server again and again while they report."""
    chance = random.Random(kills)
    async with asyncio.TaskGroup() as going_on:
        going_on.create_task(crowd.until_enough())
        for _ in range(kills):
            await asyncio.sleep(chance.uniform(0.2, 0.8))
            server.kill()
            await asyncio.to_thread(server.start)
        await asyncio.sleep(0.5)
        crowd.enough()


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.soak)])
async def test_every_acknowledged_report_exists_exactly_once_however_often_the_service_is_killed(
    database_url: str, serve: Callable[..., Server], kills: int
) -> None:
    server = serve(database_url)
    crowd = Crowd([server.url])
    await killed(server, crowd, kills)
    found = recorded(database_url)
    assert len(found) > 10 * kills, "there was a load"
    assert not faults(crowd.acknowledged, found)
    await all_seen(server, found)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_with_a_fresh_key_for_every_retry_reports_would_be_there_twice(
    database_url: str, serve: Callable[..., Server]
) -> None:
    """The control: the same load, without what makes it safe."""
    server = serve(database_url)
    crowd = Crowd([server.url], fresh_keys=True)
    await killed(server, crowd, 1)
    assert faults(crowd.acknowledged, recorded(database_url)).keys() == {"twice"}


async def all_seen(server: Server, found: dict[str, list[str]]) -> None:
    """The views have come up to the log by themselves, and have every case once."""
    async with server.http() as http:
        api, listed = Client(http), list[str]()
        cursor: str | None = ""
        last = str((await http.get("/readyz")).json()["position"])
        while cursor is not None:
            page = done(await api.seen(f"/v1/cases?limit=200{cursor and '&cursor=' + cursor}", last))
            listed += [one["id"] for one in page["items"]]
            cursor = page["next"]
        assert (await http.get("/readyz")).json()["ready"] is True
    assert sorted(listed) == sorted(case for cases in found.values() for case in cases)
