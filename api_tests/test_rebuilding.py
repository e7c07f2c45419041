"""Views are built anew beside those that serve: nobody waits for it, nothing is lost by it, and it can be interrupted."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text, update
from typer.testing import CliRunner

from api_tests.client import Client, done, refused
from api_tests.databases import PostgresServer
from api_tests.inprocess import at_work, in_front_of, reopened
from api_tests.load import Crowd
from api_tests.server import Server
from api_tests.views import rebuilt, rows, some_cases
from projections.banks.standing import bank_status
from projections.cases.case_file import case_file
from projections.following.schema import parked, progress
from projections.times.held import ResponseTimes
from service.cli import cli, main
from service.keeping import rebuilding, shares
from service.keeping.rebuilding import Rebuilding
from service.office import Office
from service.storage.database import open_database
from service.storage.postgresql import LIMITS

pytestmark = pytest.mark.both


@pytest.mark.parametrize("short", [shares.SHORT, 0], ids=["in one process", "in two"])
async def test_the_new_rows_are_those_there_were_and_what_was_wrong_in_them_is_right(
    api: Client, office: Office, database_url: str, monkeypatch: pytest.MonkeyPatch, short: int
) -> None:
    """Though an older service made them, that knew no mark; they serve meanwhile."""
    monkeypatch.setattr(shares, "SHORT", short)
    await some_cases(api)
    right = rows(office)
    with office.engine.begin() as db:
        db.exec_driver_sql(f"ALTER TABLE {progress.name} DROP COLUMN mark")
        db.execute(update(case_file).values(title="wrong"))
        db.execute(update(bank_status).values(n=99))
    assert rows(office) != right
    assert await asyncio.to_thread(rebuilt, database_url) == office.recorder.max_notification_id()
    assert rows(office) == right
    await some_more(api, office)


def test_an_index_takes_as_long_as_it_takes(postgresql: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere PostgreSQL ends what takes longer than somebody would wait."""
    monkeypatch.setitem(LIMITS, "statement_timeout", "500ms")
    building = Rebuilding(postgresql.founded())
    without: list[str] = []
    made: list[bool] = []

    def take_long(_db: Any, cursor: Any, statement: str, *_: Any) -> None:
        if "DROP INDEX" in statement:
            without.append(statement)
        elif statement.startswith("CREATE INDEX") and without:
            made.append(True)
            without.clear()
            cursor.execute("SELECT pg_sleep(0.7)")

    event.listen(building._beside, "before_cursor_execute", take_long)
    assert building.run(lambda _far, _last: None)
    building.close()
    assert made == [True]


async def some_more(api: Client, office: Office) -> None:
    """The service goes on with the new ones: another case changes them, and building once more finds nothing to mend."""
    before = rows(office)
    case = await api.report(by="citizen:9", village="V0101")
    await api.ask(case, "accept", by="clerk:T01")
    await office.views_catch_up()
    now = rows(office)
    assert now != before
    for view in ("problem_bank", "case_file"):
        await asyncio.to_thread(rebuilt, office.settings.database, view)
    assert rows(office) == now


async def test_one_that_was_interrupted_goes_on_where_it_stopped(
    api: Client, office: Office, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "BATCH", 5)
    monkeypatch.setattr(rebuilding, "CLOSE", 5)
    await some_cases(api)
    right = rows(office)

    class PowerCut(Exception):
        pass

    def cut(far: int, _last: int) -> None:
        if far > 30:
            raise PowerCut

    first = Rebuilding(database_url)
    with pytest.raises(PowerCut):
        await asyncio.to_thread(first.run, cut)
    first.close()
    assert rows(office) == right
    seen: list[int] = []
    second = Rebuilding(database_url)
    await asyncio.to_thread(second.run, lambda far, _last: seen.append(far))
    second.close()
    assert min(seen) > 30
    assert rows(office) == right


def test_who_builds_apart_ends_with_who_began_him_whatever_that_dies_of() -> None:
    dying = (
        "import os; from service.keeping.shares import process_aside; "
        "process_aside().submit(os.getpid).result(); os.kill(os.getpid(), 9)"
    )
    # it holds the same output, so that this ends when both have ended
    ended = subprocess.run([sys.executable, "-c", dying], check=False, stdout=subprocess.PIPE, timeout=60)
    assert ended.returncode == -9


async def test_of_two_that_build_at_once_the_second_says_so_and_the_first_is_not_disturbed(
    api: Client, office: Office, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SANJI_DATABASE_URL", database_url)
    monkeypatch.setenv("SANJI_DATA_DIR", str(office.settings.data_dir))
    monkeypatch.setattr(sys, "argv", ["sanji", "rebuild"])
    await some_cases(api)
    right = rows(office)
    first = Rebuilding(database_url)
    with pytest.raises(SystemExit, match="being built already"):
        await asyncio.to_thread(main)
    await asyncio.to_thread(first.run, lambda _far, _last: None)
    first.close()
    with pytest.raises(SystemExit, match="0"):
        await asyncio.to_thread(main)
    assert "they serve now" in capsys.readouterr().out
    assert rows(office) == right


async def test_a_keeper_waits_for_who_builds_already_and_keeps_the_rest_meanwhile(
    database_url: str, tmp_path: Path
) -> None:
    engine = open_database(database_url)
    with engine.begin() as db:
        db.execute(update(progress).where(progress.c.projection == "problem_bank").values(version=1))
    engine.dispose()
    by_hand = Rebuilding(database_url, ["flows"])
    with at_work(database_url, tmp_path) as office:
        async with in_front_of(reopened(office)) as api:
            await api.set_clock("2025-03-20 09:00")
            refused(await api.get("/v1/problem-bank"), 503, "view_behind")
            by_hand.close()
            while (await api.get("/v1/problem-bank")).status_code == 503:
                await asyncio.sleep(0.02)


async def test_nobody_notices_while_others_report_and_read(database_url: str, serve: Callable[..., Server]) -> None:
    server = serve(database_url)
    async with server.http() as http:
        api, crowd = Client(http), Crowd([server.url], citizens=4)
        reporting = asyncio.create_task(crowd.until_enough())
        building = asyncio.create_task(asyncio.to_thread(rebuilt, database_url))
        answers = 0
        while not building.done():
            for view in ("/v1/problem-bank", "/v1/cases?limit=5", "/v1/response-times", "/v1/units/T01/queue"):
                done(await api.get(view))
                answers += 1
        crowd.enough()
        await building
        await reporting
        last = str((await api.get("/readyz")).json()["position"])
        bank = done(await api.seen("/v1/problem-bank", last))
        expected = len(set(crowd.acknowledged.values()))
        assert sum(tier["open"] for tier in bank["tiers"]) == expected > 0
        assert answers >= 4, "every view was read while it was built"


async def test_who_reads_one_table_after_another_is_not_caught_between_them(
    postgresql: PostgresServer, tmp_path: Path
) -> None:
    with at_work(postgresql.founded(), tmp_path) as office, office.engine.connect() as reader:
        async with in_front_of(reopened(office)) as api:
            await some_cases(api)
            await office.views_catch_up()
        right = rows(office)
        [first, second, *_] = ResponseTimes.tables
        reader.execute(select(second))
        building = asyncio.create_task(asyncio.to_thread(rebuilt, office.settings.database, ResponseTimes.name))
        with office.engine.connect() as db:
            while not db.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                await asyncio.sleep(0.01)
        assert reader.execute(select(first)).all(), "which is to be moved already, if only one waits for the other"
        reader.rollback()
        await building
        assert rows(office) == right


async def test_a_view_that_changed_is_built_beside_and_not_told_of_until_it_is_whole(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_work(database_url, tmp_path) as before:
        async with in_front_of(reopened(before)) as api:
            await some_cases(api)
            await before.views_catch_up()
            right = done(await api.get("/v1/problem-bank"))
    # nobody follows any more: who did would take the older version for lost, and begin again
    engine = open_database(database_url)
    with engine.begin() as db:
        db.execute(update(progress).where(progress.c.projection == "problem_bank").values(version=1))
        db.execute(update(bank_status).values(n=99))
    engine.dispose()
    go_on = Event()
    run = Rebuilding.run

    def slowly(building: Rebuilding, told: Callable[[int, int], object]) -> int:
        while not go_on.wait(0.05):
            told(0, 0)
        return run(building, told)

    monkeypatch.setattr(Rebuilding, "run", slowly)
    with at_work(database_url, tmp_path) as after:
        async with in_front_of(reopened(after)) as api:
            refused(await api.get("/v1/problem-bank"), 503, "view_behind")
            assert done(await api.get("/readyz"), 503)["views_built"] is False
            await api.report(by="citizen:9", village="V0101")
            go_on.set()
            while (await api.get("/v1/problem-bank")).status_code == 503:
                await asyncio.sleep(0.02)
            await after.views_catch_up()
            told = done(await api.get("/v1/problem-bank"))
            assert [one["open"] for one in told["tiers"]] == [
                one["open"] + (one["tier"] == "village") for one in right["tiers"]
            ]
            assert done(await api.get("/readyz"))["views_built"] is True


async def test_what_was_set_aside_is_listed_and_tried_again(
    api: Client, office: Office, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await some_cases(api)
    right = rows(office)
    with office.engine.begin() as db:
        gone = {"projection": "flows", "position": 30, "stream": "case:x", "error": "KeyError('why')"}
        db.execute(insert(parked).values(gone))
    assert done(await api.get("/readyz"), 503)["parked"] == 1
    monkeypatch.setenv("SANJI_DATABASE_URL", database_url)
    monkeypatch.setenv("SANJI_DATA_DIR", str(office.settings.data_dir))
    terminal = CliRunner()
    listed = await asyncio.to_thread(terminal.invoke, cli, ["parked"])
    assert listed.exit_code == 1
    assert "flows" in listed.output
    assert "KeyError('why')" in listed.output
    again = await asyncio.to_thread(terminal.invoke, cli, ["rebuild", "--parked"])
    assert again.exit_code == 0, again.output
    assert done(await api.get("/readyz"))["parked"] == 0
    assert (await asyncio.to_thread(terminal.invoke, cli, ["parked"])).exit_code == 0
    assert rows(office) == right
    unknown = await asyncio.to_thread(terminal.invoke, cli, ["rebuild", "nonsense"])
    assert unknown.exit_code == 1
    assert "nonsense" in unknown.output
