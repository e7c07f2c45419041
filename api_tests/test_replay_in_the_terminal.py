"""`sanji replay`: a case read in the terminal, like a story, or as JSON like the service tells it."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import pytest_asyncio
from fastapi import FastAPI

from api_tests.client import Client
from api_tests.commands import sanji
from api_tests.district import Json
from api_tests.inprocess import in_front_of
from service.office import Office
from service.settings import Settings


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def case(standing_app: FastAPI) -> Json:
    """One that the town let lie over National Day."""
    async with in_front_of(standing_app) as api:
        await api.set_clock("2025-09-19 15:00")
        case = await api.assigned(title="A well \x1b[8mthat nobody is to see")
        await api.set_clock("2025-10-09 09:00")
        return await api.case(case)


@dataclass(frozen=True)
class Said:
    code: int | None
    out: str
    err: str


def in_the_terminal(settings: Settings, *asked: str, columns: int = 150) -> Said:
    told = {
        "SANJI_DATABASE_URL": settings.database,
        "SANJI_DATA_DIR": str(settings.data_dir),
        "COLUMNS": str(columns),
    }
    with TemporaryDirectory() as aside:
        out, err = Path(aside, "out"), Path(aside, "err")
        process = sanji("replay", *asked, environment={**os.environ, **told}, out=out, err=err)
        process.join()
        return Said(process.exitcode, out.read_text("utf-8"), err.read_text("utf-8"))


async def test_it_reads_like_a_story_and_as_json_like_the_service(
    standing_api: Client, standing_office: Office, case: Json
) -> None:
    settings = standing_office.settings
    read = in_the_terminal(settings, case["id"], "--at", "2025-10-02T00:00:00+08:00").out
    assert "Escalated to D-MASSWORK (district) because its time was over" in " ".join(read.split())
    assert "Sun 28 Sep works" in " ".join(read.split())
    assert "A well \ufffd[8mthat" in read, "and nothing that would drive the terminal"
    assert "\x1b" not in read
    narrow = in_the_terminal(settings, case["id"], columns=60).out
    assert "…" not in narrow, "every word is told, however narrow the window"
    told = json.loads(in_the_terminal(settings, case["id"], "--version", "3", "--json").out)
    assert told["case"] == await standing_api.case(case, version=3)
    assert told["history"] == (await standing_api.history(case))[:3]
    by_number = in_the_terminal(settings, case["number"].lower(), "--version", "3", "--json").out
    assert json.loads(by_number) == told


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_it_says_what_there_is_not(standing_office: Office, case: Json) -> None:
    for wrong in (
        ["no-such-case"],
        ["2025-00000-00000"],
        [case["id"], "--version", "99"],
        [case["id"], "--at", "yesterday"],
        [case["id"], "--at", "2199-01-01T00:00:00+08:00"],
        [case["id"], "--at", "2000-01-01T00:00:00+08:00"],
    ):
        failed = in_the_terminal(standing_office.settings, *wrong)
        assert (failed.code, failed.out) == (1, "")
        assert failed.err.startswith("sanji: ")
    assert "or not yet" in failed.err, "it is an instant, and nothing had happened"


def test_a_replay_where_nothing_is_makes_nothing(tmp_path: Path) -> None:
    nothing = Settings(database_url=f"sqlite:///{tmp_path / 'sanji.db'}", data_dir=tmp_path / "data")
    failed = in_the_terminal(nothing, "some-case")
    assert failed.err == f"sanji: {tmp_path / 'sanji.db'}: it does not exist yet; sanji serve makes it\n"
    assert list(tmp_path.iterdir()) == []
