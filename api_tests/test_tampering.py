"""Whoever has every right on the database can do much, but nothing unseen: `sanji verify` names the first position."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, func, insert, select, text, update
from typer.testing import CliRunner, Result

from api_tests.databases import Databases
from api_tests.district import DONE, MONDAY
from api_tests.inprocess import at_work, in_front_of, reopened
from service.audit import verifier
from service.audit.hash_tree import HashTree
from service.audit.transparency import KEY, Notary, Signer
from service.audit.verifier import Key, Untrue
from service.audit.verifying import ACCESSES, EVENTS, LOGS, Log, Verdict, export, verify
from service.cli import cli
from service.settings import Settings
from service.storage.database import open_database
from service.storage.tables import access_log, events, head
from service.terminal.doctor import examine

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


def slipped_in_at_the_end(kept: Kept) -> int:
    """A line that fits in every way, put there by somebody who is not the service; answers its position."""
    engine = open_database(kept.settings.database, pool=1)
    with engine.begin() as db:
        rows = [dict(row._mapping) for row in db.execute(select(events).order_by(events.c.position))]
        last = next(row for row in reversed(rows) if row["stream"].startswith("case:"))
        said = json.loads(last["state"])
        line = said | {"version": said["version"] + 1, "previous": sha256(last["state"]).hexdigest()}
        state = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()
        new = {"position": len(rows) + 1, "version": line["version"], "state": state, "command": None}
        db.execute(insert(events), [last | new])
        db.execute(update(head).values(position=len(rows) + 1))
    engine.dispose()
    return len(rows) + 1


def test_a_line_that_the_service_did_not_write_is_never_signed_and_alarms(kept: Kept) -> None:
    assert "nobody can say who wrote what is before 86" in kept.verdicts()["log"].said, "control: the district"
    assert kept.verdicts()["access-log"].said.endswith("each with its stamp"), "control"
    remembered = kept.settings.data_dir / "keys" / "log.checkpoint"
    before, at = remembered.read_text("utf-8"), slipped_in_at_the_end(kept)
    said = f"position {at}: does not carry the stamp of this service: somebody else wrote it"
    assert kept.verdicts()["log"].said == said

    async def goes_on() -> None:
        with at_work(kept.settings.database, kept.settings.data_dir) as office:
            async with in_front_of(reopened(office)) as api:
                await api.report()
                office.notary.follow()
                ready = await api.send("GET", "/readyz", by=None)
                assert (ready.status_code, ready.json()["alarms"]) == (503, {"log": said})
                metrics = (await api.send("GET", "/metrics", by=None)).text
                assert f'sanji_log_untrue{{log="log"}} {float(at)}' in metrics
                assert 'sanji_log_untrue{log="access-log"} 0.0' in metrics

    asyncio.run(goes_on())
    assert remembered.read_text("utf-8") == before, "nor is what came after it"
    assert examined(kept)["signature"] == (False, f"log: {said}; run sanji verify")


def examined(kept: Kept) -> dict[str, tuple[bool, str]]:
    return {one.what: (one.well, one.said) for one in examine(kept.settings, 10, date(2025, 3, 3))}


def test_what_lay_there_before_there_were_stamps_is_told_apart(kept: Kept) -> None:
    engine = open_database(kept.settings.database, pool=1)
    with engine.begin() as db:
        for table in ("events", "access_log"):
            db.execute(text(f"ALTER TABLE {table} DROP COLUMN stamp"))
        lines = db.scalar(select(func.count()).select_from(events)) or 0
    engine.dispose()
    for stamped in (kept.settings.data_dir / "keys").glob("*.stamped"):
        stamped.unlink()
    assert kept.verdicts()["log"].true, "the column need not be there"

    async def goes_on() -> None:
        with at_work(kept.settings.database, kept.settings.data_dir) as office:
            office.notary.follow()
            async with in_front_of(reopened(office)) as api:
                await api.report()
                office.notary.follow()
                assert not office.notary.alarms()

    asyncio.run(goes_on())
    verdict = kept.verdicts()["log"]
    assert verdict.true
    assert verdict.said.endswith(f"nobody can say who wrote what is before {lines + 1}")
    at = slipped_in_at_the_end(kept)
    assert kept.verdicts()["log"].said.startswith(f"position {at}: does not carry the stamp")


BESIDE = [
    (events, "command", "0" * 64),
    (events, "command", None),
    (events, "fingerprint", "0" * 64),
    (events, "topic", "case.noted"),
    (access_log, "at", datetime(2024, 1, 1, tzinfo=UTC)),
    (access_log, "command", "0" * 64),
    (access_log, "fingerprint", "0" * 64),
    (access_log, "by", "somebody"),
]


def test_what_lies_beside_a_line_is_compared(kept: Kept) -> None:
    with with_all_rights(kept.settings):
        pass
    engine = open_database(kept.settings.database, pool=1)
    for table, column, value in BESIDE:
        c, writes = table.c, table.c.command.is_not(None) if table is events else table.c.position == 2
        stamped = c.stamp.is_not(None)
        with engine.begin() as db:
            at, was = db.execute(select(c.position, c[column]).where(writes, stamped).order_by(c.position)).first() or (
                0,
                0,
            )
            db.execute(update(table).where(c.position == at).values({column: value}))
        verdict = kept.verdicts()["log" if table is events else "access-log"]
        assert verdict.said.startswith(f"position {at}: "), (column, verdict.said)
        with engine.begin() as db:
            db.execute(update(table).where(c.position == at).values({column: was}))
    engine.dispose()
    assert all(one.true for one in kept.verdicts().values())


def test_a_forked_log_of_readings_alarms_too(kept: Kept) -> None:
    assert examined(kept)["signature"][0], "control"
    where = []

    def cut(rows: Lines) -> Lines:
        where.append(len(rows))
        return rows[:-1]

    tampered(kept.settings, access_log, cut)
    engine = open_database(kept.settings.database, pool=1)
    notary = Notary(engine, kept.settings.data_dir)
    said = f"access-log: position {where[0]}: missing"
    assert examined(kept)["signature"][1].startswith(said), "even before anybody followed it"
    notary.follow()
    engine.dispose()
    assert {name: alarm.position for name, alarm in notary.alarms().items()} == {"access-log": where[0]}


def test_a_damaged_file_is_a_fault_at_a_position(kept: Kept, tmp_path: Path) -> None:
    environment = {"SANJI_DATABASE_URL": kept.settings.database, "SANJI_DATA_DIR": str(tmp_path / "nothing")}
    for name, log in LOGS.items():
        export(kept.settings, log, file := tmp_path / name)
        true = CliRunner().invoke(cli, ["verify", str(file)], env=environment)
        assert (true.exit_code, true.stdout[:14]) == (0, f"ok  {name:<10}"), "it is known by its first line"
        lines = file.read_bytes().splitlines(keepends=True)
        for damaged in (lines[1][:-30] + b"\n", lines[1][3:], b"\xff" * 40 + b"\n", b"\n", b"2\tnull\n"):
            file.write_bytes(b"".join([lines[0], damaged, *lines[2:]]))
            found = CliRunner().invoke(cli, ["verify", str(file)], env=environment)
            assert (found.exit_code, found.exception) == (1, found.exception)
            assert found.stdout.startswith(f"!!  {name:<10} position 2: "), found.stdout
            with pytest.raises(Untrue, match="position 2: "):
                verifier.main(["log", str(file)])
    if kept.settings.database.startswith("sqlite"):
        database = Path(kept.settings.database.removeprefix("sqlite:///"))
        size = database.stat().st_size
        with database.open("r+b") as content:
            content.seek(size // 3)
            content.write(b"\xff" * (size // 3))
        found = CliRunner().invoke(cli, ["verify"], env=environment)
        assert found.stdout.startswith("!!  log        position "), found.stdout


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
