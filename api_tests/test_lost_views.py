"""Views that are damaged, or of a log that is no more: they are put aside, and made anew."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from shutil import rmtree

import pytest
from typer.testing import CliRunner

from api_tests.client import Client, done, refused
from api_tests.databases import SqliteFolder
from api_tests.district import report
from api_tests.inprocess import at_work, in_front_of, reopened
from api_tests.server import Server
from api_tests.views import rebuilt, rows, some_cases
from service.cli import cli
from service.keeping.damage import Damaged, damaged, put_aside
from service.keeping.leadership import FileLeadership
from service.storage.sqlite import VIEWS

pytestmark = pytest.mark.both

HEADER, PAGES = [0], range(40, 400, 3)


@pytest.mark.parametrize("spoilt", [HEADER, PAGES], ids=["its header", "some of its pages"])
async def test_a_file_of_views_that_is_damaged_is_put_aside_and_another_made_once_nobody_uses_it(
    sqlite: SqliteFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoilt: Sequence[int]
) -> None:
    url = sqlite.founded()
    views = Path(f"{url.removeprefix('sqlite:///')}-{VIEWS}")
    monkeypatch.setenv("SANJI_DATABASE_URL", url)
    monkeypatch.setenv("SANJI_DATA_DIR", str(tmp_path))
    with at_work(url, tmp_path) as before:
        async with in_front_of(reopened(before)) as api:
            await some_cases(api)
            await before.views_catch_up()
        right = rows(before)
    content = bytearray(views.read_bytes())
    for page in spoilt:
        content[page * 4096 : page * 4096 + 3000] = b"spoilt" * 500
    views.write_bytes(content)
    assert damaged(url) == views
    assert "sanji rebuild" in CliRunner().invoke(cli, ["doctor"]).output
    keeper = FileLeadership(Path(f"{url.removeprefix('sqlite:///')}.leader"))
    assert keeper.held()
    with pytest.raises(Damaged, match="stop the service"):
        put_aside(url)
    keeper.release()
    told = await asyncio.to_thread(CliRunner().invoke, cli, ["rebuild"])
    assert told.exit_code == 0, told.output
    with at_work(url, tmp_path) as after:
        assert rows(after) == right


def spoil(place: Path) -> None:
    """All of it but its first page, where it lies."""
    with place.open("r+b") as content:
        content.seek(4096)
        content.write(b"spoilt" * 50_000)


@pytest.mark.parametrize(("file", "path"), [("", "/v1/events"), (f"-{VIEWS}", "/v1/cases")])
async def test_a_file_that_is_damaged_while_it_is_served_does_not_answer_which_is_nobodys_fault(
    sqlite: SqliteFolder, tmp_path: Path, file: str, path: str
) -> None:
    url = sqlite.founded()
    place = Path(f"{url.removeprefix('sqlite:///')}{file}")
    with at_work(url, tmp_path, background=False) as office:
        async with in_front_of(reopened(office)) as api:
            done(await api.get(path, by="admin"))
            office.engine.dispose()
            spoil(place)
            refused(await api.get(path, by="admin"), 503, "overloaded")
            refused(await api.post("/v1/cases", report(), by="citizen:1"), 503, "overloaded")


async def test_a_service_starts_with_views_that_cannot_be_opened(
    sqlite: SqliteFolder, serve: Callable[..., Server]
) -> None:
    url = sqlite.founded()
    Path(f"{url.removeprefix('sqlite:///')}-{VIEWS}").write_bytes(b"spoilt" * 5000)
    async with serve(url).http() as http:
        api = Client(http)
        answer = await api.post("/v1/cases", report(), by="citizen:1")
        assert len(done(await api.seen("/v1/cases", answer.headers["sanji-position"]))["items"]) == 1


@pytest.mark.parametrize("by_hand", [False, True], ids=["by itself", "by hand"])
async def test_views_of_a_log_that_was_put_back_to_an_older_backup_are_made_anew(
    sqlite: SqliteFolder, tmp_path: Path, by_hand: bool
) -> None:
    url = sqlite.founded()
    file, backup = Path(url.removeprefix("sqlite:///")), tmp_path / "backup.db"
    with at_work(url, tmp_path) as before:
        async with in_front_of(reopened(before)) as api:
            await some_cases(api)
            with closing(sqlite3.connect(file)) as db:
                db.execute("VACUUM INTO ?", (str(backup),))
            lost = {(await api.report(by="citizen:8", village="V0101"))["id"] for _ in range(5)}
            await before.views_catch_up()
    backup.replace(file)
    for signed in (*(tmp_path / "keys").glob("*.checkpoint"), tmp_path / "keys" / "transparency.key"):
        signed.unlink()
    rmtree(tmp_path / "tree")
    if by_hand:
        await asyncio.to_thread(rebuilt, url)
    with at_work(url, tmp_path) as after:
        async with in_front_of(reopened(after)) as api:
            case = await api.report(by="citizen:8", village="V0101")
            while (await api.get("/v1/cases")).status_code == 503:
                await asyncio.sleep(0.02)
            await after.views_catch_up()
            listed = done(await api.get("/v1/cases?limit=200"))["items"]
            assert {one["id"] for one in listed} >= {case["id"]}
            assert not {one["id"] for one in listed} & lost
            assert set(done(await api.get("/readyz"))["lag"].values()) == {0}
