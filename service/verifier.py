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
import json
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HASH, EMPTY, ED25519 = 32, sha256().digest(), b"\x01"
FILED = {"events": ("stream", "version", "topic"), "access_log": ("by", "action", "subject", "outcome")}
"""The columns by which a database finds a line."""

Row = tuple[int, tuple[Any, ...] | None, bytes]
"""A position, what a database files the line by (nothing in an exported log), and the line."""
Place = tuple[bytes, int, bytes, tuple[bytes, ...]]
"""A stream, a version in it, the hash of what stands before, in hexadecimal, and what it is to be filed by."""
Reader = Callable[[int, bytes], Place]


class Untrue(Exception):
    """Something is not what it claims to be."""


class Fault(Untrue):
    def __init__(self, position: int, what: str) -> None:
        super().__init__(f"position {position}: {what}")
        self.position = position


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
        return reduce(lambda right, left: node_hash(left, right), reversed(self.parts)) if self.parts else EMPTY


def divided(size: int) -> int:
    """Where a tree of this size divides: after the largest power of two that is smaller."""
    return 1 << ((size - 1).bit_length() - 1)


def included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a leaf is in the tree of this size and root (the path of RFC 9162, 2.1.3.1)."""

    def above(index: int, size: int, path: Sequence[bytes]) -> bytes:
        if size == 1 or not path:
            return leaf if size == 1 and not path else b""
        half = divided(size)
        if index < half:
            return node_hash(above(index, half, path[:-1]), path[-1])
        return node_hash(path[-1], above(index - half, size - half, path[:-1]))

    right = all(len(one) == HASH for one in (leaf, *path))
    return right and 0 <= index < size and above(index, size, path) == root


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
            name, _, encoded = text.strip().split("+", 2)
            if str(key := cls.of(name, base64.b64decode(encoded)[1:])) == text.strip():
                return key
        except ValueError:
            pass
        raise Untrue("this is not a key, or it is damaged")

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
        found = Checkpoint(origin, int(size), base64.b64decode(root))
        for line in signatures.splitlines():
            signature = base64.b64decode(line.rpartition(" ")[2])
            if line.startswith(f"— {origin} ") and (origin, key.id) == (key.name, signature[:4]):
                Ed25519PublicKey.from_public_bytes(key.public).verify(signature[4:], f"{body}\n".encode())
                return found
    except ValueError:
        raise Untrue("this is not a checkpoint") from None
    except InvalidSignature:
        raise Untrue(f"the signature of the checkpoint of size {size} is not valid") from None
    raise Untrue(f"the checkpoint of size {found.size} is not signed with the key {key.name}+{key.id.hex()}")


def event_place(_position: int, line: bytes) -> Place:
    """Where a stored event says that it stands. No text in a line can hold these names: there a quote has a backslash."""
    end = line.index(b'","version":')
    kind = line.index(b',"type":"', end)
    before = line.index(b'","previous":"', kind)
    stream, version = line[11:end], line[end + 12 : kind]
    previous = line[before + 14 : line.index(b'"', before + 14)]
    return stream, int(version), previous, (stream, version, line[kind + 9 : line.index(b'"', kind + 9)])


def access_place(position: int, line: bytes) -> Place:
    """The log of readings is one stream."""
    said = json.loads(line)
    return b"", position, said["previous"].encode(), tuple(said[name].encode() for name in FILED["access_log"])


def check(
    rows: Iterable[Row], place: Reader, checkpoints: Iterable[Checkpoint] = (), leaves: bytes | None = None
) -> Tree:
    """Read a whole log in order. Raises Fault for the first position where it is not what it was."""
    tree = Tree()
    if faults := list(look(rows, place, sorted(checkpoints, key=lambda one: one.size), leaves, tree)):
        raise min(faults, key=lambda one: one.position)
    return tree


def look(
    rows: Iterable[Row], place: Reader, signed: list[Checkpoint], leaves: bytes | None, tree: Tree
) -> Iterator[Fault]:
    ends: dict[bytes, tuple[int, bytes, int]] = {}
    agreed, known = 0, leaves or b""
    for position, columns, line in rows:
        if position != tree.size + 1:
            yield Fault(tree.size + 1, "missing" if position > tree.size else "out of order")
            return
        leaf = sha256(b"\0" + line).digest()
        if known and known[HASH * tree.size : HASH * position] not in (leaf, b""):
            yield Fault(position, "is not the line whose hash was kept when it was new")
            return
        try:
            stream, version, previous, filed = place(position, line)
        except (ValueError, LookupError, TypeError, AttributeError):
            yield Fault(position, "cannot be read")
            return
        if columns is not None and filed != tuple(str(one).encode() for one in columns):
            yield Fault(position, f"filed as {columns}, which is not what it is")
        before, hash_before, where = ends.get(stream, (0, b"", position))
        if version != before + 1:
            yield Fault(position, f"version {version} of its stream, where {before + 1} should be")
        elif previous != hash_before:
            yield Fault(where, f"is not what position {position} of its stream was built on")
        ends[stream] = version, sha256(line).hexdigest().encode(), position
        tree.add(leaf)
        while signed and signed[0].size == tree.size:
            if signed[0].root != tree.root():
                yield Fault(agreed + 1, f"this or a line up to {tree.size} is not what was signed")
                return
            agreed = signed.pop(0).size
    if (most := max([one.size for one in signed] + [len(known) // HASH])) > tree.size:
        unproven = "" if known else f"; what is after {agreed} cannot be compared"
        yield Fault(tree.size + 1, f"missing, where there once were {most} lines{unproven}")


def lines_of(file: Path, table: str) -> Iterator[Row]:
    """The lines of an exported log, or of a SQLite database."""
    with file.open("rb") as stream:
        if stream.read(16) != b"SQLite format 3\0":
            stream.seek(0)
            for row in stream:
                position, line = row.split(b"\t", 1)
                yield int(position), None, line.removesuffix(b"\n")
            return
    db = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
    columns = ", ".join(f'"{name}"' for name in FILED[table])
    for position, line, *filed in db.execute(f"SELECT position, state, {columns} FROM {table} ORDER BY 1"):
        yield position, tuple(filed), bytes(line)
    db.close()


def check_receipt(receipt: Any, key: Key | None = None) -> str:
    """A report is in the log that was signed. Raises Untrue."""
    signed = opened(receipt["checkpoint"], key or Key.read(receipt["key"]))
    proven(receipt, signed)
    return f"position {receipt['position']} of {signed.origin}, of {signed.size} lines"


def proven(entry: Any, signed: Checkpoint) -> bytes:
    leaf, path = bytes.fromhex(entry["leaf_hash"]), [bytes.fromhex(one) for one in entry["proof"]]
    if not included(leaf, entry["position"] - 1, signed.size, path, signed.root):
        raise Fault(entry["position"], f"is not in the log of {signed.size} that was signed")
    return leaf


def check_dossier(folder: Path, key: Key | None = None) -> str:
    """Every line is in the log that was signed, and the history tells of all of them in order. Raises Untrue."""
    told = json.loads((folder / "dossier.json").read_bytes())
    signed = opened(told["checkpoint"], key or Key.read(told["key"]))
    leaves = {entry["position"]: proven(entry, signed) for entry in told["entries"]}
    lines = {position: line for position, _, line in lines_of(folder / "events.log", "events")}
    for position, line in lines.items():
        if leaves.get(position) != leaf_hash(line):
            raise Fault(position, "is not the line that was proven")
    version, hash = 0, ""
    for one in told["history"]:
        at = one["position"]
        if (one["version"], one["previous_hash"]) != (version + 1, hash) or at not in leaves:
            raise Fault(at, "does not follow from what the history tells before it")
        version, hash = one["version"], one["hash"]
        if told["lines"] and sha256(lines.get(at, b"")).hexdigest() != hash:
            raise Fault(at, "the history tells of another line")
    return f"{len(leaves)} lines of {signed.origin}, of {signed.size} lines"


def main(arguments: Sequence[str]) -> str:
    asked = argparse.ArgumentParser(usage=__doc__)
    asked.add_argument("what", choices=("log", "access-log", "receipt", "dossier"), nargs="?", default="dossier")
    asked.add_argument("file", type=Path, nargs="?", default=Path(__file__).parent)
    asked.add_argument("--key")
    asked.add_argument("--checkpoint", type=Path, action="append", default=[])
    asked.add_argument("--leaves", type=Path)
    given = asked.parse_args(arguments)
    key = Key.read(Path(given.key).read_text() if Path(given.key).is_file() else given.key) if given.key else None
    unknown = "" if key else "; whose key it is, only --key can tell"
    if given.what == "receipt":
        return check_receipt(json.loads(given.file.read_bytes()), key) + unknown
    if given.what == "dossier":
        return check_dossier(given.file, key) + unknown
    if given.checkpoint and key is None:
        raise Untrue("a checkpoint is worth nothing without --key")
    signed = [opened(note.read_text("utf-8"), key) for note in given.checkpoint if key]
    table, place = ("events", event_place) if given.what == "log" else ("access_log", access_place)
    tree = check(lines_of(given.file, table), place, signed, given.leaves.read_bytes() if given.leaves else None)
    return f"{tree.size} lines, root {tree.root().hex()}"


if __name__ == "__main__":
    try:
        print(f"true: {main(sys.argv[1:])}")
    except (Untrue, OSError, ValueError, KeyError) as untrue:
        sys.exit(f"untrue: {untrue}")
