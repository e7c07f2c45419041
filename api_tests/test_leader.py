"""Of several processes one keeps the time; when it dies, another takes over, and each deadline lapses exactly once."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from errno import EMFILE
from pathlib import Path
from time import monotonic, sleep
from types import SimpleNamespace

import pytest
from sqlalchemy import update

from api_tests.client import Client
from api_tests.district import Json, instant, report
from api_tests.inprocess import at_work, in_front_of, reopened
from api_tests.server import PATIENCE, Server
from domain.decider import SYSTEM
from domain.rules.calendars import PublishCalendar
from domain.streams import CALENDARS
from projections.following.schema import progress
from service import keeper
from service.keeping.background import Stopping
from service.keeping.leadership import leadership
from service.record.orders import Order
from service.settings import Settings
from service.storage.database import writing
from service.storage.sqlite import VIEWS

pytestmark = pytest.mark.both

INTAKE = timedelta(minutes=30)
"""Within this an urgent matter is taken on, by the policy that ships."""
NEW_YEAR = PublishCalendar(region="cn", year=2031, holidays=(date(2031, 1, 1),), makeup_workdays=())
LAPSED = "case.supervised"
SOON = [timedelta(seconds=2 + number / 10) for number in range(40)]
"""When the deadlines lie, as seen from the beginning: the leader dies in the middle of them."""
HANDED_OVER = timedelta(seconds=15)
"""Within this another takes over, on a slow and busy machine; elsewhere within two."""


async def test_when_the_leader_dies_every_deadline_lapses_once_and_in_due_order(
    database_url: str, serve: Callable[..., Server]
) -> None:
    leader = serve(database_url)
    await leads(leader)
    follower = serve(database_url)
    async with follower.http() as http:
        api = Client(http)
        begun = datetime.now(UTC)
        cases = [
            await api.report(kind="emergency", grade="I", occurred_at=(begun + after - INTAKE).isoformat())
            for after in SOON
        ]
        async with asyncio.timeout(PATIENCE):
            while not (before := len(await lapsed(api))):
                await asyncio.sleep(0.05)
            leader.kill()
            while len(await lapsed(api)) < len(cases):
                await asyncio.sleep(0.2)
        await asyncio.sleep(1.5)
        lapses = [[one for one in await api.history(case) if one["type"] == LAPSED] for case in cases]
    assert before < len(cases), "the leader died in the middle of its work"
    assert [len(one) for one in lapses] == [1] * len(cases), "each has lapsed, and none again"
    due = [begun + after for after in SOON]
    assert [instant(event["at"]) for [event] in lapses] == due
    assert [event["position"] for [event] in lapses] == sorted(event["position"] for [event] in lapses)
    late = max(instant(event["recorded_at"]) - at for [event], at in zip(lapses, due, strict=True))
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


def test_deadlines_lapse_though_views_that_changed_cannot_be_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_work(f"sqlite:///{tmp_path / 'sanji.db'}", tmp_path, background=False) as office:
        settled: list[datetime] = []

        def full(_meanwhile: object) -> None:
            raise OSError("no space left on the disk")

        monkeypatch.setattr(office.background, "settle", settled.append)
        monkeypatch.setattr(office.background, "_renewal", SimpleNamespace(renew=full))
        office.background.start()
        assert within(10, lambda: bool(settled))
        office.background.stop()


def test_a_machine_without_room_for_a_keeper_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def full() -> None:
        asked.append("for a pipe")
        raise OSError(EMFILE, "Too many open files")

    monkeypatch.setattr(keeper, "PATIENCE", 0.01)
    monkeypatch.setattr(keeper, "PROCESSES", SimpleNamespace(Pipe=full))
    with keeper.keeping(Settings(data_dir=tmp_path, clock="system")):
        assert within(10, lambda: len(asked) > 1)


def test_who_is_superseded_lets_a_newer_service_lead_and_does_not_come_back(database_url: str, tmp_path: Path) -> None:
    with at_work(database_url, tmp_path) as office:
        newer = leadership(office.engine)
        assert within(10, lambda: office.background.leads)
        assert not newer.held()
        with writing(office.engine, VIEWS).begin() as db:
            db.execute(update(progress).values(version=99))
        assert within(10, newer.held)
        newer.release()
        signed = office.notary.events.size()
        office.clerk.settle_now(Order(stream=CALENDARS, command=NEW_YEAR, by=SYSTEM))
        assert within(10, lambda: office.notary.events.size() > signed), "it goes on signing in its own folder"
        assert not office.background.leads
        assert newer.held()
        newer.release()


def within(seconds: float, happens: Callable[[], bool]) -> bool:
    until = monotonic() + seconds
    while not (so := happens()) and monotonic() < until:
        sleep(0.05)
    return so


async def test_a_service_that_ends_decides_nothing_by_views_that_are_behind(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_work(database_url, tmp_path, background=False) as office:
        async with in_front_of(reopened(office)) as api:
            for _ in range(2):
                await api.report(kind="emergency", grade="I", occurred_at=(office.clock.now() - 2 * INTAKE).isoformat())
        advance = office.follower.advance

        def ending() -> bool:
            office.background._stopped.set()
            return advance()

        monkeypatch.setattr(office.follower, "advance", ending)
        with pytest.raises(Stopping):
            office.background.settle(office.clock.now())
        assert not office.background.timekeeper.stuck


async def leads(server: Server) -> None:
    """It keeps the views, so it keeps the time."""
    async with server.http() as http:
        api = Client(http)
        answer = await api.post("/v1/cases", report(), by="citizen:1")
        await api.seen("/v1/cases", answer.headers["sanji-position"])


async def lapsed(api: Client) -> list[Json]:
    """What has lapsed so far, in the order of the log."""
    answer = await api.get(f"/v1/events?types={LAPSED}&limit=200")
    assert answer.status_code == 200, answer.text
    told: list[Json] = answer.json()
    return told
