"""A log as it was left, and what those who look after it say of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from service.audit.hash_tree import HashTree
from service.audit.verifier import Key
from service.audit.verifying import LOGS, Log, Verdict, export, verify
from service.settings import Settings
from service.terminal.doctor import examine


@dataclass(frozen=True)
class Kept:
    """A log as it was left: its database, the folder of the service, and what somebody else wrote down."""

    settings: Settings
    early: Path
    late: Path
    accesses: Path
    key: Key

    def verdicts(self, **more: Any) -> dict[str, Verdict]:
        """With all that the service's own folder remembers."""
        return {one.log: one for one in verify(self.settings, None, list(LOGS.values()), **more)}

    def elsewhere(self, log: Log, *notes: Path) -> Verdict:
        """An exported log on another machine, with nothing but checkpoints and the key."""
        export(self.settings, log, file := self.early.with_suffix(f".{log.name}"))
        folder = self.settings.model_copy(update={"data_dir": self.early.parent / "nothing"})
        [verdict] = verify(folder, file, [log], notes, self.key)
        return verdict


def examined(kept: Kept) -> dict[str, tuple[bool, str]]:
    return {one.what: (one.well, one.said) for one in examine(kept.settings, 10, date(2025, 3, 3))}


def tree_size(kept: Kept) -> int:
    return HashTree(kept.settings.data_dir / "tree" / "log").size()
