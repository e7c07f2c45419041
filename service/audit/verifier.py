"""Checks a log, a receipt or a dossier without any other part of Sanji: this file, Python and `cryptography` are enough.

    python verifier.py log FILE          an exported log, of events or of readings; of a SQLite database, the events
    python verifier.py access-log FILE   of a SQLite database, the readings
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
import re
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import reduce
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HASH, EMPTY, ED25519 = 32, sha256().digest(), b"\x01"
LETTERS, SEALED = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", ("petitioner", "receipt", "identity")
EVENT = re.compile(
    rb'\{"stream":"([^"]*)","version":(\d+),"type":"[^"]*","at":"[^"]*","recorded_at":"[^"]*",'
    rb'"by":"[^"\\]*(?:\\.[^"\\]*)*","command":"[^"]*","previous":"([^"]*)","data":'
)

Row = tuple[int, bytes, str]
"""A position, the line there, and what is known to be wrong with it."""


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


def included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a leaf is in the tree of this size and root (RFC 9162, 2.1.3.2)."""
    last, right = size - 1, 0 <= index < size and all(len(one) == HASH for one in (leaf, *path))
    for one in path:
        right = right and last > 0
        on_its_left = index & 1 or index == last
        leaf = node_hash(one, leaf) if on_its_left else node_hash(leaf, one)
        while on_its_left and index and not index & 1:
            index, last = index >> 1, last >> 1
        index, last = index >> 1, last >> 1
    return right and last == 0 and leaf == root


class Key(NamedTuple):
    """Who signs: a name, the first bytes of a hash of name and key, and the public key (C2SP signed-note)."""

    name: str
    id: bytes
    public: bytes

    @classmethod
    def of(cls, name: str, public: bytes) -> Key:
        return cls(name, sha256(f"{name}\n".encode() + ED25519 + public).digest()[:4], public)

    @classmethod
    def read(cls, text: str) -> Key:
        with suppress(ValueError):
            name, _, encoded = text.strip().split("+", 2)
            if str(key := cls.of(name, base64.b64decode(encoded)[1:])) == text.strip():
                return key
        raise Untrue("this is not a key, or it is damaged")

    def signing(self, what: str) -> Key:
        """The same key by the name under which it signs something else: log, access-log, dossier."""
        return Key.of(f"{self.name.rpartition('/')[0]}/{what}", self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes


def signed_lines(note: str, key: Key) -> list[str]:
    """The lines of a note that this key has signed, the first of which is the name of the key. Raises Untrue."""
    body, _, signatures = note.partition("\n\n")
    lines = body.split("\n")
    try:
        for one in signatures.splitlines():
            signature = base64.b64decode(one.rpartition(" ")[2])
            if one.startswith(f"— {lines[0]} ") and (lines[0], signature[:4]) == (key.name, key.id):
                Ed25519PublicKey.from_public_bytes(key.public).verify(signature[4:], f"{body}\n".encode())
                return lines
    except (ValueError, InvalidSignature):
        raise Untrue(f"the signature of {' '.join(lines[:2])} is not valid") from None
    raise Untrue(f"{' '.join(lines[:2])} is not signed with the key {key.name}+{key.id.hex()}")


def opened(note: str, key: Key) -> Checkpoint:
    """The checkpoint in a note that this key has signed. Raises Untrue."""
    origin, size, root, *_ = signed_lines(note, key)
    return Checkpoint(origin, int(size), base64.b64decode(root))


def place_of(position: int, line: bytes) -> tuple[bytes, int, bytes]:
    """The stream of a line, its version in it and the hash of what stands before. Raises ValueError or LookupError."""
    if found := EVENT.match(line):
        stream, version, previous = found.groups()
        return stream, int(version), previous
    return b"", position, json.loads(line)["previous"].encode()  # the log of readings is one stream


def check(rows: Iterable[Row], signed: Iterable[Checkpoint] = (), leaves: bytes = b"") -> Tree:
    """Read a whole log in order. Raises Fault for the first position where it is not what it was."""
    tree, agreed, faults, ends = Tree(), 0, list[Fault](), dict[bytes, tuple[int, bytes, int]]()
    coming = sorted(signed, key=lambda one: one.size)
    for position, line, wrong in rows:
        if position != tree.size + 1:
            faults.append(Fault(tree.size + 1, "missing" if position > tree.size else "out of order"))
            break
        if wrong:
            faults.append(Fault(position, wrong))
        leaf = sha256(b"\0" + line).digest()
        if leaves and leaves[HASH * tree.size : HASH * position] not in (leaf, b""):
            faults.append(Fault(position, "is not the line whose hash was kept when it was new"))
            break
        try:
            stream, version, previous = place_of(position, line)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            faults.append(Fault(position, "cannot be read"))
            break
        before, hash_before, where = ends.get(stream, (0, b"", position))
        if version != before + 1:
            faults.append(Fault(position, f"version {version} of its stream, where {before + 1} should be"))
        elif previous != hash_before:
            faults.append(Fault(where, f"is not what position {position} of its stream was built on"))
        ends[stream] = version, sha256(line).hexdigest().encode(), position
        tree.add(leaf)
        while coming and coming[0].size == position:
            if coming[0].root != tree.root():
                faults.append(Fault(agreed + 1, f"this or a line up to {position} is not what was signed"))
            agreed = coming.pop(0).size
    if not faults and (most := max([one.size for one in coming] + [len(leaves) // HASH])) > tree.size:
        faults.append(Fault(tree.size + 1, f"missing, where there once were {most} lines"))
    if faults:
        raise min(faults, key=lambda one: one.position)
    return tree


def lines_of(file: Path, table: str = "events") -> Iterator[Row]:
    """The lines of an exported log, or of a table of a SQLite database."""
    position = 0
    try:
        with file.open("rb") as stream:
            stored: Iterable[Any] = (row.removesuffix(b"\n").split(b"\t", 1) for row in stream)
            if stream.read(16) == b"SQLite format 3\0":
                db = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
                stored = db.execute(f'SELECT position, state FROM "{table}" ORDER BY 1')
            stream.seek(0)
            for number, state in stored:
                position, line = int(number), bytes(memoryview(state))  # of a number bytes() would make as many
                yield position, line, ""
    except (ValueError, TypeError, sqlite3.Error):
        yield position + 1, b"", "cannot be read"


def proven(entry: Any, signed: Checkpoint) -> bytes:
    leaf, path = bytes.fromhex(entry["leaf_hash"]), [bytes.fromhex(one) for one in entry["proof"]]
    if not included(leaf, entry["position"] - 1, signed.size, path, signed.root):
        raise Fault(entry["position"], f"is not in the log of {signed.size} that was signed")
    return leaf


def check_receipt(receipt: Any, key: Key | None = None) -> str:
    """The report of this number and query code is in the log that was signed. Raises Untrue."""
    signed, line = opened(receipt["checkpoint"], key or Key.read(receipt["key"])), receipt["line"].encode()
    event, opening, code = json.loads(line), bytes.fromhex(receipt["opening"]), receipt["query_code"].replace("-", "")
    bits = int.from_bytes(sha256(event["stream"].removeprefix("case:").encode()).digest()[:8], "big") >> 14
    letters = "".join(LETTERS[bits >> shift & 31] for shift in range(45, -1, -5))
    number = f"{event['data'].get('year') or event['recorded_at'][:4]}-{letters[:5]}-{letters[5:]}"
    token = sha256(opening + code.encode()).hexdigest()[:40] if opening else event["data"]["receipt"]
    if proven(receipt, signed) != leaf_hash(line):
        raise Fault(receipt["position"], "is not the line that was proven")
    if (number, token, len(code)) != (receipt["number"], event["data"]["receipt"], 12):
        raise Fault(receipt["position"], "is a report of another number or query code")
    of = f"{number} and its query code are" if opening else f"{number} (not its query code) is"
    return f"{of} proven by position {receipt['position']} of {signed.origin}, of {signed.size} lines"


def tells_of(one: Any, line: bytes) -> bool:
    """Whether an entry of a history tells what a line does; of what is sealed it only says that there is something."""
    hide = lambda pairs: {name: ("sealed" if it else None) if name in SEALED else it for name, it in pairs}
    event = json.loads(line, object_pairs_hook=hide)
    event |= {"hash": sha256(line).hexdigest(), "previous_hash": event["previous"]}
    instants = [datetime.fromisoformat(it[name]) for name in ("at", "recorded_at") for it in (one, event)]
    same = all(one[name] == event[name] for name in ("version", "type", "by", "data", "hash", "previous_hash"))
    return same and instants[::2] == instants[1::2]


def check_dossier(folder: Path, key: Key | None = None) -> str:
    """Every file is what was signed, every line is in the log, and the history tells of all of them. Raises Untrue."""
    dossier = json.loads((folder / "dossier.json").read_bytes())
    key = key or Key.read(dossier["key"])
    _, about, *files = signed_lines((folder / "manifest").read_text("utf-8"), key.signing("dossier"))
    hashes = {one[66:]: one[:64] for one in files}
    for name in sorted({*hashes, *(one.name for one in folder.iterdir())} - {"manifest"}):
        if hashes.get(name) != sha256((folder / name).read_bytes()).hexdigest():
            raise Untrue(f"{name} is not what was signed with this dossier")
    signed, case = opened(dossier["checkpoint"], key), f'{{"stream":"case:{dossier["case"]}",'.encode()
    leaves = {entry["position"]: proven(entry, signed) for entry in dossier["entries"]}
    lines = {position: line for position, line, _ in lines_of(folder / "events.log")}
    if others := [position for position, line in lines.items() if leaves.get(position) != leaf_hash(line)]:
        raise Fault(others[0], "is not the line that was proven")
    version, hash, own = 0, "", {position for position, line in lines.items() if line.startswith(case)}
    for one in dossier["history"]:
        at = one["position"]
        if (one["version"], one["previous_hash"]) != (version + 1, hash) or at not in leaves:
            raise Fault(at, "does not follow from what the history tells before it")
        version, hash = one["version"], one["hash"]
        if dossier["lines"] and not (at in own and tells_of(one, lines[at])):
            raise Fault(at, "the history tells of another line")
        own.discard(at)
    if own or about != f"{dossier['case']} {version}":
        raise Untrue(f"the history ends with version {version}, and more is told or was signed: {about}")
    return f"{len(leaves)} lines of {signed.origin}, of {signed.size} lines, and all {len(hashes)} files"


def main(arguments: Sequence[str]) -> str:
    asked = argparse.ArgumentParser(usage=__doc__)
    asked.add_argument("what", choices=("log", "access-log", "receipt", "dossier"), nargs="?", default="dossier")
    asked.add_argument("file", type=Path, nargs="?", default=Path(__file__).parent)
    asked.add_argument("--checkpoint", type=Path, action="append", default=[])
    asked.add_argument("--key")
    asked.add_argument("--leaves", type=Path)
    given = asked.parse_args(arguments)
    key = Key.read(Path(given.key).read_text() if Path(given.key).is_file() else given.key) if given.key else None
    if (receipt := given.what == "receipt") or given.what == "dossier":
        true = check_receipt(json.loads(given.file.read_bytes()), key) if receipt else check_dossier(given.file, key)
        return true if key else f"{true}; whose key it is, only --key can tell"
    if given.checkpoint and key is None:
        raise Untrue("a checkpoint is worth nothing without --key")
    signed = [opened(note.read_text("utf-8"), key) for note in given.checkpoint if key]
    rows = lines_of(given.file, "events" if given.what == "log" else "access_log")
    tree = check(rows, signed, given.leaves.read_bytes() if given.leaves else b"")
    if not (tree.size or signed):
        raise Untrue("there is no line: what is empty is no log")
    return f"{tree.size} lines, root {tree.root().hex()}"


if __name__ == "__main__":
    try:
        print(f"true: {main(sys.argv[1:])}")
    except (Untrue, OSError, ValueError, KeyError, TypeError) as untrue:
        sys.exit(f"untrue: {untrue}")
