"""The transparency log: a Merkle tree over what is stored, and checkpoints of it, signed with a key the database never sees.

Each data folder keeps the hashes of what it has seen (`tree/`), the key (`keys/transparency.key`) and the last checkpoint
it signed. It never signs a log that is shorter than that one, or begins differently.
"""

from __future__ import annotations

import base64
import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, Table, select

from service.hash_tree import HashTree
from service.tables import access_log, events
from service.verifier import Checkpoint, Key, Untrue, leaf_hash, opened

log = logging.getLogger("sanji.transparency")

KEY = "transparency.key"
PAGE = 2000
PAGES = 5
"""How many pages are read before others have their turn."""


class Forked(Exception):
    """The log is not the one that was signed. What it is now is never signed."""


class Signer:
    """The key, made on first use and readable by its owner only. It lies where the master secret lies."""

    def __init__(self, folder: Path) -> None:
        path = folder / KEY
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            with NamedTemporaryFile(dir=folder) as made:
                made.write(Ed25519PrivateKey.generate().private_bytes_raw())
                made.flush()
                os.fsync(made.fileno())
                with suppress(FileExistsError):
                    os.link(made.name, path)
        self._key = Ed25519PrivateKey.from_private_bytes(path.read_bytes())

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

    def told(self) -> dict[str, Any]:
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
        self._note = data / "keys" / f"{name}.checkpoint"
        self._said = ""

    @cached_property
    def key(self) -> Key:
        return self.signer.key(self.name)

    def signed(self) -> tuple[str, Checkpoint]:
        """The last checkpoint, as it was signed. Raises Untrue if it was not signed with this key."""
        note = self._note.read_text("utf-8")
        return note, opened(note, self.key)

    def size(self) -> int:
        """How many lines are signed."""
        return self.signed()[1].size if self._note.exists() else 0

    def latest(self) -> tuple[str, Checkpoint]:
        """A checkpoint of the log as it is now, or nearly; of one that forked, the last that was signed."""
        self.follow()
        return self.signed()

    def follow(self) -> bool:
        """Read on in the log and sign what is there. False: that was all, or it is not the log that was signed."""
        with self._alone():
            try:
                return self._follow(self.signed()[1] if self._note.exists() else None)
            except (Forked, Untrue) as error:
                if str(error) != self._said:
                    log.error("%s is not signed any more: %s", self.name, error)
                self._said = str(error)
                return False

    def proof(self, position: int, within: tuple[str, Checkpoint] | None = None) -> Proof | None:
        """None: it is not in the log that was signed last."""
        note, signed = within or self.latest()
        if not 0 < position <= signed.size:
            return None
        index = position - 1
        return Proof(position, self.tree.leaf(index), self.tree.inclusion(index, signed.size), note)

    def _follow(self, last: Checkpoint | None) -> bool:
        size, more = self.tree.size(), False
        with self.engine.connect() as db:
            for _ in range(PAGES):
                # the last line once more: a log that was cut off and has grown again is another one
                lines = self._lines(db, max(size, 1))
                if size and (not lines or leaf_hash(lines[0]) != self.tree.leaf(size - 1)):
                    raise Forked(f"position {size} is missing, or is not what it was")
                if more := len(lines) > (1 if size else 0):
                    size = self.tree.extend(map(leaf_hash, lines[1:] if size else lines))
                else:
                    break
        if last and size < last.size:
            return more
        if last and self.tree.root(last.size) != last.root:
            raise Forked(f"it does not begin with the {last.size} lines that were signed")
        if last is None or size > last.size:
            self._keep(self.signer.note(self.key, size, self.tree.root(size)))
        return more

    def _lines(self, db: Connection, first: int) -> list[bytes]:
        """Lines from a position on, as far as none is missing."""
        c = self.table.c
        query = select(c.position, c.state).where(c.position >= first).order_by(c.position).limit(PAGE)
        found = []
        for at, (position, state) in enumerate(db.execute(query), first):
            if at != position:
                raise Forked(f"position {at} is missing")
            found.append(bytes(state))
        return found

    def _keep(self, note: str) -> None:
        new = self._note.with_suffix(".new")
        with new.open("w", encoding="utf-8") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._note)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time of all processes with this data folder."""
        self.tree.folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.tree.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


class Notary:
    """Both logs: of what happened, and of who read it."""

    def __init__(self, engine: Engine, data: Path) -> None:
        self.signer = Signer(data / "keys")
        self.events = Transparency("log", events, engine, data, self.signer)
        self.accesses = Transparency("access-log", access_log, engine, data, self.signer)

    def follow(self) -> None:
        """Sign everything that is there."""
        for one in (self.events, self.accesses):
            while one.follow():
                pass
