"""Random bytes fetched from the system in bulk: each call to it gives up the interpreter lock."""

from __future__ import annotations

import os
from threading import Lock

AT_ONCE = 4096


class Chance:
    """Hands out each byte once. After a fork it starts anew, so that no two processes hand out the same."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._bytes, self._used = b"", 0
        os.register_at_fork(after_in_child=self._start_anew)

    def __call__(self, count: int) -> bytes:
        with self._lock:
            if self._used + count > len(self._bytes):
                self._bytes, self._used = os.urandom(AT_ONCE), 0
            taken = self._bytes[self._used : self._used + count]
            self._used += count
            return taken

    def _start_anew(self) -> None:
        self._lock = Lock()
        self._bytes, self._used = b"", 0


chance = Chance()
