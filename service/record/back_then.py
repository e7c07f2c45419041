"""What was known at a past instant, of units, rules and calendars: by that a deadline lapses, however late the timer
runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from domain.org import Org
from domain.rules import Rules
from service.record.aggregates import REFERENCE, rules_at
from service.record.drafting import Page
from service.record.reading import folded
from service.record.recorder import Recorder

FEW = 6
"""States kept at hand: deadlines lapse instant by instant, and many share one."""


class BackThen:
    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._at_hand: dict[tuple[str, int, datetime], Any] = {}

    def known(self, pages: Mapping[str, Page], db: Connection | None, at: datetime) -> tuple[Org, Rules]:
        """The organisation and the rules, without what was published after `at`."""
        org, policies, calendars = (self._stood(stream, pages[stream], at, db) for stream in REFERENCE)
        return org, rules_at(policies, calendars, at)

    def _stood(self, stream: str, page: Page, at: datetime, db: Connection | None) -> Any:
        if page.told_at <= at:
            return page.state
        key = stream, page.state.version, at
        if key not in self._at_hand:
            if len(self._at_hand) >= FEW:
                self._at_hand.clear()
            lines = self._recorder.select_streams([stream], db=db).get(stream, ())
            self._at_hand[key] = folded(stream, lines, at=at)
        return self._at_hand[key]
