"""Checks a log, a receipt or a dossier without any other part of Sanji: this file, Python and `cryptography` are enough.

    python verifier.py log FILE          an exported log, or a SQLite database
    python verifier.py access-log FILE   the same for the log of readings
    python verifier.py receipt FILE      what a citizen was given
    python verifier.py dossier FOLDER    an unpacked dossier; the folder of this file, if none is named

    --key KEY            the key the signature must be of, as text or in a file: from somebody you trust, not from the log
    --checkpoint FILE    a checkpoint that was signed earlier; any number of them
    --leaves FILE        the leaf hashes a server kept beside its key: then every difference is found at its position

The log is a Merkle tree (RFC 9162) whose leaf n-1 is the stored line at position n; a checkpoint is a signed note
(C2SP tlog-checkpoint) of its size and root. Each line also holds the hash of the one before it in its stream.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import json
import re
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HASH = 32
ED25519 = b"\x01"
HEAD = re.compile(
    rb'\{"stream":"([^"\\]*)","version":(\d+),"type":"([^"\\]*)","at":"[^"\\]*","recorded_at":"[^"\\]*",'
    rb'"by":"(?:[^"\\]|\\.)*","command":"[^"\\]*","previous":"([0-9a-f]*)","data":'
)
"""How every stored event begins."""
COLUMNS = {"events": "stream, version, topic", "access_log": '"by", "action", "subject", "outcome"'}

Row = tuple[int, tuple[Any, ...] | None, bytes]
"""A position, the columns a database keeps beside the line (none in an exported log), and the line."""
Place = tuple[bytes, int, bytes]
"""A stream, a version in it, and the hash of what stands before, in hexadecimal."""


class Untrue(Exception):
    """Something is not what it claims to be."""


@dataclass(frozen=True)
class Fault:
    position: int
    what: str

    def __str__(self) -> str:
        return f"position {self.position}: {self.what}"


def leaf_hash(line: bytes) -> bytes:
    return sha256(b"\0" + line).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


class Tree:
    """A Merkle tree that grows at its end and remembers only the roots of its complete parts."""

    def __init__(self) -> None:
        self.size = 0
        self.parts: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        rest = self.size
        while rest & 1:
            leaf = sha256(b"\1" + self.parts.pop() + leaf).digest()
            rest >>= 1
        self.parts.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        if not self.parts:
            return sha256(b"").digest()
        root = self.parts[-1]
        for part in reversed(self.parts[:-1]):
            root = node_hash(part, root)
        return root


def included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a leaf is in the tree of this size and root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for one in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(one, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, one)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def consistent(size: int, root: bytes, later: int, later_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the tree of the later size begins with the one of the earlier (RFC 9162, 2.1.4.2)."""
    if not 0 < size <= later or size == later:
        return size == later and root == later_root and not path
    path = [root, *path] if size & (size - 1) == 0 else list(path)
    if not path:
        return False
    at, last = size - 1, later - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(one, before), node_hash(one, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, one)
        at, last = at >> 1, last >> 1
    return last == 0 and (before, after) == (root, later_root)


@dataclass(frozen=True)
class Key:
    """Who signs: a name, the first bytes of a hash of name and key, and the public key (C2SP signed-note)."""

    name: str
    id: bytes
    public: bytes

    @classmethod
    def of(cls, name: str, public: bytes) -> Key:
        return cls(name, sha256(f"{name}\n".encode() + ED25519 + public).digest()[:4], public)

    @classmethod
    def read(cls, text: str) -> Key:
        try:
            name, id, encoded = text.strip().split("+", 2)
            key = cls.of(name, base64.b64decode(encoded, validate=True)[1:])
        except (ValueError, binascii.Error):
            raise Untrue("this is not a key") from None
        if key.id.hex() != id or str(key) != text.strip():
            raise Untrue("the key is damaged")
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def opened(note: str, key: Key) -> Checkpoint:
    """The checkpoint in a note that this key has signed. Raises Untrue."""
    body, _, signatures = note.partition("\n\n")
    try:
        origin, size, root, *_ = body.split("\n")
        found = Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
        signed = [base64.b64decode(line.split(" ")[2]) for line in signatures.splitlines() if f" {key.name} " in line]
    except (ValueError, IndexError, binascii.Error):
        raise Untrue("this is not a checkpoint") from None
    for one in signed:
        if origin == key.name and one[:4] == key.id:
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(one[4:], f"{body}\n".encode())
            except (InvalidSignature, ValueError):
                raise Untrue(f"the signature of the checkpoint of size {found.size} is not valid") from None
            return found
    raise Untrue(f"the checkpoint of size {found.size} is not signed with the key {key.name}+{key.id.hex()}")


def event_place(_position: int, columns: tuple[Any, ...] | None, line: bytes) -> Place:
    """Where a stored event says that it stands."""
    if (head := HEAD.match(line)) is None:
        raise Untrue("this is not a stored event")
    stream, version, kind, previous = head.groups()
    if columns is not None and columns != (stream.decode(), int(version), kind.decode()):
        raise Untrue(f"filed as {columns[2]}, version {columns[1]} of {columns[0]}, which is not what it is")
    return stream, int(version), previous


def access_place(position: int, columns: tuple[Any, ...] | None, line: bytes) -> Place:
    """The log of readings is one stream."""
    try:
        said = json.loads(line)
        asked = (said["by"], said["action"], said["subject"], said["outcome"])
        previous = said["previous"].encode()
    except (ValueError, KeyError, TypeError):
        raise Untrue("this is not a stored reading") from None
    if columns is not None and columns != asked:
        raise Untrue("filed as another reading than it is")
    return b"", position, previous


def check(
    rows: Iterable[Row],
    place: Callable[[int, tuple[Any, ...] | None, bytes], Place] = event_place,
    checkpoints: Iterable[Checkpoint] = (),
    leaves: bytes | None = None,
) -> tuple[Tree, list[Fault]]:
    """Read a whole log in order: its tree, and what is wrong with it, the first position first."""
    tree, faults = Tree(), []
    ends: dict[bytes, tuple[int, bytes, int]] = {}
    signed = sorted(checkpoints, key=lambda one: one.size)
    agreed = 0
    known = memoryview(leaves) if leaves is not None else None
    for position, columns, line in rows:
        if position != tree.size + 1:
            said = "missing" if position > tree.size + 1 else "there is more than one line"
            faults.append(Fault(tree.size + 1, said))
            break
        leaf = sha256(b"\0" + line).digest()
        if known is not None and known[HASH * (position - 1) : HASH * position] not in (leaf, b""):
            faults.append(Fault(position, "is not the line whose hash was kept when it was new"))
            break
        try:
            stream, version, previous = place(position, columns, line)
        except Untrue as untrue:
            faults.append(Fault(position, str(untrue)))
            break
        before, hash_before, where = ends.get(stream, (0, b"", position))
        if version != before + 1:
            faults.append(Fault(position, f"version {version} of its stream, where {before + 1} should be"))
        elif previous != hash_before:
            faults.append(Fault(where, f"is not what position {position} of its stream was built on"))
        ends[stream] = version, sha256(line).hexdigest().encode(), position
        tree.add(leaf)
        while signed and signed[0].size == tree.size:
            if signed[0].root != tree.root():
                said = f"this or a line up to {tree.size} is not what was there when the checkpoint of {tree.size}"
                faults.append(Fault(agreed + 1, f"{said} was signed"))
                signed = []
            else:
                agreed = signed.pop(0).size
    else:
        most = max([one.size for one in signed] + [len(leaves or b"") // HASH])
        if most > tree.size:
            faults.append(Fault(tree.size + 1, f"missing: there were {most} lines when that was written down"))
    return tree, sorted(faults, key=lambda one: one.position)


def lines_of(file: Path, table: str) -> Iterator[Row]:
    """The lines of an exported log, or of a SQLite database."""
    with file.open("rb") as stream:
        if stream.read(16) != b"SQLite format 3\0":
            stream.seek(0)
            for row in stream:
                position, _, line = row.removesuffix(b"\n").partition(b"\t")
                yield int(position), None, line
            return
    db = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
    for position, line, *columns in db.execute(f"SELECT position, state, {COLUMNS[table]} FROM {table} ORDER BY 1"):
        yield position, tuple(columns), bytes(line)
    db.close()


def check_receipt(receipt: Any, key: Key | None = None) -> Checkpoint:
    """A report is in the log that was signed. Raises Untrue."""
    signed = opened(receipt["checkpoint"], key or Key.read(receipt["key"]))
    prove(receipt, signed)
    return signed


def prove(entry: Any, signed: Checkpoint) -> None:
    path = [bytes.fromhex(one) for one in entry["proof"]]
    if not included(bytes.fromhex(entry["leaf_hash"]), entry["position"] - 1, signed.size, path, signed.root):
        raise Untrue(str(Fault(entry["position"], f"is not in the log of {signed.size} that was signed")))


def check_dossier(folder: Path, key: Key | None = None) -> Checkpoint:
    """Every line is in the log that was signed, none is left out, and the history tells of these lines. Raises Untrue."""
    told = json.loads((folder / "dossier.json").read_bytes())
    signed = opened(told["checkpoint"], key or Key.read(told["key"]))
    proven = {one["position"]: one for one in told["entries"]}
    for entry in told["entries"]:
        prove(entry, signed)
    stored = {position: line for position, _, line in lines_of(folder / "events.log", "events")}
    before: tuple[int, str] = (0, "")
    for one, position in zip_longest(told["history"], told["positions"]):
        if one is None or one["position"] != position or position not in proven or one["version"] != before[0] + 1:
            raise Untrue("the history is not complete")
        if one["previous_hash"] != before[1]:
            raise Untrue(str(Fault(position, "does not follow from what is before it")))
        before = one["version"], one["hash"]
        if told["lines"] and sha256(stored.get(position, b"")).hexdigest() != one["hash"]:
            raise Untrue(str(Fault(position, "the history tells of another line")))
    for position, line in stored.items():
        if position not in proven or leaf_hash(line).hex() != proven[position]["leaf_hash"]:
            raise Untrue(str(Fault(position, "is not the line that was proven")))
    return signed


def main(arguments: Sequence[str]) -> str:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("what", choices=("log", "access-log", "receipt", "dossier"), nargs="?", default="dossier")
    asked.add_argument("file", type=Path, nargs="?", default=Path(__file__).parent)
    asked.add_argument("--key")
    asked.add_argument("--checkpoint", type=Path, action="append", default=[])
    asked.add_argument("--leaves", type=Path)
    given = asked.parse_args(arguments)
    key = Key.read(Path(given.key).read_text() if Path(given.key).is_file() else given.key) if given.key else None
    if given.what in ("receipt", "dossier"):
        check_ = (
            check_dossier
            if given.what == "dossier"
            else lambda file, key: check_receipt(json.loads(file.read_bytes()), key)
        )
        signed = check_(given.file, key)
        return f"true: part of {signed.origin} of {signed.size} lines" + ("" if key else "; --key was not given")
    if given.checkpoint and key is None:
        raise Untrue("a checkpoint is worth nothing without --key")
    signed_ = [opened(one.read_text("utf-8"), key) for one in given.checkpoint if key]
    table, place = ("events", event_place) if given.what == "log" else ("access_log", access_place)
    leaves = given.leaves.read_bytes() if given.leaves else None
    tree, faults = check(lines_of(given.file, table), place, signed_, leaves)
    if faults:
        raise Untrue(str(faults[0]))
    return f"true: {tree.size} lines, root {base64.b64encode(tree.root()).decode()}"


if __name__ == "__main__":
    try:
        print(main(sys.argv[1:]))
    except (Untrue, OSError, ValueError, KeyError) as untrue:
        sys.exit(f"untrue: {untrue}")
