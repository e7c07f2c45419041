"""A draft: what one order would record, decided on the streams as they stand, and written down nowhere yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import reduce
from typing import Any

from eventsourcing.persistence import StoredEvent

from domain.decider import SYSTEM, Act, Entry, Recorded
from domain.org import Org
from domain.refusals import NotFound, Refused
from domain.rules import Rules
from service.record.aggregates import lapse
from service.record.codec import hash_of, to_recorded, to_stored
from service.record.orders import Order, VersionConflict
from service.storage.findable import Findable

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Page:
    """A stream as far as it was read: its state, and the hash of its last line."""

    state: Any
    hash: str = ""
    told_at: datetime = NEVER
    """When the last event was recorded that did not merely follow from earlier ones, as a lapse does."""

    def turned(self, recorded: Recorded[Any], line: bytes) -> Page:
        told_at = recorded.at if recorded.by == SYSTEM.id else recorded.recorded_at
        return Page(self.state.evolve(recorded), hash_of(line), max(self.told_at, told_at))


def read(lines: Iterable[bytes], page: Page) -> Page:
    return reduce(lambda page, line: page.turned(to_recorded(line), line), lines, page)


@dataclass
class Draft:
    """What an order would write: decided, but not yet recorded.

    `look` gives a stream as the orders before this one left it, `known` the organisation and the rules of an instant;
    `found` are the persons who can be found again by what is sealed here.
    """

    order: Order
    act: Act
    look: Callable[[str], Page]
    known: Callable[[datetime], tuple[Org, Rules]]
    found: list[Findable]
    pages: dict[str, Page] = field(default_factory=dict)
    stored: list[StoredEvent] = field(default_factory=list)
    mine: list[tuple[str, int]] = field(default_factory=list)
    """The events of the command itself, on its own stream; without those of deadlines that lapsed first."""
    first: int = 0
    """How many events of deadlines that lapsed come before those of the command."""
    others: tuple[str, ...] = ()
    """The other streams that it read."""

    def decide(self) -> None:
        """Let passed deadlines lapse, then let the command decide. Raises its refusal."""
        order = self.order
        also = getattr(order.command, "also", None)
        self.others = tuple(also(self._page(order.stream).state)) if also else ()
        self.act = act = self._after_what_happened(self.act)
        for stream in (order.stream, *self.others):
            self._lapse(stream)
        state = self._page(order.stream).state
        if self.others:
            act = replace(act, others={stream: self._page(stream).state for stream in self.others})
        if order.expected is not None and order.expected != state.version:
            raise _moved_on(order, order.expected, state, act)
        self.first = len(self.stored)
        for item in order.command.decide(state, act):
            entry = as_entry(item)
            stream = entry.stream or order.stream
            self._record(entry, stream, act, order.key)
            if stream == order.stream:
                self.mine.append((self.stored[-1].topic, self.stored[-1].originator_version))

    def _page(self, stream: str) -> Page:
        if stream not in self.pages:
            self.pages[stream] = self.look(stream)
        return self.pages[stream]

    def _after_what_happened(self, act: Act) -> Act:
        """An instant that is not before the last event of these streams: clocks of two machines differ, and one may be
        set back.
        """
        for stream in (self.order.stream, *self.others):
            last = getattr(self._page(stream).state, "updated_at", None)
            if last is not None and last > act.at:
                act = replace(act, at=last)
        return act

    def _lapse(self, stream: str) -> None:
        until = self.order.until or self.act.at
        while (due := getattr(self._page(stream).state, "next_deadline", None)) is not None and due <= until:
            before = self._page(stream)
            org, rules = self.known(max(due, before.told_at))
            then = replace(self.act, by=SYSTEM, at=due, org=org, rules=rules)
            for item in lapse(stream).decide(before.state, then):
                self._record(as_entry(item), stream, then, "")
            if self._page(stream) is before:
                raise RuntimeError(f"a deadline of {stream} lapsed without an event")

    def _record(self, entry: Entry[Any], stream: str, act: Act, command: str) -> None:
        before = self._page(stream)
        recorded = Recorded(
            stream=stream,
            version=before.state.version + 1,
            at=entry.at or act.at,
            recorded_at=self.act.at,
            by=entry.by or act.by.id,
            event=entry.event,
        )
        stored = to_stored(recorded, command, before.hash)
        self.pages[stream] = before.turned(recorded, stored.state)
        self.stored.append(stored)


def _moved_on(order: Order, expected: int, state: Any, act: Act) -> Refused:
    """Refuses an order that was made for another version. Whoever may not see the stream learns no version of it.

    A command that may be asked of what one does not see says by its `knows` who may know of it.
    """
    knows = getattr(order.command, "knows", None)
    try:
        next(iter(order.command.decide(state, act)), None)
    except NotFound as unseen:
        return unseen
    except Refused as refused:
        if knows is not None and not knows(state, act):
            return refused
    return VersionConflict(order.stream, expected, state.version)


def as_entry(item: Any) -> Entry[Any]:
    return item if isinstance(item, Entry) else Entry(event=item)
