"""The one source of time. Tests and demonstrations set it by hand."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Protocol

from domain.refusals import Invalid

log = logging.getLogger("sanji.clock")

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
A_LITTLE = timedelta(minutes=1)


class Clock(Protocol):
    def now(self) -> datetime: ...


class SystemClock:
    """The clock of this machine. If that is set back a little, ours waits for it; if by more, it was wrong before."""

    def __init__(self) -> None:
        self._last = BEGINNING

    def now(self) -> datetime:
        now = datetime.now(UTC)
        if (ahead := self._last - now) > A_LITTLE:
            log.warning("the clock of this machine was set back by %s", ahead)
            self._last = now
        self._last = max(self._last, now)
        return self._last


class ManualClock:
    """Stands still until it is set; it never runs backwards."""

    def __init__(self, now: datetime = BEGINNING) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        if now < self._now:
            raise Invalid("the clock never runs backwards", "时钟不能倒拨")
        self._now = now.astimezone(UTC)
