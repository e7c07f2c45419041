"""A command that cannot be done ends in one line, which says what is wrong."""

import socket
import sys
from errno import EACCES, ENOSPC
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, insert, select, update

from api_tests.databases import Databases
from api_tests.server import PATIENCE, Server
from projections.following.schema import progress
from service.cli import main
from service.record.codec import to_line
from service.storage.database import open_database, writing
from service.storage.sqlite import VIEWS
from service.storage.tables import events
from service.terminal.ending import in_one_line

pytestmark = pytest.mark.both


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


def test_a_disk_that_is_full_is_named_though_the_system_names_no_file() -> None:
    with pytest.raises(SystemExit, match=r"^sanji: No space left on device$"), in_one_line():
        raise OSError(ENOSPC, "No space left on device")


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


def test_what_a_newer_version_has_written_or_keeps_is_left_to_it(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANJI_DATABASE_URL", url := databases.founded())
    monkeypatch.setenv("SANJI_DATA_DIR", str(tmp_path))
    engine = open_database(url)
    with writing(engine, VIEWS).begin() as db:
        db.execute(update(progress).where(progress.c.projection == "words").values(version=progress.c.version + 1))
    with engine.begin() as db:
        line = to_line(db.scalar(select(events.c.state).limit(1)) or b"")
        unknown = msgspec.json.encode(msgspec.structs.replace(line, stream="case:x", type="case.levitated"))
        place = select(func.max(events.c.position) + 1).scalar_subquery()
        row = {"stream": "case:x", "version": 1, "topic": "case.levitated", "state": unknown}
        db.execute(insert(events).values(position=place, **row))
    engine.dispose()
    for command, newer in (("rebuild words", "words is at version"), ("replay x", "case.levitated")):
        monkeypatch.setattr(sys, "argv", ["sanji", *command.split()])
        with pytest.raises(SystemExit, match=f"^sanji: a newer version of the service is at work here: {newer}"):
            main()
