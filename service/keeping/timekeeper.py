"""Lapses deadlines that passed: the oldest instant first, each exactly once, whoever asks and however late."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine

from domain.case import Case, ConfirmDeadlines
from domain.case.subjects import TakeAway
from domain.decider import SYSTEM, Act, Command
from domain.streams import case_stream, household_stream
from domain.zone import day_at
from projections.cases import case_file
from projections.cases.case_file import with_provisional_deadlines
from projections.queues.kept_from import kept_from
from projections.register import households
from service.record.clerk import Clerk, Overloaded
from service.record.orders import Order, Outcome, Unsettled

log = logging.getLogger("sanji.timekeeper")

AT_ONCE = 1000
KEPT = ((case_file.deadlines, case_stream), (households.deadlines, household_stream))
"""What has deadlines: the lists they are found in, and the streams they belong to."""


@dataclass(frozen=True)
class Tick:
    """A command that does nothing: before every command the passed deadlines of the case lapse, and that is all that is
    wanted.
    """

    def decide(self, _state: Any, _act: Act, /) -> Iterator[Any]:
        return iter(())


class Timekeeper:
    """Works on the case file, so that must have been brought up to the log before each call."""

    def __init__(self, engine: Engine, clerk: Clerk) -> None:
        self._engine = engine
        self._clerk = clerk
        self._before: set[tuple[str, datetime]] = set()
        self._confirmed = 0
        self._looked: tuple[int, date] | None = None
        self.stuck: set[str] = set()
        """Streams whose deadline could not lapse. They are passed over, so that the others go on, and raise an alarm.
        """

    def lapse(self, until: datetime) -> int:
        """Let what has the earliest passed deadline move on; answers how much did. 0: nothing is due, or can be."""
        with self._engine.connect() as db:
            due = [
                (stream(id), at)
                for deadlines, stream in KEPT
                for id, at in deadlines.due_next(db, until, AT_ONCE, self._stuck(stream))
            ]
        first = min((at for _, at in due), default=until)
        due = [(stream, at) for stream, at in due if at == first]
        orders = [Order(stream=stream, command=Tick(), by=SYSTEM, until=first) for stream, _ in due]
        settled: set[tuple[str, datetime]] = set()
        for (stream, at), outcome in zip(due, self._clerk.settle_all(orders), strict=True):
            if isinstance(outcome, Overloaded | Unsettled):
                continue
            settled.add((stream, at))
            if isinstance(outcome, Exception) or (stream, at) in self._before:
                log.error("a deadline could not lapse", extra={"stream": stream, "outcome": type(outcome).__name__})
                self.stuck.add(stream)
        self._before = settled
        return len(settled)

    @property
    def reference(self) -> tuple[int, int]:
        """The versions of the calendars and the organisation; to be read before the views are brought up."""
        return self._clerk.ledger.calendars.version, self._clerk.ledger.org.version

    def confirm(self, calendars: int) -> int:
        """Reckon anew what is provisional, once a calendar was published; answers how many cases were looked at."""
        if calendars == self._confirmed:
            return 0
        with self._engine.connect() as db:
            cases = with_provisional_deadlines(db)
        if self._settled(cases, ConfirmDeadlines()):
            self._confirmed = calendars
        return len(cases)

    def take_away(self, org: int, at: datetime) -> int:
        """Take cases from units to which somebody they are about has come; answers how many there were.

        Looked for on each day, since posts begin with one, and whenever the organisation has changed.
        """
        looked = org, day_at(at)
        if looked == self._looked:
            return 0
        with self._engine.connect() as db:
            cases = kept_from(db, self._clerk.ledger.org, at)
        if self._settled(cases, TakeAway()):
            self._looked = looked
        return len(cases)

    def _settled(self, cases: Sequence[str], command: Command[Case]) -> bool:
        """Ask it of each of these cases; answers whether all have been asked."""
        orders = [Order(stream=case_stream(case), command=command, by=SYSTEM) for case in cases]
        outcomes: list[Outcome] = []
        for some in range(0, len(orders), AT_ONCE):
            outcomes += self._clerk.settle_all(orders[some : some + AT_ONCE])
        return not any(isinstance(outcome, Overloaded | Unsettled) for outcome in outcomes)

    def next_due(self) -> datetime | None:
        with self._engine.connect() as db:
            found = [deadlines.earliest(db, self._stuck(stream)) for deadlines, stream in KEPT]
        return min(filter(None, found), default=None)

    def _stuck(self, stream: Callable[[str], str]) -> list[str]:
        """The ids of those of one kind that are passed over."""
        kind = stream("")
        return [one.removeprefix(kind) for one in self.stuck if one.startswith(kind)]
