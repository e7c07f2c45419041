"""An event of a case or a household as its history tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from typing_extensions import TypedDict


class DecidedBy(TypedDict):
    """The policy and the calendar, each in its version, that decided a due instant."""

    policy: str
    calendar: str


class EventView(TypedDict):
    """A stored event: when it took effect, when it was stored, and by whom; `by_name` is the name of an official.

    `data` is its own, without what is sealed. `hash` is over the stored bytes, which hold `previous_hash`.
    """

    version: int
    position: int
    type: str
    at: datetime
    recorded_at: datetime
    by: str
    by_name: str | None
    data: dict[str, Any]
    sentence: str
    decided_by: DecidedBy | None
    hash: str
    previous_hash: str
