"""Everything one process of the service needs, put together once and taken down in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from domain.decider import SYSTEM, Act, Actor, Command
from domain.org import Org
from domain.rules import Rules
from domain.rules.policies import SHIPPED
from domain.streams import CALENDARS, POLICIES
from projections import PROJECTIONS
from projections.following.follower import Follower
from projections.following.projection import positions_of
from service.audit.access_log import AccessLog
from service.audit.erasing import Erasures
from service.audit.transparency import Notary
from service.earlier import Earlier
from service.importing.importer import Importer
from service.keeping.background import Background
from service.keeping.renewing import unbuilt
from service.measures import Measures
from service.record.calendars import missing
from service.record.clerk import Clerk
from service.record.clock import BEGINNING, Clock, ManualClock, SystemClock
from service.record.ledger import Ledger
from service.record.orders import Order
from service.record.reading import Reading
from service.record.recorder import CHANNEL, Recorder
from service.record.stamps import Stamp
from service.secrecy.seals import Seals
from service.settings import Settings
from service.sign_in.identity import Identity
from service.storage.bell import PATIENCE, Bell
from service.storage.database import UnsafeSettings, open_database, reading, writing
from service.storage.findable import somebody_found
from service.storage.schema import make_tables
from service.storage.shared import Shared
from service.storage.sqlite import VIEWS
from service.webhooks.reach import Reach

if TYPE_CHECKING:
    from service.storage.listener import Listener
    from service.storage.onlooker import Onlooker
    from service.webhooks.courier import Courier

log = logging.getLogger("sanji.office")

T = TypeVar("T")

Db = Connection
"""A connection, as those who ask the views name it."""

VIEWED = "sanji_views"
ANOTHER = "{} is empty, and {} is of a log of which {} lines were signed: name its database, or bring back its backup"
READ_WAITS = 5.0
"""Seconds a read waits for the position that it asked for."""


class Office:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        self.engine = open_database(settings.database)
        self.snapshots = reading(self.engine)
        make_tables(self.engine)
        self.recorded, self.viewed = Bell(), Bell()
        apart = open_database(settings.keys_database, pool=2, views=False) if settings.keys_apart else None
        self.key_store = apart or self.engine
        sealed_before = self.read_now(somebody_found)
        self.seals = Seals.in_folder(settings.data_dir / "keys", self.key_store, sealed_before=sealed_before)
        stamp = Stamp.in_folder(settings.data_dir / "keys")
        self.recorder = Recorder(self.engine, self.recorded, stamp)
        by_hand = settings.clock == "manual"
        self.clock: Clock = ManualClock(self.recorder.last_instant() or BEGINNING) if by_hand else SystemClock()
        self.ledger = Ledger(self.recorder, self.clock, self.seals)
        self.ledger.refresh_reference()
        self.clerk = Clerk(self.ledger)
        self.erasures = Erasures(settings.data_dir / "keys", self.engine, self.seals.keys, self.clerk)
        self.notary = Notary(self.engine, settings.data_dir)
        if (signed := self.notary.events.size()) and not self.recorder.max_notification_id():
            raise UnsafeSettings(ANOTHER.format(self.engine.url, settings.data_dir, signed))
        self.access_log = AccessLog(self.engine, stamp, self.notary.accesses.keep)
        self.identity = Identity(self.engine, settings, self.seals)
        self.follower = Follower(self.engine, Reading(self.recorder), PROJECTIONS, writer=writing(self.engine, VIEWS))
        self.background = Background(self)
        self._unbuilt = self.follower.waiting
        self.importer = Importer(self)
        self.reach = Reach(settings.reachable)
        self._courier: Courier | None = None
        self.measures = Measures(self.recorder, self.notary)
        self.earlier = Earlier(self.recorder)
        self._readers = ThreadPoolExecutor(6, thread_name_prefix="reader")
        self._patient = ThreadPoolExecutor(2, thread_name_prefix="patient")
        """Threads for what takes long: a few who ask for it would keep everybody else from reading."""
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._viewed_so_far = Shared(lambda: self.read(view_position))
        self._recorded_so_far = Shared(lambda: self.read(self.recorder.last))
        self._closing = Event()
        self.ending = False
        """True once the service ends: nobody waits any longer for what may still come."""
        self._watcher = Thread(target=self._watch, name="watcher", daemon=True)
        self._listener = self._hearing()

    def open(self, *, background: bool = True) -> Office:
        """Start the threads. Without `background` no view follows, no deadline lapses, nothing is imported or delivered."""
        self.clerk.start()
        self._publish_what_ships()
        self.erasures.again()
        self._listener.start()
        self._watcher.start()
        if background:
            # imported here: an HTTP client takes time to load, and only this process delivers
            from service.webhooks.courier import Courier

            self.background.start()
            self.importer.start()
            self._courier = Courier(self)
            self._courier.start()
        return self

    def close(self) -> None:
        self._closing.set()
        self.recorded.ring()
        self._watcher.join()
        if self._courier:
            self._courier.stop()
            self.importer.stop()
            self.background.stop()
        self.clerk.stop()
        self.access_log.close()
        self.identity.close()
        self._listener.stop()
        for threads in (self._readers, self._patient):
            threads.shutdown(wait=True)
        self.seals.keys.close()
        self.key_store.dispose()
        self.engine.dispose()

    @property
    def org(self) -> Org:
        return self.ledger.org

    def rules(self, at: datetime) -> Rules:
        return self.ledger.rules(at)

    @property
    def zone(self) -> ZoneInfo:
        """The district's clock."""
        return self.rules(self.clock.now()).zone

    async def actor(self, header: str) -> Actor:
        """Who sends this Authorization header, with the posts of this moment. Raises Unauthenticated."""
        return await self.identity.actor(header, self.org, self.clock.now(), self.in_thread)

    def act(self, by: Actor, at: datetime | None = None) -> Act:
        """What is known of an actor at a moment."""
        return self.ledger.act(by, at)

    async def read(self, question: Callable[[Connection], T], *, long: str = "") -> T:
        """Ask the views in a thread. `long`: who asks for something that takes long."""
        return await self.in_thread(lambda: self.read_now(question), long=long)

    def read_now(self, question: Callable[[Connection], T]) -> T:
        """Ask the views in this thread, on one snapshot, so that an answer and its position belong together."""
        with self.snapshots.connect() as db:
            return question(db)

    async def state(self, stream: str) -> Any:
        """A stream as it stands in the database now."""
        return await self.in_thread(lambda: self.ledger.state(stream))

    async def in_thread(self, work: Callable[[], T], *, long: str = "") -> T:
        """Work in a thread of the readers; `long` work in another thread, one at a time for each asker."""
        if not long:
            return await asyncio.get_running_loop().run_in_executor(self._readers, work)
        async with self._turns.setdefault(long, asyncio.Lock()):
            return await asyncio.get_running_loop().run_in_executor(self._patient, work)

    def views_are_built(self, db: Connection) -> bool:
        """Whether every view can answer: not while one that changed with this version, or was lost, is being built."""
        if self._unbuilt:
            self._unbuilt = unbuilt(db, self.recorder)
        return not self._unbuilt

    async def viewed_up_to(self, position: int, patience: float = READ_WAITS) -> bool:
        """Wait until the views show everything up to a position. False: they do not yet after `patience` seconds."""
        return await self._once(self.viewed, self._viewed_so_far, position, patience)

    async def recorded_up_to(self, position: int, patience: float) -> bool:
        """Wait until the log reaches a position. False: it has not after `patience` seconds."""
        return await self._once(self.recorded, self._recorded_so_far, position, patience)

    async def _once(self, bell: Bell, place: Shared[int], position: int, patience: float) -> bool:
        """Wait until a position is reached. Between two rings it is asked for now and then, since a ring can be missed."""
        until = monotonic() + patience
        while True:
            heard = bell.heard
            if await place.asked() >= position:
                return True
            if (left := until - monotonic()) <= 0 or self.ending:
                return False
            await bell.heard_after(heard, min(left, PATIENCE / 4))

    async def views_catch_up(self) -> bool:
        """Wait until the views show everything recorded so far."""
        return await self.viewed_up_to(await self.read(self.recorder.last))

    def tell_viewers(self) -> None:
        """Tell whoever waits for the views, in every process, that they have moved."""
        self.viewed.ring()
        if self.engine.dialect.name == "postgresql":
            with self.recorder.at_once() as db:
                db.execute(select(func.pg_notify(VIEWED, "")))

    def _publish_what_ships(self) -> None:
        commands: list[tuple[str, Command[Any]]] = []
        if self.ledger.policies.version == 0:
            commands.append((POLICIES, SHIPPED))
        commands += [(CALENDARS, notice) for notice in missing(self.ledger.calendars)]
        self.clerk.settle_each([Order(stream=to, command=what, by=SYSTEM) for to, what in commands])

    def _hearing(self) -> Listener | Onlooker:
        """The listener that rings the bells when other processes write. Only the one of this database is loaded."""
        if self.engine.dialect.name == "postgresql":
            from service.storage.listener import Listener

            return Listener(self.engine, {CHANNEL: self.recorded, VIEWED: self.viewed})
        from service.storage.onlooker import Onlooker

        return Onlooker(self.engine, {"main": self.recorded, VIEWS: self.viewed})

    def _watch(self) -> None:
        """Keep up with changes that other processes make to the organisation, the policies and the calendars."""
        heard = self.recorded.heard
        while not self._closing.is_set():
            heard = self.recorded.wait(heard, PATIENCE)
            if not self._closing.is_set():
                try:
                    self.ledger.refresh_reference()
                except Exception:
                    log.exception("what others have changed could not be learnt, and will be")
                self._closing.wait(PATIENCE / 2)


def view_position(db: Connection) -> int:
    """The position that every view has reached."""
    return min(positions_of(db, PROJECTIONS).values())
