"""A dossier opens and verifies where nothing of the service is; nothing in it can be changed, and it names nobody it may not."""

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from api_tests.client import Client, done, refused
from api_tests.district import DONE, Json
from service.office import Office

FILES = {"dossier.json", "history.zh.json", "states.json", "rules.json", "events.log", "checkpoint", "key"}


async def lived(api: Client, **fields: str) -> Json:
    case = await api.report(by="citizen:1", village="V0101", **fields)
    await api.ask(case, "accept", by="clerk:T01")
    await api.ask(case, "assign", by="clerk:T01", unit="T01")
    await api.set_clock("2025-03-03 10:00")
    return await api.ask(case, "resolve", by="head:T01", **DONE)


async def unpacked(api: Client, case: Json, folder: Path, by: str = "auditor") -> Path:
    answer = await api.get(f"/v1/cases/{case['id']}/dossier", by)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    ZipFile(BytesIO(answer.content)).extractall(folder)
    return folder


def checked(folder: Path, *more: str) -> str:
    """By a Python that has nothing of Sanji at hand, in that folder."""
    command = [sys.executable, "-I", "verifier.py", *more]
    said = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)
    return said.stdout + said.stderr


async def test_a_dossier_verifies_and_holds_all_there_is(api: Client, office: Office, tmp_path: Path) -> None:
    case = await lived(api)
    folder = await unpacked(api, case, tmp_path / "dossier")
    assert {one.name for one in folder.iterdir()} == FILES | {"verifier.py", "index.html"}
    assert checked(folder).startswith("true: ")
    assert checked(folder, "dossier", ".", "--key", (folder / "key").read_text("utf-8").strip()).startswith("true: ")
    history = done(await api.get(f"/v1/cases/{case['id']}/history"))["items"]
    told = json.loads((folder / "dossier.json").read_bytes())
    assert told["history"] == history
    lines = (folder / "events.log").read_bytes().splitlines()
    stored = [line.state for line in office.recorder.select_events(f"case:{case['id']}")]
    assert [line.partition(b"\t")[2] for line in lines][-len(stored) :] == stored
    states = json.loads((folder / "states.json").read_bytes())
    assert [one["version"] for one in states] == list(range(1, len(history) + 1))
    assert states[1] == await api.case(case, version=2)
    rules = json.loads((folder / "rules.json").read_bytes())
    assert {"hanbin-default-1.1", "cn-2025.1"} <= rules.keys()
    read = (folder / "index.html").read_text("utf-8")
    assert all(one["sentence"] in read for one in history)
    assert "http" not in read
    assert "<script" not in read


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("events.log", "It is done.", "It is late."),
        ("dossier.json", '"lines": true', '"lines": true, "checkpoint": "x"'),
        ("dossier.json", '"version": 2,', '"version": 3,'),
        ("dossier.json", '"leaf_hash": "', '"leaf_hash": "00'),
        ("dossier.json", "/log\\n", "/log\\n1"),
    ],
)
async def test_nothing_in_it_can_be_changed(api: Client, tmp_path: Path, file: str, before: str, after: str) -> None:
    folder = await unpacked(api, await lived(api), tmp_path / "dossier")
    text = (folder / file).read_text("utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after, 1), "utf-8")
    assert checked(folder).startswith("untrue: ")


async def test_an_event_left_out_is_missed(api: Client, tmp_path: Path) -> None:
    folder = await unpacked(api, await lived(api), tmp_path / "dossier")
    told = json.loads((folder / "dossier.json").read_bytes())
    del told["history"][2]
    (folder / "dossier.json").write_text(json.dumps(told), "utf-8")
    assert "does not follow" in checked(folder)


async def test_who_may_not_know_the_reporter_gets_hashes_and_not_lines(api: Client, tmp_path: Path) -> None:
    case = await lived(api, confidentiality="identity_hidden")
    for by in ("auditor", "head:T01"):
        folder = await unpacked(api, case, tmp_path / by, by)
        assert checked(folder).startswith("true: ")
        assert not any(b"citizen:1" in one.read_bytes() for one in folder.iterdir())
        assert b"It is done." not in (folder / "events.log").read_bytes()
    own = await unpacked(api, case, tmp_path / "own", "citizen:1")
    assert b"It is done." in (own / "events.log").read_bytes(), "control: from himself he is not hidden"


async def test_it_goes_by_the_same_rights_as_the_case_and_is_on_record(api: Client) -> None:
    case = await lived(api)
    refused(await api.get(f"/v1/cases/{case['id']}/dossier", "head:T02"), 404, "not_found")
    refused(await api.get("/v1/cases/no-such-case/dossier", "head:T02"), 404, "not_found")
    await api.get(f"/v1/cases/{case['id']}/dossier", "auditor")
    records = done(await api.get("/v1/access-log?action=dossier"))["items"]
    assert [(one["by"], one["outcome"]) for one in records] == [
        ("head:T02", "not_found"),
        ("head:T02", "not_found"),
        ("auditor", "shown"),
    ]
