"""The ledger: commands in, events out. It decides on what is recorded and records what was decided, many at a time."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from eventsourcing.persistence import IntegrityError, OperationalError, StoredEvent
from sqlalchemy import Connection

from domain.decider import SYSTEM, Act, Actor, altered
from domain.org import Org
from domain.refusals import Refused
from domain.rules import Calendars, Policies, Rules
from domain.streams import CALENDARS, ORG, POLICIES
from service.record.aggregates import REFERENCE, blank, rules_at
from service.record.back_then import BackThen
from service.record.clock import Clock
from service.record.codec import UnknownEvent, to_recorded
from service.record.drafting import Draft, Page, read
from service.record.orders import KeyReused, Order, Outcome, Receipt, Unsettled
from service.record.reading import folded, states_of
from service.record.recorder import Known, Recorder
from service.secrecy.seals import Seals
from service.storage.findable import Findable, store_findable

log = logging.getLogger("sanji.ledger")

REMEMBERED = 1024
"""States of streams that are kept at hand for the next order."""


class Ledger:
    """Only the clerk settles orders, one batch at a time; any thread may read."""

    def __init__(self, recorder: Recorder, clock: Clock, seals: Seals) -> None:
        self.recorder = recorder
        self.clock = clock
        self.seals = seals
        self.pages: OrderedDict[str, Page] = OrderedDict()
        self.back_then = BackThen(recorder)
        self._reached = recorder.reached

    def state(self, stream: str) -> Any:
        """A stream as it stands in the database now."""
        return self._fresh([stream])[stream].state

    def states(self, streams: Iterable[str]) -> dict[str, Any]:
        """Several streams as they stand in the database now."""
        return {stream: page.state for stream, page in self._fresh(streams).items()}

    def as_of(self, stream: str, *, version: int | None = None, at: datetime | None = None) -> Any:
        """A stream as it stood at a version, or at an instant."""
        lines = self.recorder.select_streams([stream]).get(stream, ())
        return folded(stream, lines, version=version, at=at)

    def as_they_stood(self, streams: Iterable[str], at: datetime) -> dict[str, Any]:
        """Several streams as they stood at an instant; blank where nothing had happened yet."""
        return states_of(self.recorder, streams, at=at)

    @property
    def org(self) -> Org:
        org: Org = self.pages[ORG].state
        return org

    @property
    def policies(self) -> Policies:
        policies: Policies = self.pages[POLICIES].state
        return policies

    @property
    def calendars(self) -> Calendars:
        calendars: Calendars = self.pages[CALENDARS].state
        return calendars

    def rules(self, at: datetime) -> Rules:
        """The rules in force at an instant."""
        return rules_at(self.policies, self.calendars, at)

    def act(self, by: Actor, at: datetime | None = None) -> Act:
        """What is known of an actor at a moment: his posts, the rules in force, the organisation."""
        now = at or self.clock.now()
        return Act(by=by, at=now, rules=self.rules(now), org=self.org, vault=self.seals.vault())

    def refresh_reference(self) -> None:
        """Read what other processes changed in the organisation, the policies and the calendars."""
        known = {stream: self.pages.get(stream) or Page(blank(stream)) for stream in REFERENCE}
        newer = self.recorder.newer({stream: page.state.version for stream, page in known.items()})
        found = {stream: read(newer.get(stream, ()), page) for stream, page in known.items()}
        for stream, page in found.items():
            # the clerk may have gone further while this was being read
            if stream not in self.pages or page.state.version > self.pages[stream].state.version:
                self.pages[stream] = page

    def _fresh(self, streams: Iterable[str], db: Connection | None = None) -> dict[str, Page]:
        wanted = list(streams)
        found = self.recorder.select_streams(wanted, db=db)
        return {stream: read(found.get(stream, ()), Page(blank(stream))) for stream in wanted}

    def settle(self, orders: Sequence[Order]) -> list[Outcome]:
        """Let each order decide in turn on the state the previous one left, and record all of it in one transaction."""
        try:
            self._forget_if_reached_anew()
            drafts, outcomes = self._decide(orders, None)
            positions = self._append(drafts, None)
        except IntegrityError:
            return self._settle_alone(orders)
        except OperationalError as error:
            return self._settle_unknown(orders, error)
        return self._settled(orders, drafts, outcomes, positions)

    def _settle_alone(self, orders: Sequence[Order]) -> list[Outcome]:
        """Decide again while holding the write lock: another process wrote to one of the streams first."""
        self.forget()
        try:
            self._forget_if_reached_anew()
            self.refresh_reference()
            with self.recorder.transaction() as db:
                self.recorder.lock(db)
                drafts, outcomes = self._decide(orders, db)
                positions = self._append(drafts, db)
        except OperationalError as error:
            return self._settle_unknown(orders, error)
        return self._settled(orders, drafts, outcomes, positions)

    def _settle_unknown(self, orders: Sequence[Order], error: Exception) -> list[Outcome]:
        """The connection broke. Once the lock can be had, the lost transaction has either happened or never will."""
        log.warning("commit outcome unknown, looking for %d commands: %s", len(orders), error)
        self.forget()
        try:
            self.refresh_reference()
            with self.recorder.transaction() as db:
                self.recorder.lock(db)
                known = self._known(orders, db)
        except OperationalError:
            known = {}
        return [
            self._replay(order, known[order.key]) if order.key in known else Unsettled(str(error)) for order in orders
        ]

    def _forget_if_reached_anew(self) -> None:
        """Forget all states where the database was connected to anew: it may be another one, such as a replica that
        lags.
        """
        if (reached := self.recorder.reached) != self._reached:
            self.forget()
            self.pages |= self._fresh(REFERENCE)
            self._reached = reached

    def forget(self) -> None:
        """Forget the states of all streams but the reference, which requests are reading."""
        for stream in [stream for stream in self.pages if stream not in REFERENCE]:
            del self.pages[stream]

    def _decide(self, orders: Sequence[Order], db: Connection | None) -> tuple[list[Draft], dict[int, Outcome]]:
        self._load({order.stream for order in orders if not order.fresh}, db)
        now = self.act(SYSTEM)
        done_before = self._known(orders, db) if db is not None else {}
        book: dict[str, Page] = {}
        drafts: list[Draft] = []
        outcomes: dict[int, Outcome] = {}
        refusals: dict[int, Exception] = {}
        keys: set[str] = set()
        others: set[str] = set()
        for index, order in enumerate(orders):
            if order.key in done_before:
                outcomes[index] = self._replay(order, done_before[order.key])
                continue
            if order.key in keys:
                refusals[index] = Unsettled("the same request twice at once")
                continue
            draft = self._draft(order, now, book, db)
            try:
                draft.decide()
            except (Refused, UnknownEvent) as refused:
                refusals[index] = refused
                continue
            finally:
                others |= {*draft.others}
            if order.key:
                keys.add(order.key)
            book |= draft.pages
            drafts.append(draft)
        self._must_be_up_to_date({orders[index].stream for index in refusals} | others, db)
        known = self._known([orders[index] for index in refusals], db)
        for index, refusal in refusals.items():
            key = orders[index].key
            outcomes[index] = self._replay(orders[index], known[key]) if key in known else refusal
        return drafts, outcomes

    def _known(self, orders: Sequence[Order], db: Connection | None) -> dict[str, Known]:
        """Which of these were recorded before, by their keys."""
        keys = [order.key for order in orders if order.key]
        return self.recorder.select_commands(keys, db=db) if keys else {}

    def _must_be_up_to_date(self, streams: set[str], db: Connection | None) -> None:
        """Raises IntegrityError where another process has changed a stream since: no refusal may rest on an old state."""
        remembered = [stream for stream in streams if stream in self.pages]
        for stream, page in self._fresh(remembered, db).items() if db is None and remembered else ():
            if page.state.version != self.pages[stream].state.version:
                raise IntegrityError(f"{stream} is not what it was")

    def _draft(self, order: Order, now: Act, book: dict[str, Page], db: Connection | None) -> Draft:
        def look(stream: str) -> Page:
            found = book.get(stream) or self.pages.get(stream)
            if found is None and order.fresh and stream == order.stream:
                return Page(blank(stream))
            return found or self._load({stream}, db)[stream]

        vault = self.seals.vault()
        act, known = altered(now, by=order.by, vault=vault), partial(self.back_then.known, self.pages, db)
        return Draft(order=order, act=act, look=look, known=known, found=vault.found)

    def _load(self, streams: Iterable[str], db: Connection | None) -> dict[str, Page]:
        missing = [stream for stream in streams if stream not in self.pages]
        if missing:
            self.pages.update(self._fresh(missing, db))
        return {stream: self.pages[stream] for stream in streams}

    def _append(self, drafts: Sequence[Draft], db: Connection | None) -> list[int]:
        """Write down all drafts; answers the position of the last event of each."""
        stored: list[StoredEvent] = []
        commands: dict[int, tuple[str, str]] = {}
        found: list[Findable] = []
        ends: list[int] = []
        for draft in drafts:
            if draft.order.key and draft.mine:
                commands[len(stored) + draft.first] = (draft.order.key, draft.order.fingerprint.sealed)
            stored += draft.stored
            found += draft.found
            ends.append(len(stored))
        if not stored:
            return [self.recorder.max_notification_id() or 0] * len(drafts)
        if db is not None:
            store_findable(db, found)
            positions = self.recorder.insert_events(stored, commands=commands, db=db)
        else:
            positions = self.recorder.append(stored, commands, found, self._reached)
        return [positions[end - 1] if end else positions[0] - 1 for end in ends]

    def _settled(
        self, orders: Sequence[Order], drafts: Sequence[Draft], outcomes: dict[int, Outcome], positions: Sequence[int]
    ) -> list[Outcome]:
        for draft in drafts:
            self.pages |= draft.pages
            for stream in draft.pages:
                self.pages.move_to_end(stream)
        if any(draft.stored for draft in drafts):
            self.recorder.bell.ring()
        self._shorten()
        done = {
            id(draft.order): Receipt(
                stream=draft.order.stream,
                state=(draft.pages.get(draft.order.stream) or self.pages[draft.order.stream]).state,
                position=position,
                act=draft.act,
                events=tuple(draft.mine),
            )
            for draft, position in zip(drafts, positions, strict=True)
        }
        settled: list[Outcome] = []
        for index, order in enumerate(orders):
            outcome = done.get(id(order)) or outcomes[index]
            if isinstance(outcome, Unsettled) and (known := self.recorder.select_commands([order.key])):
                outcome = self._replay(order, known[order.key])
            settled.append(outcome)
        return settled

    def _shorten(self) -> None:
        """Forget the streams that were not asked for the longest, the reference never: requests are reading it."""
        for stream in REFERENCE:
            self.pages.move_to_end(stream)
        while len(self.pages) > REMEMBERED:
            self.pages.popitem(last=False)

    def _replay(self, order: Order, known: Known) -> Outcome:
        """The receipt of the command that came first under this key, with the state as it was then."""
        if known.fingerprint not in order.fingerprint:
            return KeyReused()
        state = blank(known.stream)
        mine: list[tuple[str, int]] = []
        position, at = 0, self.clock.now()
        for line, where in zip(
            self.recorder.select_streams([known.stream])[known.stream],
            self.recorder.positions(known.stream),
            strict=False,
        ):
            recorded = to_recorded(line)
            if recorded.version > known.version and not _belongs(line, order.key):
                break
            state = state.evolve(recorded)
            if recorded.version >= known.version:
                mine.append((getattr(recorded.event, "__event__"), recorded.version))
                position, at = where, recorded.recorded_at
        return Receipt(
            stream=known.stream,
            state=state,
            position=position,
            act=self.act(order.by, at),
            events=tuple(mine),
            replayed=True,
        )


def _belongs(line: bytes, key: str) -> bool:
    return f'"command":"{key}"'.encode() in line
