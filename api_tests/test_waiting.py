"""Who waits for whom at the database: on SQLite each file has its own writer; a connection that broke is replaced."""

import asyncio
import os
import resource
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import psycopg
import pytest
from sqlalchemy import Connection, Engine, exc, insert, inspect, make_url, text, update

from api_tests.databases import PostgresServer
from projections.following.schema import metadata as views
from projections.following.schema import progress
from projections.lists.words import case_pairs
from service.office import Office
from service.storage.bell import Bell
from service.storage.database import open_database, writing
from service.storage.listener import Listener
from service.storage.onlooker import Onlooker
from service.storage.schema import make_tables
from service.storage.shared import Shared
from service.storage.sqlite import VIEWS
from service.storage.tables import head
from service.storage.tables import metadata as log

pytestmark = pytest.mark.both


def write(db: Connection, what: str) -> None:
    if what == VIEWS:
        db.execute(insert(progress).values(projection=f"{monotonic()}", version=1, position=1))
    else:
        db.execute(update(head).values(position=head.c.position + 1))


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[tuple[Engine, Engine]]:
    """Two engines on one SQLite, which know of each other as little as two processes do."""
    url = f"sqlite:///{tmp_path / 'sanji.db'}"
    one, other = open_database(url), open_database(url)
    make_tables(one)
    yield one, other
    one.dispose()
    other.dispose()


def test_who_keeps_the_views_holds_up_nobody_who_writes_the_log(processes: tuple[Engine, Engine]) -> None:
    keeper, service = processes
    with writing(keeper, VIEWS).begin() as slow:
        write(slow, VIEWS)
        with writing(service).begin() as quick:
            write(quick, "log")
    with writing(keeper).begin(), service.connect() as impatient:
        impatient.exec_driver_sql("PRAGMA busy_timeout=50")
        with pytest.raises(exc.OperationalError, match="locked"):
            write(impatient, "log")


def test_who_is_broken_off_at_the_database_hears_of_nothing_else(processes: tuple[Engine, Engine]) -> None:
    """By Ctrl-C, after which nothing more can be asked of his connection."""
    with processes[0].connect() as db:
        db.execute(text("SELECT 1"))
        db.invalidate()


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_the_views_are_in_their_own_file_and_nothing_else_is(office: Office) -> None:
    assert await office.views_catch_up()
    with office.engine.connect() as db:
        kept, viewed = (set(inspect(db).get_table_names(schema=place)) for place in ("main", VIEWS))
    assert kept == set(log.tables)
    of_an_index = {name for name in viewed if name.startswith(f"{case_pairs.name}_")}
    assert viewed - of_an_index == set(views.tables)


@pytest.mark.parametrize(("what", "rings", "keeps_still"), [("log", "main", VIEWS), (VIEWS, VIEWS, "main")])
def test_what_another_process_writes_is_noticed(
    processes: tuple[Engine, Engine], what: str, rings: str, keeps_still: str
) -> None:
    theirs, ours = processes
    bells = {"main": Bell(), VIEWS: Bell()}
    onlooker = Onlooker(ours, bells)
    onlooker.start()
    until = monotonic() + 10
    while not bells[rings].heard and monotonic() < until:
        with writing(theirs, what).begin() as db:
            write(db, what)
        bells[rings].wait(0, 0.2)
    onlooker.stop()
    assert bells[rings].heard
    assert not bells[keeps_still].heard


@pytest.mark.parametrize("file", ["", f"-{VIEWS}"], ids=["sqlite-log", "sqlite-views"])
def test_nothing_is_told_to_a_file_that_another_has_taken_the_place_of(tmp_path: Path, file: str) -> None:
    """What would be acknowledged there is gone when the service starts again."""
    path = tmp_path / f"sanji.db{file}"
    engine = open_database(f"sqlite:///{tmp_path / 'sanji.db'}")
    make_tables(engine)
    aside = path.rename(tmp_path / "aside")
    for _ in ("gone", "another"):
        with pytest.raises(exc.OperationalError, match="not the file that was opened"), engine.connect():
            pass
        path.touch()
    aside.replace(path)
    with engine.connect() as db:
        assert db.scalar(text("SELECT position FROM log_head")) == 0, "the control: it is back"
    engine.dispose()


def test_who_lost_postgresql_listens_anew_however_many_descriptors_are_in_use(postgresql: PostgresServer) -> None:
    """And rings, for what was told meanwhile he has not heard."""
    url, bell = postgresql.empty(), Bell()
    engine = open_database(url)
    listener = Listener(engine, {"told": bell})
    listener.start()
    until = monotonic() + 10
    while not bell.heard and monotonic() < until:
        bell.wait(0, 0.2)
    with ExitStack() as many, psycopg.connect(postgresql.uri("postgres"), autocommit=True) as other:
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        for _ in range(1024):
            many.enter_context(open(os.devnull, "rb"))
        heard = bell.heard
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [make_url(url).database]
        )
        assert bell.wait(heard, 10) > heard, "it listens again"
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as teller:
            heard = bell.heard
            teller.execute("NOTIFY told")
            assert bell.wait(heard, 10) > heard, "and hears"
    listener.stop()
    engine.dispose()


@pytest.mark.parametrize("looks", [True, False], ids=["postgresql-looked-at", "postgresql-trusted"])
def test_a_connection_that_broke_while_it_rested_is_replaced(
    postgresql: PostgresServer, monkeypatch: pytest.MonkeyPatch, looks: bool
) -> None:
    monkeypatch.setattr("service.storage.postgresql.RESTED", 0.0 if looks else 3600.0)
    url = postgresql.empty()
    engine = open_database(url)
    with psycopg.connect(postgresql.uri("postgres"), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [make_url(url).database]
        )
    if looks:
        with engine.connect() as db:
            assert db.scalar(text("SELECT 1")) == 1
    else:
        with pytest.raises(exc.OperationalError), engine.connect() as db:
            db.scalar(text("SELECT 1"))
    engine.dispose()


def test_a_file_is_not_opened_as_long_as_it_cannot_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite would open it, and could not write there when others can again."""
    engine = open_database(f"sqlite:///{tmp_path / 'sanji.db'}")
    engine.dispose()
    with monkeypatch.context() as read_only:
        read_only.setattr(os, "access", lambda *_: False)
        with pytest.raises(exc.OperationalError, match="cannot be written to"), engine.connect():
            pass
    with engine.connect() as db:
        assert db.scalar(text("SELECT 1")) == 1
    engine.dispose()


async def test_what_many_ask_at_once_is_asked_once_for_all_who_came_since() -> None:
    gate, times = asyncio.Event(), 0

    async def question() -> int:
        nonlocal times
        times += 1
        mine = times
        await gate.wait()
        return mine

    shared = Shared(question)
    early = [asyncio.create_task(shared.asked()) for _ in range(2)]
    await asyncio.sleep(0.01)
    late = [asyncio.create_task(shared.asked()) for _ in range(100)]
    await asyncio.sleep(0.01)
    late.pop().cancel()
    gate.set()
    assert await asyncio.gather(*early) == [1] * 2
    assert (await asyncio.gather(*late), times) == ([2] * 99, 2)
    assert await shared.asked() == 3
