"""Idempotency of webhook requests: done once for each key, and answered the same when repeated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, delete, exc, insert, select

from service.record.orders import KeyReused, Unsettled
from service.secrecy.seals import Fingerprint
from service.storage.database import writing
from service.storage.tables import webhook_requests

KEPT = timedelta(days=30)
"""For how long an answer can be had again."""


@dataclass(frozen=True, kw_only=True)
class KeptAnswer:
    """An answer as it is kept: of a secret, which one it is, and never the secret itself."""

    body: Any
    secret: tuple[str, int] | None = None
    replayed: bool = False


def once(
    engine: Engine, command: str, fingerprint: Fingerprint, now: datetime, ask: Callable[[Connection], KeptAnswer]
) -> KeptAnswer:
    """Ask, and keep the answer in the same transaction. Raises KeyReused for the same key with something else."""
    try:
        with writing(engine).begin() as db:
            before = db.execute(select(webhook_requests).where(webhook_requests.c.command == command)).one_or_none()
            if before is not None:
                return _again(before.fingerprint, before.answer, fingerprint)
            done = ask(db)
            answer = orjson.dumps([done.body, done.secret])
            db.execute(
                insert(webhook_requests).values(command=command, fingerprint=fingerprint.sealed, answer=answer, at=now)
            )
            return done
    except exc.IntegrityError:
        raise Unsettled("the same request twice at once") from None


def forget_old(db: Connection, now: datetime) -> None:
    db.execute(delete(webhook_requests).where(webhook_requests.c.at < now - KEPT))


def _again(stored: str, answer: bytes, fingerprint: Fingerprint) -> KeptAnswer:
    if stored not in fingerprint:
        raise KeyReused("the key was used for another request", "该幂等键已用于其他请求")
    body, secret = orjson.loads(answer)
    return KeptAnswer(body=body, secret=tuple(secret) if secret else None, replayed=True)
