"""Whoever has every right on the database can do much, but nothing unseen: `sanji verify` names the first position."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from typer.testing import CliRunner, Result

from api_tests.databases import Databases, SqliteFolder
from api_tests.tampering.hands import (
    Lines,
    chained,
    numbered,
    tampered,
    with_all_rights,
)
from api_tests.tampering.kept import Kept, tree_size
from api_tests.tampering.ways import TAMPERINGS, Change, edit_early, exchange_streams
from service.audit import verifier
from service.audit.hash_tree import HashTree
from service.audit.transparency import KEY, Signer
from service.audit.verifier import HASH, Untrue
from service.audit.verifying import ACCESSES, EVENTS, LOGS, Verdict, export, lines, verify, whole
from service.cli import cli
from service.settings import Settings
from service.storage.database import open_database
from service.storage.tables import access_log, events


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


IN_THE_WAY = {
    "sqlite": ["UPDATE events SET state = 'no bytes' WHERE position = 5"],
    "postgresql": [
        "ALTER TABLE events ALTER state DROP NOT NULL",
        "UPDATE events SET state = NULL WHERE position = 5",
    ],
}


def test_a_log_that_cannot_be_read_to_its_end_is_not_exported_as_if_it_were(kept: Kept, tmp_path: Path) -> None:
    environment = {"SANJI_DATABASE_URL": kept.settings.database, "SANJI_DATA_DIR": str(kept.settings.data_dir)}
    with with_all_rights(kept.settings) as db:
        for statement in IN_THE_WAY[db.dialect.name]:
            db.execute(text(statement))
    exported = CliRunner().invoke(cli, ["export", "log", str(file := tmp_path / "exported")], env=environment)
    assert exported.exit_code == 1
    assert exported.output == f"sanji: position 5: cannot be read; {file} ends before it\n"
    assert [line.split(b"\t")[0] for line in file.read_bytes().splitlines()] == [b"1", b"2", b"3", b"4"]
    assert kept.verdicts()["log"].said == "position 5: cannot be read"


def test_of_a_log_that_is_not_read_to_its_end_nothing_is_left_open(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    with lines(kept.settings, None, EVENTS) as rows:
        next(rows)
    del rows
    assert caplog.messages == []


def test_an_export_that_is_broken_off_leaves_the_one_before_as_it_was(tmp_path: Path) -> None:
    (file := tmp_path / "exported").write_bytes(b"whole")
    with suppress(KeyboardInterrupt), whole(file) as written:
        written.write(b"ha")
        raise KeyboardInterrupt
    assert file.read_bytes() == b"whole"


def test_a_log_made_to_break_whoever_reads_it_is_untrue_like_any_other(tmp_path: Path) -> None:
    deep, large = tmp_path / "deep", tmp_path / "large"
    deep.write_bytes(b"1\t" + b"[" * 100_000 + b"\n")
    with closing(sqlite3.connect(large)) as db, db:
        db.execute("CREATE TABLE events (position, state)")
        db.execute("INSERT INTO events VALUES (1, 100000000000000)")
    for file in (deep, large):
        command = [sys.executable, "-I", str(Path(verifier.__file__)), "log", str(file)]
        found = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path)
        assert found.stderr == "untrue: position 1: cannot be read\n"
        [verdict] = verify(Settings(data_dir=tmp_path / "data"), file, [EVENTS])
        assert (verdict.true, verdict.said) == (False, "position 1: cannot be read")


def test_a_log_that_nobody_can_read_is_not_said_to_be_changed(sqlite: SqliteFolder, tmp_path: Path) -> None:
    url = sqlite.founded()
    Path(f"{url.removeprefix('sqlite:///')}-wal").mkdir()
    [verdict] = verify(Settings(database_url=url, data_dir=tmp_path), None, [EVENTS])
    assert (verdict.true, verdict.said) == (False, "the database does not answer: unable to open database file")


def test_a_database_without_tables_is_no_log(databases: Databases, tmp_path: Path) -> None:
    settings = Settings(database_url=databases.empty(), data_dir=tmp_path)
    open_database(settings.database, pool=1).dispose()
    assert [one.said for one in verify(settings, None, [EVENTS, ACCESSES])] == [
        "there is no such log in this database"
    ] * 2


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


def test_an_exported_log_stays_the_beginning_of_what_goes_on(kept: Kept) -> None:
    copy, size = kept.early.with_name("copy"), int(kept.early.read_text("utf-8").splitlines()[1])
    export(kept.settings, EVENTS, copy)
    lines = copy.read_bytes().splitlines(keepends=True)

    def verdict(copied: list[bytes], *notes: Path) -> Verdict:
        copy.write_bytes(b"".join(copied))
        [found] = verify(kept.settings, copy, [EVENTS], notes)
        return found

    assert verdict(lines[:size]).true
    assert verdict(lines[:size]).said.endswith(f"the beginning of what was signed at {len(lines):,}")
    assert verdict(lines[:size], kept.early).true
    assert verdict(lines[:size], kept.late).said.startswith(f"position {size + 1}: missing")
    assert verdict([*lines[: size - 1], lines[size - 1].replace(b"T", b"t", 1)]).said.startswith(f"position {size}: ")
    signed = HashTree(kept.settings.data_dir / "tree" / "log").leaves
    signed.write_bytes(b"\1" * HASH + signed.read_bytes()[HASH:])
    assert verdict(lines[:size]).said.startswith("the hashes that were kept are not those of")


def test_a_note_that_is_no_checkpoint_of_the_log_is_not_passed_over(kept: Kept, tmp_path: Path) -> None:
    """A witness that kept an answer that was no checkpoint has seen nothing, and one that was renamed is another."""
    for name, note in {
        "overloaded": '{"status":503}',
        "empty": "",
        "renamed": kept.early.read_text("utf-8").replace("/log\n", "/logs\n", 1),
    }.items():
        (tmp_path / name).write_text(note, "utf-8")
        assert kept.verdicts(notes=[tmp_path / name], key=kept.key)[name].true is False
    [found, _] = verify(kept.settings, None, [EVENTS], [kept.accesses])
    assert (found.log, found.true) == ("accesses", False), "it is one of the other log"


def test_another_key_is_found_by_whoever_knows_the_first(kept: Kept) -> None:
    keys = kept.settings.data_dir / "keys"
    (keys / KEY).unlink()
    other = Signer(keys)
    verdict = kept.verdicts()["log"]
    assert not verdict.true
    assert "is not signed with the key" in verdict.said
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
            found = select(c.position, c[column]).where(writes, stamped).order_by(c.position).limit(1)
            at, was = db.execute(found).one()
            db.execute(update(table).where(c.position == at).values({column: value}))
        verdict = kept.verdicts()["log" if table is events else "access-log"]
        assert verdict.said.startswith(f"position {at}: "), (column, verdict.said)
        with engine.begin() as db:
            db.execute(update(table).where(c.position == at).values({column: was}))
    engine.dispose()
    assert all(one.true for one in kept.verdicts().values())


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
    file.write_bytes(b"")
    assert CliRunner().invoke(cli, ["verify", str(file)], env=environment).exit_code == 1
    with pytest.raises(Untrue, match="what is empty is no log"):
        verifier.main(["log", str(file)])
    if kept.settings.database.startswith("sqlite"):
        database = Path(kept.settings.database.removeprefix("sqlite:///"))
        size = database.stat().st_size
        with database.open("r+b") as content:
            content.seek(size // 3)
            content.write(b"\xff" * (size // 3))
        found = CliRunner().invoke(cli, ["verify"], env=environment)
        assert found.stdout.startswith("!!  log        position "), found.stdout
