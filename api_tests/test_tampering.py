"""Whoever has every right on the database can do much, but nothing unseen: `sanji verify` names the first position."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, insert, select, text
from typer.testing import CliRunner, Result

from api_tests.databases import Databases
from api_tests.district import DONE, MONDAY
from api_tests.inprocess import at_work, in_front_of, reopened
from service import verifier
from service.cli import cli
from service.database import open_database
from service.hash_tree import HashTree
from service.settings import Settings
from service.tables import access_log, events
from service.transparency import KEY, Notary, Signer
from service.verifier import Key
from service.verifying import ACCESSES, EVENTS, LOGS, Log, Verdict, export, verify

Lines = list[dict[str, Any]]


@dataclass(frozen=True)
class Kept:
    """A log as it was left: its database, the folder of the service, and what somebody else wrote down."""

    settings: Settings
    early: Path
    late: Path
    accesses: Path
    key: Key

    def verdicts(self, **more: Any) -> dict[str, Verdict]:
        """With all that the service's own folder remembers."""
        return {one.log: one for one in verify(self.settings, None, list(LOGS.values()), **more)}

    def elsewhere(self, log: Log, *notes: Path) -> Verdict:
        """An exported log on another machine, with nothing but checkpoints and the key."""
        export(self.settings, log, file := self.early.with_suffix(f".{log.name}"))
        folder = self.settings.model_copy(update={"data_dir": self.early.parent / "nothing"})
        [verdict] = verify(folder, file, [log], notes, self.key)
        return verdict


@pytest.fixture
def kept(databases: Databases, tmp_path: Path) -> Kept:
    url = databases.founded()
    settings = Settings(database_url=url, data_dir=tmp_path / "data", auth="dev", clock="manual")
    early, late, accesses = tmp_path / "early", tmp_path / "late", tmp_path / "accesses"

    async def lives() -> None:
        with at_work(url, settings.data_dir) as office:
            async with in_front_of(reopened(office)) as api:
                await api.set_clock(MONDAY)
                for number in (1, 2, 3):
                    case = await api.report(
                        by=f"citizen:{number}", village="V0101", petitioner={"name": f"Petitioner {number}"}
                    )
                    await api.ask(case, "accept", by="clerk:T01")
                    early.write_text((await api.get("/v1/log/checkpoint")).text, "utf-8")
                    await api.ask(case, "assign", by="clerk:T01", unit="T01")
                    await api.ask(case, "start", by="head:T01")
                    await api.ask(case, "resolve", by="head:T01", **DONE)
                    await api.case(case, by="auditor")
                late.write_text((await api.get("/v1/log/checkpoint")).text, "utf-8")
                accesses.write_text((await api.get("/v1/access-log/checkpoint")).text, "utf-8")

    asyncio.run(lives())
    return Kept(settings, early, late, accesses, Signer(settings.data_dir / "keys").key("log"))


@contextmanager
def with_all_rights(settings: Settings) -> Iterator[Connection]:
    """What refuses changes is taken away first."""
    engine = open_database(settings.database, pool=1)
    with engine.begin() as db:
        for table in ("events", "access_log"):
            if db.dialect.name == "sqlite":
                for change in ("UPDATE", "DELETE"):
                    db.execute(text(f"DROP TRIGGER {table}_no_{change}"))
            else:
                db.execute(text(f"DROP TRIGGER {table}_append_only ON {table}"))
        yield db
    engine.dispose()


def tampered(settings: Settings, table: Table, change: Callable[[Lines], Lines]) -> None:
    """Write the whole table anew, as somebody would have it."""
    with with_all_rights(settings) as db:
        rows = [dict(row._mapping) for row in db.execute(select(table).order_by(table.c.position))]
        wanted = change([dict(row, state=bytes(row["state"])) for row in rows])
        db.execute(delete(table))
        db.execute(insert(table), wanted)


def numbered(rows: Lines) -> Lines:
    """At dense positions."""
    return [row | {"position": position} for position, row in enumerate(rows, 1)]


def chained(rows: Lines) -> Lines:
    """Each line with the hash of the one before it in its stream, as if it had always been so."""
    ends: dict[str, tuple[int, str]] = {}
    made = []
    for row in rows:
        line = json.loads(row["state"])
        stream = line.get("stream", "")
        version, previous = ends.get(stream, (0, ""))
        line["previous"] = previous
        if "version" in line:
            line["version"] = row["version"] = version + 1
        state = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()
        ends[stream] = version + 1, sha256(state).hexdigest()
        made.append(row | {"state": state})
    return made


def of_case(rows: Lines, number: int, topic: str) -> int:
    """The position of an event of one of the three cases."""
    positions: list[int] = [row["position"] for row in rows if row["topic"] == topic]
    return positions[number - 1]


Change = tuple[int, Lines]


def edit(rows: Lines) -> Change:
    at = of_case(rows, 2, "case.resolved")
    rows[at - 1]["state"] = rows[at - 1]["state"].replace(b"It is done.", b"It is late.")
    return at, rows


def edit_early(rows: Lines) -> Change:
    at = of_case(rows, 2, "case.reported")
    rows[at - 1]["state"] = rows[at - 1]["state"].replace(b"The pipe", b"The tube")
    return at, rows


def remove(rows: Lines) -> Change:
    at = of_case(rows, 2, "case.resolved")
    return at, rows[: at - 1] + rows[at:]


def remove_and_close_up(rows: Lines) -> Change:
    at = of_case(rows, 2, "case.work_started")
    return at, chained(numbered(rows[: at - 1] + rows[at:]))


def slip_in(rows: Lines) -> Change:
    at = of_case(rows, 3, "case.reported")
    line = json.loads(rows[at - 1]["state"]) | {"stream": "case:never-reported"}
    forged = rows[at - 1] | {"stream": "case:never-reported", "state": json.dumps(line).encode(), "command": None}
    return at, chained(numbered([*rows[: at - 1], forged, *rows[at - 1 :]]))


def swap(rows: Lines) -> Change:
    one, two = of_case(rows, 1, "case.resolved"), of_case(rows, 2, "case.accepted")
    rows[one - 1], rows[two - 1] = rows[two - 1], rows[one - 1]
    return min(one, two), numbered(rows)


def cut_off(rows: Lines) -> Change:
    return len(rows) - 1, rows[:-2]


def rewrite(rows: Lines) -> Change:
    at, rows = edit_early(rows)
    return at, chained(rows)


def fork(rows: Lines) -> Change:
    at = of_case(rows, 2, "case.accepted")
    line = json.loads(rows[at - 1]["state"]) | {"stream": "case:another"}
    forged = rows[at - 1] | {"stream": "case:another", "state": json.dumps(line).encode(), "command": None}
    return at, chained(numbered([*rows[: at - 1], *([forged] * len(rows))]))


def exchange_streams(rows: Lines) -> Change:
    one, two = of_case(rows, 1, "case.resolved"), of_case(rows, 3, "case.resolved")
    rows[one - 1]["stream"], rows[two - 1]["stream"] = rows[two - 1]["stream"], rows[one - 1]["stream"]
    return min(one, two), rows


def exchange_identity(rows: Lines) -> Change:
    one, two = (of_case(rows, number, "case.reported") for number in (1, 2))
    others = json.loads(rows[two - 1]["state"])["data"]["petitioner"]
    line = json.loads(rows[one - 1]["state"])
    line["data"]["petitioner"] = others
    rows[one - 1]["state"] = json.dumps(line).encode()
    return one, chained(rows)


TAMPERINGS = (
    edit,
    edit_early,
    remove,
    remove_and_close_up,
    slip_in,
    swap,
    cut_off,
    rewrite,
    fork,
    exchange_streams,
    exchange_identity,
)


def test_a_log_that_nobody_touched_passes(kept: Kept) -> None:
    assert all(one.true for one in kept.verdicts(notes=[kept.early, kept.late, kept.accesses], key=kept.key).values())
    assert all(one.true for one in kept.verdicts().values())
    assert kept.elsewhere(EVENTS, kept.early, kept.late).true
    assert kept.elsewhere(ACCESSES, kept.accesses).true


def test_the_commands_say_so_and_the_verifier_alone_too(kept: Kept, tmp_path: Path) -> None:
    environment = {"SANJI_DATABASE_URL": kept.settings.database, "SANJI_DATA_DIR": str(kept.settings.data_dir)}
    file, key = tmp_path / "exported", ["--key", str(kept.key), "--checkpoint", str(kept.late)]

    def sanji(*asked: str) -> Result:
        return CliRunner().invoke(cli, asked, env=environment)

    def alone(*asked: str) -> str:
        command = [sys.executable, "-I", str(Path(verifier.__file__)), "log", *asked]
        return subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path).stdout[:5]

    assert sanji("verify").exit_code == sanji("export", "log", str(file)).exit_code == 0
    assert sanji("verify", str(file), *key).exit_code == 0
    assert alone(str(file), *key) == "true:"
    if kept.settings.database.startswith("sqlite"):
        assert alone(kept.settings.database.removeprefix("sqlite:///"), *key) == "true:"
    tampered(kept.settings, events, lambda rows: edit_early(rows)[1])
    sanji("export", "log", str(file))
    found = sanji("verify")
    assert found.exit_code == 1
    assert found.stdout.startswith("!!  log        position ")
    assert sanji("verify", str(file), *key).exit_code == 1
    assert alone(str(file), *key) == ""


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda one: one.__name__)
def test_what_was_done_to_the_log_is_found_where_it_was_done(kept: Kept, tampering: Callable[[Lines], Change]) -> None:
    where = []

    def change(rows: Lines) -> Lines:
        at, changed = tampering(rows)
        where.append(at)
        return changed

    tampered(kept.settings, events, change)
    verdicts = kept.verdicts()
    assert not verdicts["log"].true
    assert verdicts["log"].said.startswith(f"position {where[0]}: "), verdicts["log"].said
    assert verdicts["access-log"].true
    if tampering is not exchange_streams:
        # an exported log has no columns beside its lines; those that were exchanged are not in it
        found = kept.elsewhere(EVENTS, kept.early, kept.late)
        assert not found.true
        assert found.said.startswith("position ")
        assert int(found.said.split()[1].rstrip(":")) <= where[0]


def test_a_reading_that_was_taken_out_is_found_even_when_the_rest_was_chained_anew(kept: Kept) -> None:
    tampered(kept.settings, access_log, lambda rows: chained(numbered(rows[:1] + rows[2:])))
    assert kept.verdicts()["access-log"].said.startswith("position 2: ")
    assert kept.verdicts()["log"].true
    assert not kept.elsewhere(ACCESSES, kept.accesses).true


def test_a_reading_that_is_simply_missing_is_found(kept: Kept) -> None:
    tampered(kept.settings, access_log, lambda rows: rows[:1] + rows[2:])
    assert kept.verdicts()["access-log"].said == "position 2: missing"


def test_an_old_checkpoint_does_not_hide_what_was_cut_off(kept: Kept) -> None:
    size = int(kept.early.read_text("utf-8").splitlines()[1])
    tampered(kept.settings, events, lambda rows: rows[:size])
    assert kept.elsewhere(EVENTS, kept.early).true, "control: it is a checkpoint of just this log"
    assert kept.elsewhere(EVENTS, kept.early, kept.late).said.startswith(f"position {size + 1}: missing")
    remembered = kept.settings.data_dir / "keys" / "log.checkpoint"
    assert kept.verdicts()["log"].said.startswith(f"position {size + 1}: missing")
    remembered.write_text(kept.early.read_text("utf-8"), "utf-8")
    assert kept.verdicts()["log"].said.startswith(f"position {size + 1}: missing"), "the tree was longer"


def test_another_key_is_found_by_whoever_knows_the_first(kept: Kept) -> None:
    keys = kept.settings.data_dir / "keys"
    (keys / KEY).unlink()
    other = Signer(keys)
    verdict = kept.verdicts()["log"]
    assert not verdict.true
    assert "is not signed with the key" in verdict.said
    tree = HashTree(kept.settings.data_dir / "tree" / "log")
    for log in LOGS:
        tree = HashTree(kept.settings.data_dir / "tree" / log)
        note = other.note(other.key(log), tree.size(), tree.root(tree.size()))
        (keys / f"{log}.checkpoint").write_text(note, "utf-8")
    assert kept.verdicts()["log"].true, "control: only who knows the first key can tell"
    verdict = kept.verdicts(key=kept.key)["log"]
    assert not verdict.true
    assert f"log {tree_size(kept)} is not signed with the key {kept.key.name}" in verdict.said


def test_two_logs_signed_with_one_key_are_found_by_either(kept: Kept, tmp_path: Path) -> None:
    """What one witness was shown is held against what another was shown."""
    signer = Signer(kept.settings.data_dir / "keys")
    other = tmp_path / "other"
    other.write_text(signer.note(kept.key, 40, b"\1" * 32), "utf-8")
    found = kept.elsewhere(EVENTS, kept.early, other)
    assert not found.true
    assert found.said == "position 1: this or a line up to 40 is not what was signed"
    assert kept.elsewhere(EVENTS, kept.early).true


def tree_size(kept: Kept) -> int:
    return HashTree(kept.settings.data_dir / "tree" / "log").size()


def test_the_service_never_signs_another_log(kept: Kept) -> None:
    remembered = kept.settings.data_dir / "keys" / "log.checkpoint"
    before = remembered.read_text("utf-8")

    def signed_again() -> str:
        engine = open_database(kept.settings.database, pool=1)
        Notary(engine, kept.settings.data_dir).follow()
        engine.dispose()
        return remembered.read_text("utf-8")

    assert signed_again() == before
    tampered(kept.settings, events, lambda rows: rows[:-3])
    assert signed_again() == before, "a shorter log"
    with_another_end(kept)
    assert signed_again() == before, "a longer one that is another"
    for level in HashTree(kept.settings.data_dir / "tree" / "log").folder.iterdir():
        level.unlink()
    assert signed_again() == before, "not even when all hashes are lost: the checkpoint remembers"


def with_another_end(kept: Kept) -> None:
    engine = open_database(kept.settings.database, pool=1)
    with engine.begin() as db:
        end = db.execute(select(events).order_by(events.c.position.desc()).limit(1)).one()._mapping
        more = [
            dict(end) | {"position": end["position"] + n, "version": end["version"] + n, "command": None}
            for n in range(1, 9)
        ]
        db.execute(insert(events), more)
    engine.dispose()
