"""One round of deliveries: choose what is due, send it stream by stream, write down the results."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic

import orjson
from sqlalchemy import Connection

from domain.decider import Act
from service.record.ledger import Ledger
from service.telling.feed import events_in
from service.webhooks import deliveries, hooks
from service.webhooks.deliveries import TEST, WAITING, Delivery, DeliveryState
from service.webhooks.described import MEDIA
from service.webhooks.hooks import FAILING, Because, Webhook
from service.webhooks.sending import AT_ONCE, Sender, to_its_end
from service.webhooks.signing import signed

ROUND = 50
"""Events that are read together."""
TURN = 2.0
"""Seconds after which a round sends nothing more: what the maker may see is judged anew for the next."""
KIND = {"Content-Type": MEDIA, "User-Agent": "Sanji"}
GONE = 410


@dataclass(frozen=True, kw_only=True)
class Round:
    """What one round delivers, of what there is up to a position."""

    webhook: Webhook
    again: Sequence[Delivery]
    """Deliveries whose next attempt is due."""
    fresh: Sequence[Delivery]
    """New events, in order."""
    behind: Sequence[Delivery]
    """New events of streams of which an earlier delivery still waits."""
    unseen: Sequence[str]
    """Waiting deliveries of events that the maker may not see any more."""
    bodies: Mapping[str, bytes]
    reached: int
    full: bool

    @property
    def empty(self) -> bool:
        return not (self.again or self.fresh or self.behind or self.unseen)


def choose(db: Connection, webhook: Webhook, act: Act, ledger: Ledger, after: int, now: datetime) -> Round:
    """Choose what is delivered: of the events after a position and of what waits, what the maker may see at this
    moment.
    """
    waiting = deliveries.waiting(db, webhook.id)
    first = {one.stream: one for one in reversed(waiting)}
    ready = [one for one in first.values() if one.next_at is not None and one.next_at <= now]
    due = sorted(ready, key=lambda one: one.position or 0)[:ROUND]
    # while as many wait as may, the log is not read on
    room = min(ROUND, WAITING - len(waiting))
    page = ledger.recorder.select_notifications(after, room, inclusive_of_start=False) if room > 0 else ()
    lines = [line for line in page if webhook.wants(line.topic)]
    known = ledger.recorder.at([one.position for one in due if one.position is not None])
    seen = {item["sanjiposition"]: item for item in events_in([*known, *lines], ledger, act)}
    new = [deliveries.event(webhook.id, line, now) for line in lines if line.id in seen]
    tests = [one for one in due if one.position is None]
    bodies = {one.id: orjson.dumps(seen[one.position]) for one in (*due, *new) if one.position in seen}
    bodies |= {one.id: orjson.dumps(_tested(one, act)) for one in tests}
    return Round(
        webhook=webhook,
        again=[one for one in due if one.id in bodies],
        fresh=[one for one in new if one.stream not in first],
        behind=[replace(one, next_at=first[one.stream].next_at) for one in new if one.stream in first],
        unseen=[one.id for one in due if one.id not in bodies],
        bodies=bodies,
        reached=page[-1].id if page else after,
        full=len(page) == ROUND,
    )


async def tell(chosen: Round, sender: Sender, secrets: Sequence[bytes], done: dict[str, Delivery]) -> None:
    """Send what was chosen, the events of one stream in turn; `done` receives the result of each."""
    until, gate = monotonic() + TURN, asyncio.Semaphore(AT_ONCE)
    chains: dict[str, list[Delivery]] = defaultdict(list)
    for one in (*chosen.again, *chosen.fresh):
        chains[one.stream].append(one)

    async def attempt(one: Delivery) -> None:
        now, body = datetime.now(UTC), chosen.bodies[one.id]
        answer = await sender.send({**KIND, **signed(one.id, int(now.timestamp()), body, secrets)}, body)
        done[one.id] = one.after(answer, datetime.now(UTC))

    async def send(chain: list[Delivery]) -> None:
        for one in chain:
            async with gate:
                if monotonic() > until:
                    return
                await to_its_end(attempt(one))
            if done[one.id].state is not DeliveryState.DELIVERED:
                return

    async with asyncio.TaskGroup() as sending:
        for chain in chains.values():
            sending.create_task(send(chain))


def write_down(db: Connection, chosen: Round, done: dict[str, Delivery], now: datetime) -> None:
    """Store the results. No event is lost: each is delivered, or waits, or lies after the position."""
    webhook = chosen.webhook
    if hooks.found(db, webhook.id) is None:
        return
    again = [done[one.id] for one in chosen.again if one.id in done]
    deliveries.put(db, again)
    for one in again:
        if one.state is DeliveryState.WAITING:
            deliveries.hold(db, one)
    deliveries.forget(db, chosen.unseen)
    since = failing_since(webhook, done, now)
    position, rows = _passed(chosen, done)
    if hooks.move_on(db, webhook, position, since):
        deliveries.succeeded(db, [one.id for one in rows if one.state is DeliveryState.DELIVERED], now)
        deliveries.put(db, [one for one in rows if one.state is not DeliveryState.DELIVERED])
    if any(one.last_status == GONE for one in done.values()):
        hooks.disable(db, webhook.id, Because.GONE, now)
    elif since is not None and now - since > FAILING:
        hooks.disable(db, webhook.id, Because.FAILING, now)


def _passed(chosen: Round, done: dict[str, Delivery]) -> tuple[int, list[Delivery]]:
    """The position reached, and the deliveries up to it: what there was no time for waits, or is read again."""
    sent = [done[one.id] for one in chosen.fresh if one.id in done]
    left = [one for one in chosen.fresh if one.id not in done]
    furthest = max((one.position or 0 for one in (*sent, *chosen.behind)), default=0)
    next_time = [one.position for one in left if one.position is not None and one.position > furthest]
    failed = {one.stream: one.next_at for one in sent if one.state is DeliveryState.WAITING}
    between = [
        replace(one, next_at=failed.get(one.stream, one.next_at)) for one in left if one.position not in next_time
    ]
    return min(next_time) - 1 if next_time else chosen.reached, [*sent, *chosen.behind, *between]


def failing_since(webhook: Webhook, done: dict[str, Delivery], now: datetime) -> datetime | None:
    """Since when no event has come through; None where something has.

    A test that fails is not tried again, and tells nothing of what comes after it.
    """
    if any(one.state is DeliveryState.DELIVERED for one in done.values()):
        return None
    tried = any(one.position is not None for one in done.values())
    return (webhook.failing_since or now) if tried else webhook.failing_since


def _tested(test: Delivery, act: Act) -> dict[str, object]:
    """A test event."""
    return {
        "specversion": "1.0",
        "id": test.id,
        "source": "/v1/webhooks",
        "type": TEST,
        "subject": test.webhook,
        "time": act.rules.local(datetime.now(UTC)),
        "datacontenttype": "application/json",
        "data": {},
    }
