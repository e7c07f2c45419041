"""More orders than the clerk can settle: the rest is sent away at once and told to come again, and all goes on later."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Event
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import Engine

from api_tests.client import Client, done, new_key, refused
from api_tests.district import MONDAY, instant, report
from api_tests.server import PATIENCE
from domain.case import Report
from domain.case.terms import Kind
from domain.decider import Actor
from domain.streams import case_stream
from service.office import Office
from service.record import clerk
from service.record.clerk import Overloaded
from service.record.clock import ManualClock
from service.record.orders import Order, Receipt

pytestmark = pytest.mark.both


@contextmanager
def nobody_can_write(engine: Engine) -> Iterator[None]:
    """Somebody outside the service holds the write lock."""
    url = engine.url
    if engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(url.database or "", isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            yield
    else:
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address) as db:
            db.execute("SELECT position FROM log_head FOR UPDATE")
            yield


def asked(number: int) -> Order:
    command = Report(title=f"Report {number}", kind=Kind.REQUEST)
    return Order(stream=case_stream(f"asked-{number}"), command=command, by=Actor(id="citizen:1"), fresh=True)


BATCH, WAITING = 8, 64


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue that is soon full."""
    monkeypatch.setattr(clerk, "BATCH", BATCH)
    monkeypatch.setattr(clerk, "WAITING", WAITING)


async def filled(office: Office) -> list[asyncio.Task[Receipt]]:
    """Orders enough that no room is left, not even after the clerk has taken the batch he cannot write."""
    waiting: list[asyncio.Task[Receipt]] = []
    for _ in range(2):
        for _ in range(BATCH + WAITING):
            waiting.append(asyncio.create_task(office.clerk.settle(asked(len(waiting)))))
        await asyncio.sleep(0.5)
    assert not waiting[0].done()
    assert waiting[-1].done()
    return waiting


async def test_who_finds_the_queue_full_is_sent_away_and_may_come_again(api: Client, office: Office) -> None:
    key, before = new_key(), office.recorder.max_notification_id() or 0
    with nobody_can_write(office.engine):
        waiting = await filled(office)
        answer = await asyncio.wait_for(api.post("/v1/cases", report(), by="citizen:1", key=key), 2)
        refused(answer, 503, "overloaded")
        assert answer.headers["retry-after"] == "1"
        assert (await api.get("/healthz")).status_code == 200
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    settled = [one for one in outcomes if isinstance(one, Receipt)]
    sent_away = [one for one in outcomes if isinstance(one, Overloaded)]
    assert len(settled) + len(sent_away) == len(waiting)
    assert len(settled) >= WAITING
    done(await api.post("/v1/cases", report(), by="citizen:1", key=key), 201)
    assert (office.recorder.max_notification_id() or 0) == before + len(settled) + 1


async def test_who_is_still_waiting_when_the_service_ends_is_told_to_send_the_same_again(
    api: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def never(_order: Order) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(office.clerk, "settle", never)
    waiting = asyncio.create_task(api.post("/v1/cases", report(), by="citizen:1"))
    await begun.wait()
    waiting.cancel()
    refused(await waiting, 503, "overloaded")


async def test_deadlines_that_find_the_queue_full_lapse_later(api: Client, office: Office) -> None:
    cases = [await api.report(village="V0101") for _ in range(3)]
    assert isinstance(office.clock, ManualClock)
    office.background.stop()
    office.background.follower.catch_up()
    office.clock.set(instant("2025-03-10 09:00"))
    timekeeper = office.background.timekeeper
    with nobody_can_write(office.engine):
        waiting = await filled(office)
        assert timekeeper.lapse(office.clock.now()) == 0
    await asyncio.gather(*waiting, return_exceptions=True)
    assert timekeeper.lapse(office.clock.now()) == len(cases)
    assert timekeeper.stuck == set()
    for case in cases:
        assert [event["type"] for event in await api.history(case)] == ["case.reported", "case.supervised"]


async def test_who_asks_for_much_that_takes_long_waits_for_himself_and_nobody_waits_for_him(office: Office) -> None:
    gate = Event()
    his = [asyncio.create_task(office.in_thread(gate.wait, long="citizen:1")) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.wait_for(office.in_thread(gate.is_set, long="citizen:2"), PATIENCE)
    gate.set()
    assert all(await asyncio.gather(*his))


async def test_what_takes_long_keeps_nobody_from_reading(api: Client, office: Office) -> None:
    case, gate = await api.assigned(), Event()
    before = [asyncio.create_task(office.in_thread(gate.wait, long=f"citizen:{n}")) for n in range(10)]
    long = [
        asyncio.create_task(api.get(path))
        for path in (f"/v1/cases/{case['id']}/dossier", f"/v1/problem-bank?at={quote(MONDAY)}")
    ]
    for path in ("/v1/me/queue", "/v1/problem-bank", f"/v1/cases/{case['id']}"):
        done(await asyncio.wait_for(api.get(path, "head:T01"), PATIENCE))
    assert not any(task.done() for task in long)
    gate.set()
    assert [answer.status_code for answer in await asyncio.gather(*long)] == [200, 200]
    await asyncio.gather(*before)
