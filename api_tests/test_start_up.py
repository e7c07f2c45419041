"""What the service refuses to start on: what would lose what it acknowledged, open it to strangers, or begin another log."""

import os
import sqlite3
import sys
from contextlib import closing
from datetime import date
from errno import ENOSPC
from pathlib import Path
from shutil import copy

import psycopg
import pytest
from pydantic import ValidationError
from sqlalchemy import make_url

from api_tests.databases import Databases, PostgresServer
from api_tests.inprocess import at_work
from api_tests.server import PATIENCE, Server
from service.audit.transparency import KEY as SIGNING
from service.cli import main
from service.secrecy import own_secret
from service.secrecy.seals import MASTER
from service.settings import Settings
from service.storage.database import UnsafeSettings, open_database, open_to_read
from service.storage.schema import make_tables
from service.storage.sqlite import Mixed
from service.terminal.doctor import examine

pytestmark = pytest.mark.both

OUTSIDE = ["0.0.0.0", "::", "192.168.1.10", "sanji.example", ""]


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF", "1", "0", "normal"], ids=lambda text: f"sqlite-{text}")
def test_sqlite_that_does_not_wait_for_the_disk_is_refused(tmp_path: Path, synchronous: str) -> None:
    with pytest.raises(UnsafeSettings, match="power cut"):
        open_database(f"sqlite:///{tmp_path / 'a.db'}?synchronous={synchronous}")


@pytest.mark.parametrize("synchronous", ["FULL", "EXTRA"], ids=lambda text: f"sqlite-{text}")
def test_sqlite_that_waits_for_the_disk_is_taken(tmp_path: Path, synchronous: str) -> None:
    open_database(f"sqlite:///{tmp_path / 'a.db'}?synchronous={synchronous}").dispose()


def test_a_copy_beside_which_lies_what_was_written_to_the_file_before_it_is_not_opened(tmp_path: Path) -> None:
    """After a power cut: SQLite would read both as one, and call that whole."""
    file, url = tmp_path / "sanji.db", f"sqlite:///{tmp_path / 'sanji.db'}"
    with closing(sqlite3.connect(tmp_path / "before.db", isolation_level=None)) as db:
        for statement in ("PRAGMA journal_mode=WAL", "CREATE TABLE some (one)", f"VACUUM INTO '{file}'"):
            db.execute(statement)
        beside = Path(copy(tmp_path / "before.db-wal", f"{file}-wal"))
    for opens in (open_database, open_to_read):
        with pytest.raises(Mixed, match="is of the file before it"):
            opens(url)
    found = examine(Settings(data_dir=tmp_path, auth="keys", clock="system", host="127.0.0.1"), 1, date(2025, 3, 3))
    assert "is a copy" in next(one.said for one in found if not one.well)
    beside.unlink()
    open_database(url).dispose()


UNSAFE = {
    "synchronous_commit=off": "lose acknowledged",
    "lock_timeout=0": "stuck writer",
}


@pytest.mark.parametrize("setting", UNSAFE, ids=lambda text: f"postgresql-{text}")
def test_postgresql_that_may_lose_or_hang_is_refused_whoever_set_it_so(
    postgresql: PostgresServer, setting: str
) -> None:
    asked = make_url(postgresql.empty()).update_query_dict({"options": f"-c {setting}"})
    with pytest.raises(UnsafeSettings, match=UNSAFE[setting]):
        open_database(asked.render_as_string(hide_password=False))


def test_postgresql_whose_database_says_so_is_refused_too(postgresql: PostgresServer) -> None:
    url = make_url(postgresql.empty())
    with psycopg.connect(postgresql.uri("postgres"), autocommit=True) as db:
        db.execute(f'ALTER DATABASE "{url.database}" SET synchronous_commit = off'.encode())
    with pytest.raises(UnsafeSettings, match="lose acknowledged"):
        open_database(url.render_as_string(hide_password=False))


@pytest.mark.parametrize("host", OUTSIDE, ids=lambda host: host or "empty")
@pytest.mark.parametrize("open_to_all", [{"auth": "dev"}, {"clock": "manual"}], ids=["dev", "manual"])
def test_dev_sign_in_and_the_manual_clock_stay_on_this_machine(host: str, open_to_all: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="for this machine only"):
        Settings.model_validate({"host": host, **open_to_all})


@pytest.mark.parametrize("host", OUTSIDE)
def test_with_keys_and_the_systems_clock_any_address_may_be_served(host: str) -> None:
    assert Settings.model_validate({"host": host, "auth": "keys", "clock": "system"}).host == host


def test_of_several_none_begins_that_would_be_refused_and_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_work(f"sqlite:///{tmp_path / 'sanji.db'}", tmp_path, background=False) as office:
        office.seals.keys.take()
    (tmp_path / "keys" / MASTER).write_bytes(bytes(32))
    monkeypatch.setenv("SANJI_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["sanji", "serve", "--workers", "2"])
    with pytest.raises(SystemExit, match="sanji: the keys of persons were made with another master secret"):
        main()


def test_what_opens_the_seals_and_signs_the_log_is_for_the_service_alone(tmp_path: Path) -> None:
    with at_work(f"sqlite:///{tmp_path / 'sanji.db'}", tmp_path, background=False) as office:
        office.notary.follow()
    assert [(tmp_path / "keys" / name).stat().st_mode & 0o777 for name in (MASTER, SIGNING)] == [0o600, 0o600]


def test_a_secret_that_a_full_disk_broke_off_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int) -> None:
        raise OSError(ENOSPC, "No space left on device")

    with monkeypatch.context() as at_first:
        at_first.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            own_secret.own_secret(tmp_path / MASTER, lambda: b"x" * own_secret.SIZE)
    assert list(tmp_path.iterdir()) == []
    assert own_secret.own_secret(tmp_path / MASTER, lambda: b"y" * own_secret.SIZE) == b"y" * own_secret.SIZE


@pytest.mark.parametrize("name", [MASTER, SIGNING])
def test_a_secret_that_is_not_whole_opens_and_signs_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / name).touch()
    with (
        pytest.raises(UnsafeSettings, match=f"{name} holds 0 bytes"),
        at_work(f"sqlite:///{tmp_path / 'sanji.db'}", tmp_path, background=False),
    ):
        pass


def test_nothing_is_made_in_a_file_that_another_program_keeps(tmp_path: Path) -> None:
    file = tmp_path / "calendar.db"
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE events (day)")
    engine = open_database(f"sqlite:///{file}")
    with pytest.raises(UnsafeSettings, match=r"calendar\.db is the database of another program"):
        make_tables(engine)
    engine.dispose()
    with closing(sqlite3.connect(file)) as db:
        assert [one for (one,) in db.execute("SELECT sql FROM sqlite_master")] == ["CREATE TABLE events (day)"]


def test_a_log_is_not_begun_anew_in_a_folder_where_another_was_signed(databases: Databases, tmp_path: Path) -> None:
    """Its address was left out of the settings, or what was brought back is a copy without the write-ahead log."""
    with at_work(databases.founded(), tmp_path) as office:
        office.notary.follow()
        signed = office.notary.events.size()
    server = Server(tmp_path, databases.empty(), {})
    server.launch().join(PATIENCE)
    [line] = server.logged().splitlines()
    assert f"{signed} lines were signed: name its database, or bring back its backup" in line
