"""Of several processes one keeps the time; when it dies, another takes over, and each deadline lapses exactly once."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest

from api_tests.client import Client
from api_tests.district import Json, instant
from api_tests.inprocess import at_work
from api_tests.server import Server

INTAKE = timedelta(minutes=30)
"""Within this an urgent matter is taken on, by the policy that ships."""
SOON = [timedelta(seconds=2 + number / 10) for number in range(40)]
"""When the deadlines lie, as seen from the beginning: the leader dies in the middle of them."""
HANDED_OVER = timedelta(seconds=8)


async def test_when_the_leader_dies_every_deadline_lapses_once_and_in_due_order(
    database_url: str, serve: Callable[..., Server]
) -> None:
    leader = serve(database_url)
    follower = serve(database_url)
    async with follower.http() as http:
        api = Client(http)
        begun = datetime.now(UTC)
        cases = [
            await api.report(kind="emergency", grade="I", occurred_at=(begun + after - INTAKE).isoformat())
            for after in SOON
        ]
        await passed(begun + SOON[len(SOON) // 2])
        before = {case["id"] for case in cases if await lapses(api, case)}
        leader.kill()
        await passed(begun + SOON[-1])
        async with asyncio.timeout(HANDED_OVER.total_seconds()):
            while not await lapses(api, cases[-1]):
                await asyncio.sleep(0.2)
        await asyncio.sleep(1.5)
        lapsed = [await lapses(api, case) for case in cases]
    assert 0 < len(before) < len(cases), "the leader died in the middle of its work"
    assert [len(one) for one in lapsed] == [1] * len(cases), "each has lapsed, and none again"
    due = [begun + after for after in SOON]
    assert [instant(event["at"]) for [event] in lapsed] == due
    assert [event["position"] for [event] in lapsed] == sorted(event["position"] for [event] in lapsed)
    late = max(instant(event["recorded_at"]) - at for [event], at in zip(lapsed, due, strict=True))
    assert late < HANDED_OVER


def test_what_nobody_expected_ends_no_keeping(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_work(database_url, tmp_path, background=False) as office:
        tried: list[str] = []

        def sign() -> bool:
            tried.append("once more")
            raise KeyError(len(tried))

        monkeypatch.setattr(office.background, "_sign", sign)
        office.background.start()
        until = monotonic() + 10
        while len(tried) < 2 and monotonic() < until:
            office.recorded.ring()
            sleep(0.05)
        office.background.stop()
        assert len(tried) >= 2


async def passed(moment: datetime) -> None:
    await asyncio.sleep((moment - datetime.now(UTC)).total_seconds())


async def lapses(api: Client, case: Json) -> list[Json]:
    return [event for event in await api.history(case) if event["type"] == "case.supervised"]
