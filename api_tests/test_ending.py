"""Who ends leaves nobody behind and does not complain."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from multiprocessing import Process
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import psycopg
import pytest
from sqlalchemy import make_url

from api_tests.databases import PostgresServer, SqliteFolder
from api_tests.inprocess import at_work
from api_tests.server import PATIENCE
from benchmarks.servers import free_port, healthy
from service.serving import end_with

pytestmark = pytest.mark.both


def test_who_ends_while_the_database_is_away_ends_without_complaint(postgresql: PostgresServer, tmp_path: Path) -> None:
    url = make_url(postgresql.empty())
    with at_work(url.render_as_string(hide_password=False), tmp_path) as office:
        office.seals.keys.take()
        with psycopg.connect(postgresql.uri("postgres"), autocommit=True) as db:
            db.execute(f"DROP DATABASE {url.database} WITH (FORCE)".encode())


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
