"""The hashes of a log's Merkle tree, kept in files that only grow: all leaves in one, and every 256th root above them.

File L holds 32 bytes for each complete tile of 256 below it, so that a tile of C2SP tlog-tiles is a slice of a file, and
a proof reads a few slices, however long the log. The files lie outside the database: who changes a line there does not
change its hash here.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from service.audit.verifier import EMPTY, HASH, node_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT


class HashTree:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def leaves(self) -> Path:
        return self._file(0)

    def size(self) -> int:
        """How many leaves are kept."""
        return self._length(0)

    def extend(self, leaves: Iterable[bytes]) -> int:
        """Add leaves; only one at a time may do this. Answers the size. What a crash left half done is done again."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._append(0, b"".join(leaves))
        level, below = 0, self._length(0)
        while below >= WIDTH:
            have = self._length(level + 1)
            self._append(level + 1, b"".join(self._tile_root(level, tile) for tile in range(have, below >> HEIGHT)))
            level, below = level + 1, below >> HEIGHT
        return self._length(0)

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Some hashes of a level, from the first of a tile on; fewer, where there are not so many."""
        return self._read(level, number << HEIGHT, width)

    def leaf(self, index: int) -> bytes:
        return self._read(0, index, 1)

    def root(self, size: int) -> bytes:
        """The root of the first so many leaves."""
        return self._root(0, size) if size else EMPTY

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The path from a leaf to the root (RFC 9162, 2.1.3.1)."""
        return self._path(index, 0, size)

    def consistency(self, earlier: int, size: int) -> list[bytes]:
        """That the tree of a size began as the one of an earlier size (RFC 9162, 2.1.4.1)."""
        return self._subproof(earlier, 0, size, True) if 0 < earlier < size else []

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        middle = _middle(start, end)
        if index < middle:
            return [*self._path(index, start, middle), self._root(middle, end)]
        return [*self._path(index, middle, end), self._root(start, middle)]

    def _subproof(self, earlier: int, start: int, end: int, known: bool) -> list[bytes]:
        if earlier == end:
            return [] if known else [self._root(start, end)]
        middle = _middle(start, end)
        if earlier <= middle:
            return [*self._subproof(earlier, start, middle, known), self._root(middle, end)]
        return [*self._subproof(earlier, middle, end, False), self._root(start, middle)]

    def _root(self, start: int, end: int) -> bytes:
        """The root over a part of the leaves whose start is a multiple of a power of two that is not smaller than it."""
        width = end - start
        if width & (width - 1):
            middle = _middle(start, end)
            return node_hash(self._root(start, middle), self._root(middle, end))
        level, rest = divmod(width.bit_length() - 1, HEIGHT)
        return _folded(self._read(level, start >> (HEIGHT * level), 1 << rest))

    def _tile_root(self, level: int, tile: int) -> bytes:
        return _folded(self._read(level, tile << HEIGHT, WIDTH))

    def _file(self, level: int) -> Path:
        return self.folder / str(level)

    def _length(self, level: int) -> int:
        try:
            return self._file(level).stat().st_size // HASH
        except FileNotFoundError:
            return 0

    def _read(self, level: int, first: int, count: int) -> bytes:
        try:
            with self._file(level).open("rb", buffering=0) as file:
                return os.pread(file.fileno(), count * HASH, first * HASH)
        except FileNotFoundError:
            return b""

    def _append(self, level: int, hashes: bytes) -> None:
        if hashes:
            with os.fdopen(os.open(self._file(level), os.O_WRONLY | os.O_CREAT, 0o600), "wb", buffering=0) as file:
                file.seek(self._length(level) * HASH)
                file.write(hashes)
                file.truncate()
                os.fsync(file.fileno())


def divided(size: int) -> int:
    """Where a tree of this size divides: after the largest power of two that is smaller."""
    return 1 << ((size - 1).bit_length() - 1)


def _middle(start: int, end: int) -> int:
    return start + divided(end - start)


def _folded(hashes: bytes) -> bytes:
    row = [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]
    while len(row) > 1:
        row = [node_hash(*pair) for pair in zip(row[::2], row[1::2], strict=True)]
    return row[0]
