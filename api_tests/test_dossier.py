"""A dossier opens and verifies where nothing of the service is; nothing in it can be changed, and it names nobody it may not."""

import json
import subprocess
import sys
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from api_tests.client import Client, done, refused
from api_tests.district import DONE, Json
from service.audit.transparency import Signer
from service.audit.verifier import Untrue, check_dossier
from service.office import Office

FILES = {"dossier.json", "history.zh.json", "states.json", "rules.json", "events.log", "checkpoint", "key"}


async def lived(api: Client, **fields: str) -> Json:
    case = await api.assigned(**fields)
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
    assert {one.name for one in folder.iterdir()} == FILES | {"verifier.py", "index.html", "manifest"}
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


def judged(folder: Path) -> str:
    """The same in this process."""
    try:
        return f"true: {check_dossier(folder)}"
    except (Untrue, OSError, ValueError, KeyError, TypeError) as untrue:
        return f"untrue: {untrue}"


async def test_no_file_of_it_can_be_changed_or_left_out(api: Client, tmp_path: Path) -> None:
    folder = await unpacked(api, await lived(api), tmp_path / "dossier")
    for file in folder.iterdir():
        whole = file.read_bytes()
        assert judged(folder).startswith("true: "), "control"
        file.write_bytes(whole.replace(b"a", b"b", 1))
        assert judged(folder).startswith("untrue: "), file
        file.unlink()
        assert judged(folder).startswith("untrue: "), file
        file.write_bytes(whole)
    (folder / "one more").write_bytes(b"")
    assert "one more is not what was signed" in checked(folder)


Told = dict[str, Any]


def another_sentence(told: Told) -> None:
    told["history"][-1] |= {"sentence": "Nothing was done.", "data": {}}


def another_author(told: Told) -> None:
    told["history"][-1]["by"] = "head:T02"


def another_type(told: Told) -> None:
    told["history"][-1]["type"] = "case.noted"


def another_time(told: Told) -> None:
    told["history"][-1]["at"] = told["history"][0]["at"].replace("2025", "2024")


def other_data(told: Told) -> None:
    told["history"][0]["data"]["title"] = "Another"


def one_left_out(told: Told) -> None:
    del told["history"][2]


def the_end_cut_off(told: Told) -> None:
    del told["history"][2:]
    told["version"] = 2


def no_lines(told: Told) -> None:
    told["lines"] = False
    told["history"][-1]["hash"] = "0" * 64


FORGERIES = (
    another_sentence,
    another_author,
    another_type,
    another_time,
    other_data,
    one_left_out,
    the_end_cut_off,
    no_lines,
)


async def test_a_forged_history_is_untrue(api: Client, office: Office, tmp_path: Path) -> None:
    """Even one that was signed, if the lines are there: they vouch for what the service says of them."""
    folder = await unpacked(api, case := await lived(api), tmp_path / "dossier")
    case, key = await api.case(case), office.notary.events.key.signing("dossier")
    true = (folder / "dossier.json").read_bytes()
    for forgery in FORGERIES:
        forgery(told := json.loads(true))
        (folder / "dossier.json").write_text(json.dumps(told), "utf-8")
        assert "dossier.json is not what was signed" in judged(folder)
        signed = folder / "manifest"
        before = signed.read_text("utf-8")
        files = {one.name: one.read_bytes() for one in folder.iterdir() if one != signed}
        hashes = [f"{sha256(content).hexdigest()}  {name}" for name, content in files.items()]
        note = office.notary.signer.signed(key, f"{case['id']} {case['version']}", *hashes)
        signed.write_text(note, "utf-8")
        truth = "true" if forgery is no_lines else "untrue"
        assert judged(folder).startswith(f"{truth}: "), "without lines it is the service's word, which nobody can forge"
        signed.write_text(before, "utf-8")


async def test_a_dossier_signed_with_another_key_is_found_by_whoever_knows_the_first(
    api: Client, office: Office, tmp_path: Path
) -> None:
    folder = await unpacked(api, await lived(api), tmp_path / "dossier")
    other = str(Signer(tmp_path / "other").key("log"))
    assert "is not signed with the key" in checked(folder, "dossier", ".", "--key", other)
    assert checked(folder, "dossier", ".", "--key", str(office.notary.events.key)).startswith("true: ")


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
