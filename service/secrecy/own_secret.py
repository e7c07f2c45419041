"""A secret of the service in a file of its own, readable by its owner only: it is there whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from service.storage.database import UnsafeSettings

SIZE = 32


def own_secret(path: Path, new: Callable[[], bytes]) -> bytes:
    """The secret in this file, made on first use by whichever process comes first. Raises UnsafeSettings where it is
    not whole.

    It is written to another file and linked, so that a write that was broken off never passes for a secret.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with NamedTemporaryFile(dir=path.parent) as made:
            made.write(new())
            made.flush()
            os.fsync(made.fileno())
            with suppress(FileExistsError):
                os.link(made.name, path)
    secret = path.read_bytes()
    if fault := not_whole(path):
        raise UnsafeSettings(fault)
    return secret


def not_whole(path: Path) -> str:
    """What is wrong with the file of a secret, and what to do about it."""
    size = path.stat().st_size
    return "" if size == SIZE else f"{path} holds {size} bytes where {SIZE} belong: bring it back from the backup"
