"""Delivers events to webhooks, in the keeper process; after a crash the next keeper continues."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from ssl import SSLContext
from threading import Event, Thread
from time import monotonic, thread_time
from typing import TYPE_CHECKING

from domain.decider import Actor
from service.storage.bell import PATIENCE
from service.storage.database import writing
from service.webhooks import deliveries, hooks, requests, rounds
from service.webhooks.deliveries import Delivery
from service.webhooks.hooks import Because, Webhook
from service.webhooks.sending import Sender, trusted

if TYPE_CHECKING:
    from service.office import Office

log = logging.getLogger("sanji.webhooks")

BETWEEN = 0.25
"""Seconds between two looks for something to deliver; what comes meanwhile is delivered together."""
SELDOM = 5.0
"""Seconds between two updates of the position of a webhook while there is nothing to deliver."""
HOURLY = 3600.0
NEVER = datetime.max.replace(tzinfo=UTC)


class Courier:
    """Delivers to webhooks: a thread with a task for each webhook that is behind, so that none waits for another's
    receiver.

    It goes by the clock of the machine, as receivers do.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._senders: dict[str, Sender] = {}
        self._serving: dict[str, asyncio.Task[None]] = {}
        self._read: dict[str, tuple[int, int]] = {}
        """How far the log was read for each webhook beyond the position that is stored."""
        self._noted: dict[str, float] = {}
        self._tidied = -HOURLY
        self._stopped = Event()
        self._work: tuple[asyncio.AbstractEventLoop, asyncio.Task[None]] | None = None
        self._thread = Thread(target=lambda: asyncio.run(self._run()), name="courier", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._work is not None:
            loop, task = self._work
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(task.cancel)
        self._thread.join()

    async def _run(self) -> None:
        self._work = asyncio.get_running_loop(), asyncio.create_task(self._keep_looking())
        with suppress(asyncio.CancelledError):
            await self._work[1]
        for sender in self._senders.values():
            await sender.close()

    async def _keep_looking(self) -> None:
        bell = self._office.recorded
        async with asyncio.TaskGroup() as serving:
            while not self._stopped.is_set():
                heard, patience = bell.heard, PATIENCE
                try:
                    if self._office.background.leads:
                        patience = await self._look(serving)
                except Exception:
                    log.exception("webhooks cannot be looked at, and will be")
                await asyncio.sleep(BETWEEN)
                await bell.heard_after(heard, patience)
            # who is rung and cancelled in one breath hears the bell only
            for task in self._serving.values():
                task.cancel()

    async def _look(self, serving: asyncio.TaskGroup) -> float:
        """Start a task for every webhook that may have something to do; answers when to look again."""
        office, now = self._office, datetime.now(UTC)
        if monotonic() - self._tidied > HOURLY:
            self._tidied = monotonic()
            with writing(office.engine).begin() as db:
                deliveries.forget_old(db, now)
                requests.forget_old(db, now)
        with office.engine.connect() as db:
            enabled = hooks.enabled(db)
            last = office.recorder.last(db) if enabled else 0
            next = deliveries.next_attempts(db) if enabled else {}
        for id in self._senders.keys() - enabled.keys() - self._serving.keys():
            await self._senders.pop(id).close()
        for id, position in enabled.items():
            if id not in self._serving and (next.get(id, NEVER) <= now or self._read_up_to(id, position) < last):
                self._serving[id] = serving.create_task(self._serve(id))
        soonest = min((at for id, at in next.items() if id in enabled and id not in self._serving), default=NEVER)
        return min(PATIENCE, (soonest - now).total_seconds())

    async def _serve(self, id: str) -> None:
        """Deliver round after round, until nothing is left for now."""
        try:
            while self._office.background.leads and await self._round(id):
                pass
        except Exception:
            log.exception("webhook %s was interrupted and will go on", id)
            await asyncio.sleep(SELDOM)
        finally:
            del self._serving[id]

    async def _round(self, id: str) -> bool:
        office, now, began = self._office, datetime.now(UTC), thread_time()
        with office.engine.connect() as db:
            webhook = hooks.found(db, id)
            if webhook is None or webhook.disabled_at is not None:
                return False
            maker = self._maker(webhook)
            if maker is not None:
                after = self._read_up_to(id, webhook.position)
                chosen = rounds.choose(db, webhook, office.act(maker), office.ledger, after, now)
        if maker is None:
            with writing(office.engine).begin() as db:
                hooks.disable(db, id, Because.NOT_PERMITTED, now)
            return False
        if chosen.empty:
            self._note(webhook, chosen.reached)
        else:
            await self._deliver(chosen)
        await asyncio.sleep(max(0 if chosen.full else BETWEEN, thread_time() - began))
        return not chosen.empty or chosen.reached > after

    async def _deliver(self, chosen: rounds.Round) -> None:
        office, webhook = self._office, chosen.webhook
        done: dict[str, Delivery] = {}
        try:
            secrets = webhook.secrets(office.seals, datetime.now(UTC))
            await rounds.tell(chosen, await self._sender(webhook), secrets, done)
        finally:
            with writing(office.engine).begin() as db:
                rounds.write_down(db, chosen, done, datetime.now(UTC))

    def _maker(self, webhook: Webhook) -> Actor | None:
        """The maker of a webhook as he stands now; None if he may not have one any more. An unknown one may just not be
        known yet.
        """
        office = self._office
        for _ in range(2):
            with office.engine.connect() as db:
                maker = office.identity.by_now(db, webhook.by, webhook.key, office.org, office.clock.now())
            if maker is not None and hooks.may_have_one(maker):
                return maker
            office.ledger.refresh_reference()
        return None

    async def _sender(self, webhook: Webhook) -> Sender:
        sender = self._senders.get(webhook.id)
        if sender is not None and sender.url != webhook.url:
            await sender.close()
            sender = None
        if sender is None:
            sender = self._senders[webhook.id] = Sender(webhook.url, self._office.reach, self._tls)
        return sender

    @cached_property
    def _tls(self) -> SSLContext:
        return trusted()

    def _read_up_to(self, id: str, position: int) -> int:
        noted, read = self._read.get(id, (position, position))
        return read if noted == position else position

    def _note(self, webhook: Webhook, reached: int) -> None:
        """Store the position of a webhook that had nothing to be told; seldom, since reading on again costs little."""
        self._read[webhook.id] = webhook.position, reached
        if reached > webhook.position and monotonic() - self._noted.get(webhook.id, 0.0) > SELDOM:
            self._noted[webhook.id] = monotonic()
            with writing(self._office.engine).begin() as db:
                hooks.move_on(db, webhook, reached, webhook.failing_since)
