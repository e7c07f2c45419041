"""Webhooks as they stand: who is told what where, with which secret, how far he has been told, and whether he still is."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import orjson
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from domain.decider import Actor
from domain.refusals import LimitReached
from domain.rules.authority import WEBHOOK, everywhere
from service.secrecy.seals import Seals
from service.storage.tables import webhooks

log = logging.getLogger("sanji.webhooks")

MOST, MOST_OF_ALL = 20, 200
"""Webhooks of one maker, and in all: each has connections of its own."""
FAILING = timedelta(days=3)
"""For so long nothing may come through before a webhook is disabled."""


class Because(StrEnum):
    """Why a webhook is disabled."""

    ASKED = "asked"
    FAILING = "failing"
    """For three days nothing has come through."""
    GONE = "gone"
    """The receiver answered 410: nothing more, please."""
    NOT_PERMITTED = "not_permitted"
    """The key with which it was made is no more, or its maker may not have one any more."""


@dataclass(frozen=True, kw_only=True)
class Webhook:
    id: str
    by: str
    key: str | None
    url: str
    types: Sequence[str] | None
    description: str
    made_at: datetime
    position: int
    secret: int
    """How often it has been changed; the secret itself is derived."""
    old_secret_until: datetime | None
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_because: Because | None

    def wants(self, type: str) -> bool:
        return self.types is None or type in self.types

    def secrets(self, seals: Seals, now: datetime) -> list[bytes]:
        """The secret of now, and the one before for as long as that is valid."""
        old = self.old_secret_until is not None and now < self.old_secret_until
        return [seals.webhook_secret(self.id, self.secret - back) for back in range(2 if old else 1)]


def may_have_one(actor: Actor) -> bool:
    return any(everywhere(post.role, WEBHOOK) for post in actor.posts)


def make(
    db: Connection,
    id: str,
    *,
    by: str,
    key: str | None,
    url: str,
    types: Sequence[str] | None,
    description: str,
    position: int,
    now: datetime,
) -> None:
    """Raises LimitReached."""
    c = webhooks.c
    own, all = db.execute(select(func.count().filter(c.by == by), func.count()).select_from(webhooks)).one()
    if own >= MOST or all >= MOST_OF_ALL:
        raise LimitReached("there are as many webhooks as there may be", "webhook 数量已达上限")
    values = {"url": url, "types": _written(types), "description": description, "position": position, "secret": 1}
    db.execute(insert(webhooks).values(id=id, by=by, key=key, made_at=now, **values))


def found(db: Connection, id: str) -> Webhook | None:
    row = db.execute(select(webhooks).where(webhooks.c.id == id)).one_or_none()
    return _webhook(row) if row else None


def listed(db: Connection, by: str | None, before: str | None, limit: int) -> list[Webhook]:
    """The newest first: those of one maker, or all."""
    c = webhooks.c
    query = select(webhooks).order_by(c.id.desc()).limit(limit)
    if by is not None:
        query = query.where(c.by == by)
    if before is not None:
        query = query.where(c.id < before)
    return [_webhook(row) for row in db.execute(query)]


def enabled(db: Connection) -> dict[str, int]:
    """Those who are told, and how far each has been."""
    c = webhooks.c
    return {row.id: row.position for row in db.execute(select(c.id, c.position).where(c.disabled_at.is_(None)))}


def disabled_in_all(db: Connection) -> int:
    return db.scalar(select(func.count()).select_from(webhooks).where(webhooks.c.disabled_at.is_not(None))) or 0


def change(db: Connection, id: str, *, url: str, types: Sequence[str] | None, description: str) -> None:
    _set(db, id, url=url, types=_written(types), description=description, failing_since=None)


def enable(db: Connection, id: str, key: str | None) -> None:
    """From now on it belongs to the key with which this is asked."""
    _set(db, id, key=key, disabled_at=None, disabled_because=None, failing_since=None)


def disable(db: Connection, id: str, because: Because, now: datetime) -> None:
    """The first reason stays."""
    c = webhooks.c
    these = update(webhooks).where(c.id == id, c.disabled_at.is_(None))
    if db.execute(these.values(disabled_at=now, disabled_because=because)).rowcount:
        log.warning("webhook %s is disabled: %s", id, because)


def change_secret(db: Connection, id: str, old_until: datetime) -> None:
    _set(db, id, secret=webhooks.c.secret + 1, old_secret_until=old_until)


def tell_again(db: Connection, id: str, after: int) -> None:
    _set(db, id, position=after)


def move_on(db: Connection, webhook: Webhook, position: int, failing_since: datetime | None) -> bool:
    """Say how far it has been told; False, and nothing changed, if somebody else has said so meanwhile."""
    c = webhooks.c
    these = update(webhooks).where(c.id == webhook.id, c.position == webhook.position)
    return db.execute(these.values(position=position, failing_since=failing_since)).rowcount == 1


def remove(db: Connection, id: str) -> None:
    db.execute(delete(webhooks).where(webhooks.c.id == id))


def _set(db: Connection, id: str, **values: object) -> None:
    db.execute(update(webhooks).where(webhooks.c.id == id).values(**values))


def _written(types: Iterable[str] | None) -> bytes | None:
    return None if types is None else orjson.dumps(sorted(set(types)))


def _webhook(row: Row[tuple[object, ...]]) -> Webhook:
    fields = dict(row._mapping)
    fields["types"] = None if row.types is None else orjson.loads(row.types)
    fields["disabled_because"] = None if row.disabled_because is None else Because(row.disabled_because)
    return Webhook(**fields)
