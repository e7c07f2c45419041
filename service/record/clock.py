"""The one source of time. Tests and demonstrations set it by hand; it never runs backwards."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from domain.refusals import Invalid

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    def now(self) -> datetime: ...


class SystemClock:
    """The clock of this machine. If that is set back, ours waits for it."""

    def __init__(self) -> None:
        self._last = BEGINNING

    def now(self) -> datetime:
        self._last = max(self._last, datetime.now(UTC))
        return self._last


class ManualClock:
    """Stands still until it is set."""

    def __init__(self, now: datetime = BEGINNING) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        if now < self._now:
            raise Invalid("the clock never runs backwards", "时钟不能倒拨")
        self._now = now.astimezone(UTC)
