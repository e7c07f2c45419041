"""What somebody must look at is told by every process that answers, whichever of them keeps the views and the time."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from eventsourcing.persistence import IntegrityError
from sqlalchemy import make_url

from api_tests.client import Client
from api_tests.databases import Databases, PostgresServer, SqliteFolder
from api_tests.district import Json
from api_tests.inprocess import at_work, in_front_of, reopened
from service import readiness
from service.keeping import rounds
from service.office import Office


@pytest.fixture
async def beside(database_url: str, tmp_path: Path) -> AsyncIterator[Client]:
    """A process that answers and keeps nothing."""
    with at_work(database_url, tmp_path, background=False) as answering:
        async with in_front_of(reopened(answering)) as client:
            yield client


async def told(api: Client, ready: bool) -> Json:
    """What it tells of itself, once it is ready or is not."""
    async with asyncio.timeout(20):
        while True:
            found: Json = (await api.get("/readyz")).json()
            if found["ready"] is ready and found["last_round"]:
                return found
            await asyncio.sleep(0.05)


async def test_nobody_is_ready_before_a_keeper_has_come(databases: Databases, tmp_path: Path) -> None:
    """His first round takes a moment; where he cannot begin, nothing would be kept."""
    with at_work(databases.empty(), tmp_path, background=False) as alone:
        async with in_front_of(reopened(alone)) as api:
            found = (await api.get("/readyz")).json()
            assert (found["ready"], found["last_round"]) == (False, None)


async def test_a_deadline_that_is_stuck_in_the_keeper_alarms_where_one_asks(beside: Client, office: Office) -> None:
    assert (await told(beside, ready=True))["stuck_deadlines"] == 0
    office.background.timekeeper.stuck.add("case:x")
    office.recorded.ring()
    assert (await told(beside, ready=False))["stuck_deadlines"] == 1
    assert "sanji_stuck_deadlines 1.0" in (await beside.get("/metrics")).text


async def test_a_keeper_that_does_not_come_round_is_missed(
    beside: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "EVERY", 0.0)
    await told(beside, ready=True)
    monkeypatch.setattr(readiness, "LATE", timedelta(seconds=1))

    def full(_until: object) -> None:
        raise OSError("no space left on the disk")

    with monkeypatch.context() as context:
        context.setattr(office.background, "settle", full)
        await told(beside, ready=False)
    await told(beside, ready=True)


def test_who_cannot_write_the_log_has_not_come_round(sqlite: SqliteFolder, tmp_path: Path) -> None:
    """On a disk that is full the views may find room in a page that they had."""
    with at_work(sqlite.founded(), tmp_path, background=False) as office:
        before = office.read_now(rounds.last_round)
        with office.engine.begin() as db:
            db.exec_driver_sql("CREATE TRIGGER full BEFORE UPDATE ON log_head BEGIN SELECT RAISE(ABORT, 'full'); END")
        with pytest.raises(IntegrityError):
            rounds.Rounds(office.engine, office.recorder).done(())
        assert office.read_now(rounds.last_round) == before


async def test_a_database_that_stands_still_is_away(
    postgresql: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes what is asked, and never answers."""
    url = postgresql.founded()
    with at_work(url, tmp_path, background=False) as office:
        async with in_front_of(reopened(office)) as api:
            assert (await api.get("/readyz")).json()["database"] == "postgresql"
            serving = "SELECT pid FROM pg_stat_activity WHERE datname = %s"
            those = [pid for (pid,) in postgresql.caretaker.execute(serving, (make_url(url).database,))]
            for pid in those:
                os.kill(pid, signal.SIGSTOP)
            try:
                monkeypatch.setattr(readiness, "PATIENCE", 0.1)
                still = await api.get("/readyz")
            finally:
                for pid in those:
                    os.kill(pid, signal.SIGCONT)
            assert (still.status_code, still.json()) == (503, {"ready": False, "database": "unreachable"})
