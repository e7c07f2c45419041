"""What the service refuses to start on: settings that would lose what it acknowledged, or open it to strangers."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from datetime import date
from errno import EACCES, ENOSPC
from multiprocessing import Process
from pathlib import Path
from shutil import copy
from threading import Thread
from time import monotonic, sleep

import psycopg
import pytest
from pydantic import ValidationError
from sqlalchemy import make_url

from api_tests.databases import Databases, PostgresServer, SqliteFolder
from api_tests.inprocess import at_work
from api_tests.server import PATIENCE, Server
from benchmarks.servers import free_port, healthy
from service.audit.transparency import KEY as SIGNING
from service.cli import main
from service.secrecy import own_secret
from service.secrecy.seals import MASTER
from service.serving import end_with
from service.settings import Settings
from service.storage.database import VIEWS, Mixed, UnsafeSettings, open_database, open_to_read
from service.terminal.doctor import examine
from service.terminal.ending import in_one_line

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


@pytest.mark.parametrize("zone", ["America/New_York", "Foo/Bar", ""])
def test_there_is_one_clock_and_a_setting_that_asks_for_another_is_told_so(
    zone: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SANJI_ZONE", zone)
    monkeypatch.setattr(sys, "argv", ["sanji", "serve"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert "SANJI_ZONE is Asia/Shanghai" in str(ended.value)
    assert str(ended.value).startswith("sanji: ")
    assert not capsys.readouterr().err


@pytest.mark.parametrize(
    "setting",
    [
        "SANJI_PORT=abc",
        "SANJI_AUTH=foo",
        "SANJI_KEY_PER_S=-1",
        "SANJI_WEBHOOK_NETWORKS=here",
        "SANJI_DATABASE_URL=garbage",
        "SANJI_DATABASE_URL=sqlite:///:memory:",
        "SANJI_DATABASE_URL=mysql://root@localhost/sanji",
        "SANJI_KEYS_URL=postgresql://sanji:secret@host:port/keys",
    ],
)
def test_a_setting_that_makes_no_sense_is_named(
    setting: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, _, value = setting.partition("=")
    monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["sanji", "doctor"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert str(ended.value).startswith(f"sanji: {name}: ")
    assert "secret" not in str(ended.value)
    assert not capsys.readouterr().err


def test_a_file_that_belongs_to_somebody_else_is_named() -> None:
    """Raised by hand: to the administrator of a machine every file belongs."""
    denied = PermissionError(EACCES, "Permission denied", "keys/master.key")
    with pytest.raises(SystemExit, match=r"sanji: keys/master\.key is not for this user"), in_one_line():
        raise denied


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_that_is_taken_ends_it_in_one_line(
    workers: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANJI_DATA_DIR", str(tmp_path / "data"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        monkeypatch.setattr(sys, "argv", ["sanji", "serve", "--port", port, "--workers", workers])
        with pytest.raises(
            SystemExit, match=rf"^sanji: nobody can listen on 127\.0\.0\.1:{port}: Address already in use"
        ):
            main()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SANJI_DATA_DIR", str(tmp_path / "file" / "data"))
    monkeypatch.setattr(sys, "argv", ["sanji", "key", "new", "--role", "admin"])
    with pytest.raises(SystemExit, match=rf"^sanji: {tmp_path}/file/data: Not a directory$"):
        main()


@pytest.mark.parametrize("command", ["parked", "rebuild", "key list", "key revoke it", "erase somebody"])
def test_who_asks_for_what_is_in_a_database_that_is_not_there_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("SANJI_DATA_DIR", str(tmp_path / "mistyped"))
    monkeypatch.setattr(sys, "argv", ["sanji", *command.split()])
    with pytest.raises(SystemExit, match="it does not exist yet; sanji serve makes it"):
        main()
    assert not (tmp_path / "mistyped").exists()


@pytest.mark.parametrize("command", ["rebuild", "replay some-case"])
def test_a_database_without_tables_ends_a_command_in_one_line(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    open_database(url := databases.empty()).dispose()
    monkeypatch.setenv("SANJI_DATABASE_URL", url)
    monkeypatch.setenv("SANJI_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["sanji", *command.split()])
    with pytest.raises(SystemExit, match=r"^sanji: the database .*; sanji doctor says why$"):
        main()


def test_who_ends_while_the_database_is_away_ends_without_complaint(postgresql: PostgresServer, tmp_path: Path) -> None:
    url = make_url(postgresql.empty())
    with at_work(url.render_as_string(hide_password=False), tmp_path) as office:
        office.seals.keys.take()
        with psycopg.connect(postgresql.uri("postgres"), autocommit=True) as db:
            db.execute(f"DROP DATABASE {url.database} WITH (FORCE)".encode())


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


def test_of_several_each_ends_when_who_began_them_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *one: told.append(one))
    whole = Process(target=sleep, args=(0.2,))
    whole.start()
    Thread(target=end_with, args=(whole,), daemon=True).start()
    until = monotonic() + PATIENCE
    while not told and monotonic() < until:
        sleep(0.01)
    assert told == [(os.getpid(), signal.SIGTERM)]


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


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT], ids=lambda ending: f"sqlite-{ending.name}")
def test_who_ends_takes_his_keeper_with_him(sqlite: SqliteFolder, tmp_path: Path, ending: signal.Signals) -> None:
    """Told alone, as an init system does, or with all of his group, as by Ctrl-C; and nobody complains.

    Begun as everybody begins it; the servers of the other tests are forked from one that has read the service.
    """
    port = free_port()
    command = [sys.executable, "-m", "service.cli", "serve", "--port", str(port)]
    said, folder = tmp_path / "said", tmp_path / "data"
    environment = {"SANJI_DATABASE_URL": sqlite.founded(), "SANJI_DATA_DIR": str(folder)}
    with said.open("wb") as out:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stderr=out, start_new_session=True)
    try:
        keeper = keeper_at_work(process, port, folder)
        assert [path.name for path in folder.rglob("*") if path.stat().st_mode & 0o007] == []
        (os.kill if ending is signal.SIGTERM else os.killpg)(process.pid, ending)
        assert process.wait(PATIENCE) == 0
        with pytest.raises(ProcessLookupError):
            os.kill(keeper, 0)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    told = said.read_text("utf-8")
    assert [line for line in told.splitlines() if not line.startswith("{")] == []
    assert f"serving on 127.0.0.1:{port}" in told


def keeper_at_work(process: subprocess.Popen[bytes], port: int, folder: Path) -> int:
    """The keeper of this service, once both are at work: only he signs."""
    until = monotonic() + PATIENCE
    while not (healthy(port) and (folder / "keys" / "log.checkpoint").exists()):
        assert process.poll() is None
        assert monotonic() < until
        sleep(0.05)
    found = subprocess.run(["pgrep", "-P", str(process.pid), "-f", "spawn_main"], capture_output=True, check=True)
    return int(found.stdout)


def test_a_log_is_not_begun_anew_in_a_folder_where_another_was_signed(databases: Databases, tmp_path: Path) -> None:
    """Its address was left out of the settings, or what was brought back is a copy without the write-ahead log."""
    with at_work(databases.founded(), tmp_path) as office:
        office.notary.follow()
    server = Server(tmp_path, databases.empty(), {})
    server.launch().join(PATIENCE)
    [line] = server.logged().splitlines()
    assert "85 lines were signed: name its database, or bring back its backup" in line


def test_what_refuses_to_start_says_why_in_one_line(databases: Databases, tmp_path: Path) -> None:
    safe = databases.empty()
    unsafe = f"{safe}?synchronous=OFF" if databases.name == "sqlite" else f"{safe}&options=-c%20lock_timeout%3D0"
    servers = (
        Server(tmp_path, unsafe, {}, name="unsafe"),
        Server(tmp_path, safe, {"SANJI_HOST": "0.0.0.0"}, name="open"),
        Server(tmp_path, "postgresql+psycopg://nobody@127.0.0.1:1/none", {}, name="nowhere"),
    )
    processes = [server.launch() for server in servers]
    for server, process in zip(servers, processes, strict=True):
        process.join(PATIENCE)
        assert process.exitcode == 1
        [line] = server.logged().splitlines()
        assert line.startswith("sanji: ")


@pytest.mark.parametrize(
    "command",
    [
        "serve --workers 2",
        "parked",
        "rebuild",
        "key new --role admin",
        "key list",
        "key revoke it",
        "erase somebody",
        "import",
    ],
)
def test_a_database_that_cannot_be_opened_ends_a_command_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    (rows := tmp_path / "rows.csv").touch()
    monkeypatch.setenv("SANJI_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SANJI_DATABASE_URL", f"sqlite:///{tmp_path}")
    monkeypatch.setattr(sys, "argv", ["sanji", *command.split(), *([str(rows)] if command == "import" else [])])
    with pytest.raises(SystemExit, match="sanji: the database does not answer; sanji doctor says why"):
        main()


@pytest.mark.parametrize("command", ["serve --workers 2", "rebuild"])
def test_views_that_nobody_may_look_at_end_a_command_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    (tmp_path / "sanji.db").touch()
    (tmp_path / f"sanji.db-{VIEWS}").mkdir()
    monkeypatch.setenv("SANJI_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("SANJI_DATABASE_URL", raising=False)
    monkeypatch.setattr(sys, "argv", ["sanji", *command.split()])
    with pytest.raises(SystemExit, match="sanji: the database does not answer; sanji doctor says why"):
        main()
