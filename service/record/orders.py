"""What is asked of the ledger, what it answers, and what it may refuse besides what the rules refuse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.decider import Act, Actor, Command
from domain.refusals import Refused
from service.secrecy.seals import NO_FINGERPRINT, Fingerprint


class VersionConflict(Refused):
    """Somebody else changed this first.

    Read it again, then decide again.
    """

    def __init__(self, stream: str, expected: int, current: int) -> None:
        super().__init__(f"it is at version {current}, not {expected}", f"当前版本为 {current}, 不是 {expected}")
        self.stream, self.expected, self.current = stream, expected, current
        self.more["current_version"] = current


class KeyReused(Refused):
    """The key was used for another request."""


class Unsettled(Exception):
    """Nobody can say yet whether this was recorded; the same request under the same key settles it."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """One thing somebody asks of one stream. `key` and `fingerprint` make it the same thing when it is asked again."""

    stream: str
    command: Command[Any]
    by: Actor
    key: str = ""
    fingerprint: Fingerprint = NO_FINGERPRINT
    expected: int | None = None
    fresh: bool = False
    """The stream is known to be new, so nothing needs to be read first."""
    until: datetime | None = None
    """Deadlines lapse up to this instant before the command decides; up to now if not said otherwise."""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a command did: the state after it, where its events lie, and what was known when it was decided."""

    stream: str
    state: Any
    position: int
    act: Act
    events: tuple[tuple[str, int], ...]
    replayed: bool = False


Outcome = Receipt | Exception
