"""API keys: 256 random bits each, of which only the hash is kept, bound to a role at a unit or to an official."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, or_, select, update

from domain.decider import Actor
from domain.org import Org, Post, Role
from service.storage.tables import api_keys

PREFIX = "sanji_"
ALWAYS = date(2000, 1, 1)


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    id: str
    role: Role
    unit: str
    official: str | None
    expires_on: date | None

    def actor(self, org: Org, at: datetime) -> Actor | None:
        """The official it speaks for, with the posts held now; otherwise the role it was made for."""
        if self.expires_on is not None and org.day(at) >= self.expires_on:
            return None
        if self.official is not None:
            return org.actor(self.official, at)
        return Actor(id=f"key:{self.id}", posts=(Post(unit=self.unit, role=self.role, since=ALWAYS),))


def make_key(
    db: Connection,
    role: Role,
    now: datetime,
    *,
    unit: str = "",
    official: str | None = None,
    expires: date | None = None,
) -> str:
    """A new key. What is answered here is never seen again."""
    key = PREFIX + secrets.token_urlsafe(32)
    db.execute(
        insert(api_keys).values(
            hash=_hash(key),
            id=secrets.token_hex(6),
            role=role,
            unit=unit,
            official=official,
            made_at=now,
            expires_on=expires,
        )
    )
    return key


def revoke_key(db: Connection, key: str, now: datetime) -> bool:
    """Take back the key that is called so, or is this one; False if there is none that stands."""
    c = api_keys.c
    which = or_(c.id == key, c.hash == _hash(key))
    changed = db.execute(update(api_keys).where(which, c.revoked_at.is_(None)).values(revoked_at=now))
    return changed.rowcount == 1


def all_keys(db: Connection) -> list[tuple[ApiKey, datetime, datetime | None]]:
    """Every key that was made, the oldest first, with when it was made and revoked."""
    c = api_keys.c
    query = select(c.id, c.role, c.unit, c.official, c.expires_on, c.made_at, c.revoked_at).order_by(c.made_at, c.id)
    return [(_told(row), row.made_at, row.revoked_at) for row in db.execute(query)]


def find_key(db: Connection, key: str) -> ApiKey | None:
    return _found(db, api_keys.c.hash == _hash(key))


def key_by_id(db: Connection, key_id: str) -> ApiKey | None:
    """A key that stands, by what it is called; None for one that was revoked."""
    return _found(db, api_keys.c.id == key_id)


def _found(db: Connection, which: ColumnElement[bool]) -> ApiKey | None:
    c = api_keys.c
    query = select(c.id, c.role, c.unit, c.official, c.expires_on).where(which, c.revoked_at.is_(None))
    row = db.execute(query).one_or_none()
    return None if row is None else _told(row)


def _told(row: Row[*tuple[Any, ...]]) -> ApiKey:
    return ApiKey(id=row.id, role=Role(row.role), unit=row.unit, official=row.official, expires_on=row.expires_on)


def _hash(key: str) -> str:
    return sha256(key.encode()).hexdigest()
