"""Deliveries that did not succeed at once: each waits for its next attempt, has come through, or was given up."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum

from eventsourcing.persistence import Notification
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from projections.following.schema import Instant
from service.record.codec import hash_of
from service.storage.tables import webhook_deliveries

WAITS = (5, 30, 120, 600, 1_800, 7_200, 18_000, 28_800, 36_000)
"""Seconds until the next attempt, after each that failed: ten attempts in about a day, then it is given up."""
SPREAD = 0.2
"""By what share these are longer or shorter by chance, so that not all come back at the same moment."""
WAITING = 100
"""Deliveries of one webhook that wait at most."""
KEPT = timedelta(days=30)
"""For how long one can see what came of a delivery."""
TEST = "webhook.test"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Given up; it can be delivered again by hand."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came of an attempt: a status, or why there is none."""

    status: int | None = None
    error: str | None = None
    wait: int = 0
    """Seconds for which the receiver asked to be left alone."""

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """`id` is what the receiver knows it by, the same at each attempt; a test has no position."""

    id: str
    webhook: str
    position: int | None
    stream: str
    type: str
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    last_at: datetime | None = None
    last_status: int | None = None
    last_error: str | None = None
    next_at: datetime | None = None

    def after(self, answer: Answer, now: datetime) -> Delivery:
        """The same after an attempt. A test is not repeated."""
        attempts = self.attempts + 1
        tried = replace(self, attempts=attempts, last_at=now, last_status=answer.status, last_error=answer.error)
        if answer.accepted:
            return replace(tried, state=DeliveryState.DELIVERED, next_at=None)
        if self.position is None or attempts > len(WAITS):
            return replace(tried, state=DeliveryState.FAILED, next_at=None)
        wait = max(WAITS[attempts - 1] * random.uniform(1 - SPREAD, 1 + SPREAD), min(answer.wait, WAITS[-1]))
        return replace(tried, state=DeliveryState.WAITING, next_at=now + timedelta(seconds=wait))


def event(webhook: str, line: Notification, now: datetime) -> Delivery:
    """What is told of a line. Where the log was restored, another one at its position is told as another one."""
    id = f"{webhook}-{line.id}-{hash_of(line.state)[:8]}"
    stream = str(line.originator_id)
    return Delivery(id=id, webhook=webhook, position=line.id, stream=stream, type=line.topic, next_at=now)


def test(webhook: str, key: str, now: datetime) -> Delivery:
    """A test event; asked for under another key it is another one."""
    id = f"{webhook}-test-{key[:16]}"
    return Delivery(id=id, webhook=webhook, position=None, stream=id, type=TEST, next_at=now)


def waiting(db: Connection, webhook: str) -> list[Delivery]:
    """All that wait, those of a stream in its order."""
    c = webhook_deliveries.c
    query = select(webhook_deliveries).where(c.webhook == webhook, c.state == DeliveryState.WAITING)
    return [_delivery(row) for row in db.execute(query.order_by(c.position, c.number))]


def next_attempts(db: Connection) -> dict[str, datetime]:
    """When something that waits is tried next, of each webhook of which anything does."""
    c = webhook_deliveries.c
    query = (
        select(c.webhook, func.min(c.next_at, type_=Instant))
        .where(c.state == DeliveryState.WAITING)
        .group_by(c.webhook)
    )
    return {webhook: at for webhook, at in db.execute(query) if at is not None}


def waiting_in_all(db: Connection) -> int:
    query = (
        select(func.count()).select_from(webhook_deliveries).where(webhook_deliveries.c.state == DeliveryState.WAITING)
    )
    return db.scalar(query) or 0


def listed(
    db: Connection, webhook: str, state: DeliveryState | None, before: int | None, limit: int
) -> list[tuple[int, Delivery]]:
    """The newest first, each with its number in this list."""
    c = webhook_deliveries.c
    query = select(webhook_deliveries).where(c.webhook == webhook).order_by(c.number.desc()).limit(limit)
    if state is not None:
        query = query.where(c.state == state)
    if before is not None:
        query = query.where(c.number < before)
    return [(row.number, _delivery(row)) for row in db.execute(query)]


def put(db: Connection, deliveries: Iterable[Delivery]) -> None:
    """Write down how these stand, in the place of what was known of them."""
    c = webhook_deliveries.c
    rows = {one.id: vars(one) for one in deliveries}
    known = set(db.scalars(select(c.id).where(c.id.in_(rows)))) if rows else set()
    for id in known:
        db.execute(update(webhook_deliveries).where(c.id == id).values(**rows.pop(id)))
    if rows:
        db.execute(insert(webhook_deliveries), list(rows.values()))


def hold(db: Connection, first: Delivery) -> None:
    """What waits behind this one, in its stream, waits as long."""
    c = webhook_deliveries.c
    these = (c.webhook == first.webhook, c.stream == first.stream, c.state == DeliveryState.WAITING)
    db.execute(update(webhook_deliveries).where(*these).values(next_at=first.next_at))


def succeeded(db: Connection, ids: Collection[str], now: datetime) -> None:
    """Of those that were known as failed, know that they have come through."""
    c = webhook_deliveries.c
    done = {"state": DeliveryState.DELIVERED, "next_at": None, "last_at": now, "last_status": None, "last_error": None}
    db.execute(update(webhook_deliveries).where(c.id.in_(ids)).values(**done, attempts=c.attempts + 1))


def forget(db: Connection, ids: Collection[str]) -> None:
    db.execute(delete(webhook_deliveries).where(webhook_deliveries.c.id.in_(ids)))


def forget_all(db: Connection, webhook: str) -> None:
    db.execute(delete(webhook_deliveries).where(webhook_deliveries.c.webhook == webhook))


def forget_old(db: Connection, now: datetime) -> None:
    c = webhook_deliveries.c
    db.execute(delete(webhook_deliveries).where(c.state != DeliveryState.WAITING, c.last_at < now - KEPT))


def try_now(db: Connection, webhook: str, now: datetime) -> None:
    """What waits is tried at once, and as often as if it were new."""
    c = webhook_deliveries.c
    these = update(webhook_deliveries).where(c.webhook == webhook, c.state == DeliveryState.WAITING)
    db.execute(these.values(next_at=now, attempts=0))


_FIELDS = tuple(field.name for field in fields(Delivery))


def _delivery(row: Row[tuple[object, ...]]) -> Delivery:
    return Delivery(**{**{name: getattr(row, name) for name in _FIELDS}, "state": DeliveryState(row.state)})
