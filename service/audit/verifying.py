"""`sanji verify` and `sanji export log`: both logs of a database, or an exported one, checked line by line with no server."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from sqlalchemy import Connection, Engine, Row, Table, exc, inspect, null, select

from service.audit import access_log as accesses
from service.audit.hash_tree import HashTree
from service.audit.transparency import KEY, UNSTAMPED, Signer, stamped_from
from service.audit.verifier import HASH, Checkpoint, Fault, Key, Untrue, check, lines_of, opened
from service.audit.verifier import Row as Line
from service.record import codec
from service.record.stamps import Stamp
from service.secrecy.seals import MASTER
from service.settings import Settings
from service.storage.database import OUT_OF_REACH, open_to_read
from service.storage.tables import access_log, events

PAGE = 5000
UNREADABLE = "cannot be read"


@dataclass(frozen=True)
class Log:
    """A log to be verified: its table, and the fields of a line that stand in columns beside it."""

    name: str
    table: Table
    filed: Callable[[bytes], dict[str, Any]]


def event_filed(state: bytes) -> dict[str, Any]:
    line = codec.to_line(state)
    return {"stream": line.stream, "version": line.version, "topic": line.type, "command": line.command}


def access_filed(state: bytes) -> dict[str, Any]:
    return accesses.found_by(accesses.as_line(state))


EVENTS = Log("log", events, event_filed)
ACCESSES = Log("access-log", access_log, access_filed)
LOGS = {log.name: log for log in (EVENTS, ACCESSES)}


@dataclass(frozen=True)
class Verdict:
    log: str
    true: bool
    said: str


@dataclass(frozen=True)
class Witnesses:
    """What was written down outside the database: checkpoints that were brought, the last one here, the hash of every line."""

    brought: Sequence[Checkpoint]
    signed_last: Checkpoint | None
    tree: HashTree

    def checked(self, rows: Iterator[Line], end: int | None) -> str:
        """Verifies a log and answers a verdict in words. Raises Untrue.

        A copy of the first lines may end where the log has gone on since: then the kept hashes vouch for each line of
        it.
        """
        signed, last = list(self.brought), self.signed_last
        if end == 0 and not signed:
            raise Untrue("there is no line: what is empty is no log")
        copied = last is not None and end is not None and end < last.size
        if last is not None and not copied:
            signed.append(last)
        elif last is not None and (self.tree.size() < last.size or self.tree.root(last.size) != last.root):
            raise Untrue(f"the hashes that were kept are not those of the {last.size} lines that were signed")
        tree = check(rows, signed, self.leaves()[: None if end is None else HASH * end])
        against = f"as signed at {max(one.size for one in signed):,}" if signed else "no checkpoint to compare with"
        if last is not None and copied:
            against = f"the beginning of what was signed at {last.size:,}"
        return f"{tree.size:,} lines, root {tree.root().hex()}, {against}"

    def leaves(self) -> bytes:
        return self.tree.leaves.read_bytes() if self.tree.leaves.exists() else b""


def verify(
    settings: Settings, file: Path | None, logs: Sequence[Log], notes: Sequence[Path] = (), key: Key | None = None
) -> Iterator[Verdict]:
    """Check each log against itself, against what the data folder remembers, and against checkpoints kept elsewhere."""
    brought = [(note.name, note.read_text("utf-8", "replace")) for note in notes]
    for name, text in brought:
        if signed_of(text) not in [log.name for log in logs]:
            yield Verdict(name, False, "is not a checkpoint of what is checked here")
    for log in logs:
        try:
            known = witnesses(settings.data_dir, log, [text for _, text in brought], key)
            with lines(settings, file, log) as rows:
                end = sum(1 for _ in lines_of(file, log.table.name)) if file else None
                summary = known.checked(rows, end)
        except Untrue as untrue:
            yield Verdict(log.name, False, str(untrue))
            continue
        stamps = f", {stamps_of(settings.data_dir, log)}" if file is None else ""
        yield Verdict(log.name, True, f"{summary}{stamps}")


def signed_of(note: str) -> str:
    """Which log a note says it is a checkpoint of."""
    return note.partition("\n")[0].rpartition("/")[2]


def log_in(file: Path) -> Log | None:
    """Which log was exported to a file; None: it is a SQLite database, which has both."""
    with file.open("rb") as content:
        start = content.read(40)
    return None if start.startswith(b"SQLite format 3") else ACCESSES if b'\t{"at":' in start else EVENTS


def witnesses(data: Path, log: Log, notes: Sequence[str], key: Key | None) -> Witnesses:
    """What there is. Raises Untrue for a checkpoint that was not signed with the key."""
    remembered, tree = data / "keys" / f"{log.name}.checkpoint", HashTree(data / "tree" / log.name)
    if key is not None:
        key = key.signing(log.name)
    elif (data / "keys" / KEY).exists():
        key = Signer(data / "keys").key(log.name)
    own = [note for note in notes if signed_of(note) == log.name]
    last = remembered.read_text("utf-8", "replace") if remembered.exists() else None
    if key is None:
        if own or last is not None:
            raise Untrue("there is no key to check the checkpoints with")
        return Witnesses([], None, tree)
    return Witnesses([opened(note, key) for note in own], opened(last, key) if last is not None else None, tree)


@contextmanager
def lines(settings: Settings, file: Path | None, log: Log) -> Iterator[Iterator[Line]]:
    """The lines of a log in order: of a file, or of the database with what is wrong beside them."""
    if file is not None:
        yield lines_of(file, log.table.name)
        return
    try:
        engine = open_to_read(settings.database)
    except FileNotFoundError as missing:
        raise Untrue(f"{missing.filename} does not exist") from None
    try:
        with reading(engine) as db, closing(stored(db, log, settings.data_dir)) as rows:
            yield rows
    finally:
        engine.dispose()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    try:
        db = engine.connect()
    except exc.SQLAlchemyError as error:
        raise Fault(1, f"{UNREADABLE}: {error.__cause__ or error}") from None
    with db:
        yield db


def stored(db: Connection, log: Log, data: Path) -> Generator[Line, None, None]:
    position, stamp, stamped = 0, Stamp.in_folder(data / "keys"), stamped_from(data / "keys" / f"{log.name}.stamped")
    try:
        there = {column["name"] for column in inspect(db).get_columns(log.table.name)}
        columns = [column if column.name in there else null().label(column.name) for column in log.table.c]
        query = select(*columns).order_by(log.table.c.position)
        with db.execution_options(yield_per=PAGE).execute(query) as rows:
            for row in rows:
                position, line = int(row.position), bytes(memoryview(row.state))
                if row.stamp is not None and stamped is None:
                    stamped = position
                wrong = misfiled(row, line, log)
                if stamp and stamped is not None and position >= stamped:
                    true = row.stamp == stamp.on(line, row.command, row.fingerprint)
                    wrong = wrong or ("" if true else UNSTAMPED)
                yield position, line, wrong
    except exc.NoSuchTableError:
        raise Untrue("there is no such log in this database") from None
    except OUT_OF_REACH as error:
        raise Untrue(f"the database does not answer: {error.__cause__ or error}") from None
    except (exc.SQLAlchemyError, sqlite3.Error, ValueError, TypeError, AttributeError):
        yield position + 1, b"", UNREADABLE


def stamps_of(data: Path, log: Log) -> str:
    """What the stamps can tell."""
    if not (data / "keys" / MASTER).exists():
        return "stamps cannot be compared without the master secret"
    since = stamped_from(data / "keys" / f"{log.name}.stamped")
    return f"nobody can say who wrote what is before {since:,}" if since and since > 1 else "each with its stamp"


def misfiled(row: Row[Any], line: bytes, log: Log) -> str:
    """The columns that do not say the same as their line. A command stands beside the first of its lines only."""
    try:
        filed = log.filed(line)
    except msgspec.MsgspecError:
        return ""
    wrong = [name for name, value in filed.items() if getattr(row, name) != value]
    if wrong == ["command"] and row.command is None:
        return ""
    return f"filed under another {' and '.join(wrong)} than it says" if wrong else ""


def export(settings: Settings, log: Log, file: Path) -> int:
    """Write a log down as it is stored: a line for each position, with the position before it. Answers how many.

    What a line says may be untrue. Raises Fault for one that cannot be read: there the file ends.
    """
    count = 0
    with lines(settings, None, log) as rows, whole(file) as written:
        for position, line, wrong in rows:
            if wrong == UNREADABLE:
                break
            written.write(b"%d\t%s\n" % (position, line))
            count += 1
        else:
            return count
    raise Fault(position, f"{wrong}; {file} ends before it")


@contextmanager
def whole(file: Path) -> Iterator[BinaryIO]:
    """A file that takes its place, and that of the one before, when all of it is there; a pipe is written to as it goes."""
    if file.exists() and not file.is_file():
        with file.open("wb") as written:
            yield written
        return
    part = file.with_name(f"{file.name}.part")
    with part.open("wb") as written:
        yield written
    part.replace(file)
