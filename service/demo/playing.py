"""Plays stories on an office in the order of time: everybody says his line when it is time, and deadlines lapse between."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from domain.case import Case, CaseCommand, Report
from domain.decider import SYSTEM, Actor
from domain.org import Org
from domain.streams import case_stream
from service.keeping.timekeeper import Tick
from service.office import Office
from service.record.clock import ManualClock
from service.record.orders import Order, Outcome

WINDOW = timedelta(minutes=20)
"""What is said within such a time is said at once, in one commit."""


@dataclass(frozen=True)
class Line:
    """Somebody says something about a case at a moment; or, without a command, only looks how it stands then."""

    at: datetime
    case: str
    by: Actor = SYSTEM
    command: Report | CaseCommand | None = None


@dataclass(frozen=True)
class Reply:
    """When it was said, and how the case stands after it."""

    at: datetime
    case: Case


Story = Generator[Line, Reply, None]
Asked = tuple[str, Any, str]
"""Of which stream, what, and by whom."""


class Stage:
    def __init__(self, office: Office, clock: ManualClock) -> None:
        self._office = office
        self._clock = clock
        self._lines: list[tuple[datetime, int, Line, Story]] = []
        self._deadlines: list[tuple[datetime, str]] = []
        self.cases: dict[str, Case] = {}
        self._turn = count()
        self.refused: list[tuple[Line, Exception]] = []
        """What the rules did not allow. That story ends there."""

    def play(self, stories: Iterable[Story], until: datetime, on_progress: Callable[[datetime], object]) -> None:
        """Tell all stories as far as they got by then."""
        for story in stories:
            self._next(story, None)
        while (moment := self._earliest()) <= until:
            if self._deadlines and self._deadlines[0][0] == moment:
                self._lapse(moment)
            else:
                self._speak(until)
            on_progress(self._clock.now())
        self._clock.set(max(until, self._clock.now()))

    def _earliest(self) -> datetime:
        firsts = [queue[0][0] for queue in (self._lines, self._deadlines) if queue]
        return min(firsts, default=datetime.max.replace(tzinfo=self._clock.now().tzinfo))

    def _lapse(self, due: datetime) -> None:
        """Whatever is due at this instant lapses, unless somebody was faster."""
        cases = set()
        while self._deadlines and self._deadlines[0][0] == due:
            _, case = heapq.heappop(self._deadlines)
            if self.cases[case].next_deadline == due:
                cases.add(case)
        self._clock.set(max(due, self._clock.now()))
        orders = [Order(stream=case_stream(case), command=Tick(), by=SYSTEM, until=due) for case in sorted(cases)]
        for receipt in self._office.clerk.settle_each(orders):
            self._remember(receipt.state)

    def _speak(self, until: datetime) -> None:
        """Everybody whose time it is, but nobody past the next deadline."""
        end = min(self._lines[0][0] + WINDOW, until)
        if self._deadlines:
            end = min(end, self._deadlines[0][0] - timedelta(microseconds=1))
        spoken: list[tuple[Line, Story]] = []
        while self._lines and self._lines[0][0] <= end:
            at, _, line, story = heapq.heappop(self._lines)
            self._clock.set(max(at, self._clock.now()))
            spoken.append((line, story))
        asked = [(line, line.command) for line, _ in spoken if line.command is not None]
        orders = [_order(line, command) for line, command in asked]
        outcomes = {id(line): outcome for (line, _), outcome in zip(asked, self._settle(orders), strict=True)}
        for line, story in spoken:
            outcome = outcomes.get(id(line))
            if isinstance(outcome, Exception):
                self.refused.append((line, outcome))
                continue
            if outcome is not None:
                self._remember(outcome.state)
            self._next(story, Reply(self._clock.now(), self.cases[line.case]))

    def _settle(self, orders: list[Order]) -> list[Outcome]:
        return self._office.clerk.settle_all(orders) if orders else []

    def _next(self, story: Story, heard: Reply | None) -> None:
        try:
            line = next(story) if heard is None else story.send(heard)
        except StopIteration:
            return
        heapq.heappush(self._lines, (line.at, next(self._turn), line, story))

    def _remember(self, case: Case) -> None:
        self.cases[case.id] = case
        if case.next_deadline is not None:
            heapq.heappush(self._deadlines, (case.next_deadline, case.id))


def _order(line: Line, command: Any) -> Order:
    return Order(stream=case_stream(line.case), command=command, by=line.by, fresh=isinstance(command, Report))


def settle(office: Office, asked: Iterable[Asked]) -> None:
    """Have all of it recorded, in this order. Raises what the first was refused with that was not."""
    org, now = office.org, office.clock.now()
    office.clerk.settle_each([Order(stream=of, command=what, by=_official(org, who, now)) for of, what, who in asked])


def _official(org: Org, who: str, now: datetime) -> Actor:
    actor = org.actor(who, now)
    assert actor is not None, who
    return actor
