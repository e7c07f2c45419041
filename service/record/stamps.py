"""The stamp on every line the service writes: a keyed hash beside it, by which a line from elsewhere is told.

Its key comes of the master secret, which the database never sees. It covers the line and the columns that are not in it.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

from service.secrecy.seals import MASTER

SIZE = 16


class Stamp:
    def __init__(self, master: bytes) -> None:
        key = blake2b(b"lines", key=master, digest_size=32).digest()
        self._blank = blake2b(key=key, digest_size=SIZE)

    @classmethod
    def in_folder(cls, folder: Path) -> Stamp | None:
        """The stamp of this data folder; None where it has no master secret, and nobody can check stamps."""
        path = folder / MASTER
        return cls(path.read_bytes()) if path.exists() else None

    def on(self, line: bytes, command: str | None, fingerprint: str | None) -> bytes:
        """The stamp of a line. It takes 2 us and keeps the interpreter lock, as all on the way of a report has to."""
        stamp = self._blank.copy()
        stamp.update(f"{command or ''} {fingerprint or ''} ".encode())
        stamp.update(line)
        return stamp.digest()
