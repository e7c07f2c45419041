"""Lapses deadlines that passed: the oldest instant first, each exactly once, whoever asks and however late."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from domain.case import ConfirmDeadlines
from domain.decider import SYSTEM, Act
from projections.case_file import due_next, earliest, with_provisional_deadlines
from service.aggregates import case_stream
from service.clerk import Clerk, Overloaded
from service.orders import Order, Outcome, Unsettled

log = logging.getLogger("sanji.timekeeper")

AT_ONCE = 1000


@dataclass(frozen=True)
class Tick:
    """Asks nothing of a case; but before every command its passed deadlines lapse, and that is all that is wanted."""

    def decide(self, _state: Any, _act: Act, /) -> Iterator[Any]:
        return iter(())


class Timekeeper:
    """Works on the case file, so that must have been brought up to the log before each call."""

    def __init__(self, engine: Engine, clerk: Clerk) -> None:
        self._engine = engine
        self._clerk = clerk
        self._before: set[tuple[str, datetime]] = set()
        self._confirmed = 0
        self.stuck: set[str] = set()
        """Cases whose deadline could not lapse. They are passed over, so that the others go on, and alarm."""

    def lapse(self, until: datetime) -> int:
        """Let the cases with the earliest passed deadline move on; answers how many did. 0: nothing is due, or can be."""
        with self._engine.connect() as db:
            due = due_next(db, until, AT_ONCE, self.stuck)
        orders = [Order(stream=case_stream(case), command=Tick(), by=SYSTEM, until=at) for case, at in due]
        settled: set[tuple[str, datetime]] = set()
        for (case, at), outcome in zip(due, self._clerk.settle_all(orders), strict=True):
            if isinstance(outcome, Overloaded | Unsettled):
                continue
            settled.add((case, at))
            if isinstance(outcome, Exception) or (case, at) in self._before:
                log.error("a deadline could not lapse", extra={"case": case, "outcome": repr(outcome)})
                self.stuck.add(case)
        self._before = settled
        return len(settled)

    @property
    def calendars(self) -> int:
        """The version of the calendars; to be read before the views are brought up, for `confirm`."""
        version: int = self._clerk.ledger.reference()[2].version
        return version

    def confirm(self, calendars: int) -> int:
        """Reckon anew what is provisional, once a calendar was published; answers how many cases were looked at."""
        if calendars == self._confirmed:
            return 0
        with self._engine.connect() as db:
            cases = with_provisional_deadlines(db)
        orders = [Order(stream=case_stream(case), command=ConfirmDeadlines(), by=SYSTEM) for case in cases]
        outcomes: list[Outcome] = []
        for some in range(0, len(orders), AT_ONCE):
            outcomes += self._clerk.settle_all(orders[some : some + AT_ONCE])
        if not any(isinstance(outcome, Overloaded | Unsettled) for outcome in outcomes):
            self._confirmed = calendars
        return len(cases)

    def next_due(self) -> datetime | None:
        with self._engine.connect() as db:
            return earliest(db, self.stuck)
