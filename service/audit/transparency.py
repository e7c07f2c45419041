"""The transparency log: a Merkle tree over what is stored, and checkpoints of it, signed with a key the database never sees.

Each data folder keeps the hashes of what it has seen (`tree/`), the key (`keys/transparency.key`) and the last checkpoint
it signed. It never signs a log that is shorter than that one, or begins differently, nor a line without the stamp of the
service: then it raises an alarm, which stands in a file beside the checkpoint as long as it lasts.
"""

from __future__ import annotations

import base64
import fcntl
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, Table, func, select

from service.audit.hash_tree import HashTree
from service.audit.verifier import Checkpoint, Fault, Key, Untrue, leaf_hash, opened
from service.record.stamps import Stamp
from service.secrecy.own_secret import own_secret
from service.storage.tables import access_log, events

log = logging.getLogger("sanji.transparency")

KEY = "transparency.key"
UNSTAMPED = "does not carry the stamp of this service: somebody else wrote it"
PAGE = 2000
PAGES = 5
"""Pages of the log that are read before the thread does something else."""


class Forked(Fault):
    """The log is not the one that was signed, or holds what the service did not write. What it is now is never signed."""


@dataclass(frozen=True)
class Alarm:
    """From which position on the log is not to be trusted, and why."""

    position: int
    reason: str


class Signer:
    """The key, made on first use and readable by its owner only. It lies where the master secret lies."""

    def __init__(self, folder: Path) -> None:
        made = own_secret(folder / KEY, lambda: Ed25519PrivateKey.generate().private_bytes_raw())
        self._key = Ed25519PrivateKey.from_private_bytes(made)

    def key(self, log: str) -> Key:
        public = self._key.public_key().public_bytes_raw()
        return Key.of(f"sanji/{Key.of('', public).id.hex()}/{log}", public)

    def note(self, key: Key, size: int, root: bytes) -> str:
        """A checkpoint (C2SP tlog-checkpoint)."""
        return self.signed(key, str(size), base64.b64encode(root).decode())

    def signed(self, key: Key, *lines: str) -> str:
        """A note of these lines (C2SP signed-note); the name of the key is the line before them."""
        body = "".join(f"{line}\n" for line in (key.name, *lines))
        signature = base64.b64encode(key.id + self._key.sign(body.encode())).decode()
        return f"{body}\n— {key.name} {signature}\n"


@dataclass(frozen=True)
class Proof:
    """That a line is in the log of the size that a checkpoint was signed for."""

    position: int
    leaf_hash: bytes
    path: list[bytes]
    checkpoint: str

    def in_hexadecimal(self) -> dict[str, Any]:
        """With hashes in hexadecimal."""
        path = [one.hex() for one in self.path]
        return {"position": self.position, "leaf_hash": self.leaf_hash.hex(), "proof": path}


class Transparency:
    """One log's tree and checkpoints."""

    def __init__(self, name: str, table: Table, engine: Engine, data: Path, signer: Signer) -> None:
        self.name = name
        self.table = table
        self.engine = engine
        self.signer = signer
        self.tree = HashTree(data / "tree" / name)
        self.stamp = Stamp.in_folder(data / "keys")
        self._note = data / "keys" / f"{name}.checkpoint"
        self._alarm = data / "keys" / f"{name}.alarm"
        self._stamped = data / "keys" / f"{name}.stamped"

    @cached_property
    def key(self) -> Key:
        return self.signer.key(self.name)

    def signed(self) -> tuple[str, Checkpoint]:
        """The last checkpoint, as it was signed. Raises Untrue if it is not whole, or was not signed with this key."""
        note = self._note.read_text("utf-8", "replace")
        try:
            return note, opened(note, self.key)
        except Untrue:
            raise Untrue(f"{self._note.name} is damaged, or was signed with another key than this") from None

    def size(self) -> int:
        """How many lines are signed; none, if the last checkpoint was not signed with this key."""
        try:
            return self.signed()[1].size if self._note.exists() else 0
        except Untrue:
            return 0

    def latest(self) -> tuple[str, Checkpoint]:
        """A checkpoint of the log as it is now, or nearly; of one that forked, the last that was signed."""
        self.follow()
        return self.signed()

    def follow(self) -> bool:
        """Read on in the log and sign what is there. False: that was all, or it is not the log that was signed."""
        with self._alone():
            try:
                more = self._follow(self.signed()[1] if self._note.exists() else None)
            except Untrue as untrue:
                self._raise(Alarm(getattr(untrue, "position", 1), str(untrue)))
                return False
            self._alarm.unlink(missing_ok=True)
            return more

    def keep(self, first: int, lines: Sequence[bytes]) -> None:
        """Keep the hashes of lines that were written just now, before anybody is answered; signing them can wait."""
        with self._alone():
            if self.tree.size() == first - 1:
                self.tree.extend(map(leaf_hash, lines))
                return
        while self.follow():
            pass

    def alarm(self) -> Alarm | None:
        """The alarm that was raised last, by whichever process follows the log. A damaged alarm file raises the alarm
        anew.
        """
        try:
            position, reason = self._alarm.read_text("utf-8").split("\n", 1)
            return Alarm(int(position), reason)
        except (FileNotFoundError, ValueError):
            return None

    def looked_at(self, db: Connection) -> Alarm | None:
        """Whether the log still holds what was signed last; nothing is signed."""
        try:
            signed = self.signed()[1] if self._note.exists() else None
        except Untrue as untrue:
            return Alarm(1, str(untrue))
        size = self.tree.size()
        if signed and signed.size <= size and self.tree.root(signed.size) != signed.root:
            return Alarm(1, f"the hashes that were kept are not those of the {signed.size} lines that were signed")
        for end in sorted({size, signed.size if signed else 0} - {0}):
            line = db.scalar(select(self.table.c.state).where(self.table.c.position == end))
            if not isinstance(line, bytes) or (end <= size and leaf_hash(line) != self.tree.leaf(end - 1)):
                return Alarm(end, str(Forked(end, "missing, or not what it was")))
        return None

    def proof(self, position: int, within: tuple[str, Checkpoint] | None = None) -> Proof | None:
        """The proof of a line; None if it is not in the log that was signed last."""
        note, signed = within or self.latest()
        if not 0 < position <= signed.size:
            return None
        index = position - 1
        return Proof(position, self.tree.leaf(index), self.tree.inclusion(index, signed.size), note)

    def _follow(self, last: Checkpoint | None) -> bool:
        """Keep the hashes of new lines and sign them, up to the first fault. Raises Forked."""
        size, more, fault = self.tree.size(), True, None
        with self.engine.connect() as db:
            stamped = self._must_be_stamped(db)
            for _ in range(PAGES):
                # the last line once more: a log that was cut off and has grown again is another one
                lines, fault = self._lines(db, max(size, 1), stamped)
                if size and (not lines or leaf_hash(lines[0]) != self.tree.leaf(size - 1)):
                    raise Forked(size, "missing, or not what it was")
                new = lines[1:] if size else lines
                size = self.tree.extend(map(leaf_hash, new))
                if not (more := bool(new) and fault is None):
                    break
        if last and size < last.size and fault is None and not more:
            fault = Forked(size + 1, f"missing, where {last.size} lines were signed")
        if last and size >= last.size and self.tree.root(last.size) != last.root:
            raise Forked(1, f"this or a line up to {last.size} is not what was signed")
        if size > (last.size if last else -1):
            self._keep(self._note, self.signer.note(self.key, size, self.tree.root(size)))
        if fault:
            raise fault
        return more

    def _lines(self, db: Connection, first: int, stamped: int) -> tuple[list[bytes], Forked | None]:
        """The lines from a position on, up to the first that is missing or has a wrong stamp."""
        c = self.table.c
        query = select(c.position, c.state, c.command, c.fingerprint, c.stamp).where(c.position >= first)
        found: list[bytes] = []
        for at, row in enumerate(db.execute(query.order_by(c.position).limit(PAGE)), first):
            if at != row.position:
                return found, Forked(at, "missing")
            if not isinstance(line := row.state, bytes):
                return found, Forked(at, "cannot be read")
            if self.stamp and at >= stamped and row.stamp != self.stamp.on(line, row.command, row.fingerprint):
                return found, Forked(at, UNSTAMPED)
            found.append(line)
        return found, None

    def _must_be_stamped(self, db: Connection) -> int:
        """The position from which on each line must have a stamp; worked out once for a data folder, and written down
        there.

        Lines from before there were stamps have none: who wrote them, nobody can say any more.
        """
        if (known := stamped_from(self._stamped)) is not None:
            return known
        c = self.table.c
        first = db.scalar(select(func.min(c.position)).where(c.stamp.is_not(None)))
        since: int = first or (db.scalar(select(func.max(c.position))) or 0) + 1
        if since > 1:
            log.warning(
                "%s: the %d lines up to now have no stamp; from here on, each must have one", self.name, since - 1
            )
        self._keep(self._stamped, str(since))
        return since

    def _raise(self, alarm: Alarm) -> None:
        if alarm != self.alarm():
            log.error("%s is not signed any more: %s", self.name, alarm.reason)
            self._keep(self._alarm, f"{alarm.position}\n{alarm.reason}")

    def _keep(self, place: Path, text: str) -> None:
        new = place.with_name(f"{place.name}.new")
        with new.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(place)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Held by one of all the processes that share this data folder."""
        self.tree.folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.tree.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def stamped_from(place: Path) -> int | None:
    """From which position on the service demands a stamp; None where it has not looked yet, or its keys are elsewhere.

    Raises Untrue where what it wrote down is not whole.
    """
    try:
        return int(place.read_text("utf-8", "replace"))
    except FileNotFoundError:
        return None
    except ValueError:
        raise Untrue(f"{place.name} is damaged: bring it back from the backup") from None


class Notary:
    """Both logs: of what happened, and of who read it."""

    def __init__(self, engine: Engine, data: Path) -> None:
        self.signer = Signer(data / "keys")
        self.events = Transparency("log", events, engine, data, self.signer)
        self.accesses = Transparency("access-log", access_log, engine, data, self.signer)

    @property
    def both(self) -> tuple[Transparency, Transparency]:
        return self.events, self.accesses

    def follow(self) -> bool:
        """Sign what is there, of either log as much as is read in one turn. False: that was all."""
        happened, read = self.events.follow(), self.accesses.follow()
        return happened or read

    def alarms(self) -> dict[str, Alarm]:
        """What is wrong, by the name of the log; empty when all is well."""
        return {one.name: alarm for one in self.both if (alarm := one.alarm())}
