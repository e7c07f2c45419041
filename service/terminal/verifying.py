"""`sanji verify`: which logs are checked, with which key and against which checkpoints, and what each is found to be."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from service.audit.verifier import Key, Untrue
from service.audit.verifying import LOGS, Verdict, log_in, verify
from service.settings import Settings


def verdicts(
    settings: Settings, file: Path | None, log: str | None, checkpoints: Sequence[Path], key: str | None
) -> Iterator[Verdict]:
    """On the exported log in a file, or on those of the database. Ends the process where it is asked what makes no sense."""
    trusted = _key(key) if key else None
    found = log_in(file) if file else None
    if log and found and found.name != log:
        sys.exit(f"sanji: {file} is the exported {found.name}, not the {log}")
    wanted = [found] if found else [LOGS[log]] if log else list(LOGS.values())
    return verify(settings, file, wanted, checkpoints, trusted)


def _key(text: str) -> Key:
    """As text, or in a file."""
    in_file = Path(text).is_file()
    try:
        return Key.read(Path(text).read_text("utf-8") if in_file else text)
    except Untrue as untrue:
        sys.exit(f"sanji: {untrue}" if in_file else "sanji: --key is no key, and there is no such file")
