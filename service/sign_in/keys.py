"""API keys: 256 random bits each, of which only the hash is kept, bound to a role at a unit or to an official.

Beside each stands a stamp that comes of the master secret: what somebody else put into the database opens nothing.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Engine, Row, insert, or_, select, update

from domain.decider import Actor
from domain.org import Org, Post, Role
from domain.zone import day_at
from service.secrecy.seals import Seals
from service.storage.database import writing
from service.storage.tables import api_keys

log = logging.getLogger("sanji.keys")

PREFIX = "sanji_"
ALWAYS = date(2000, 1, 1)
COLUMNS = tuple(api_keys.c[name] for name in ("hash", "id", "role", "unit", "official", "expires_on", "speaks_as"))
STANDS = api_keys.c.revoked_at.is_(None)


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    id: str
    role: Role
    unit: str
    official: str | None
    expires_on: date | None
    speaks_as: str | None = None
    """The id of the first key in a row of successors: what was done with any of them was done by the same actor."""

    @property
    def name(self) -> str:
        return self.speaks_as or self.id

    def actor(self, org: Org, at: datetime) -> Actor | None:
        """The official it speaks for, with the posts held now; otherwise the role it was made for."""
        if self.expires_on is not None and day_at(at) >= self.expires_on:
            return None
        if self.official is not None:
            return org.actor(self.official, at)
        return Actor(id=f"key:{self.name}", posts=(Post(unit=self.unit, role=self.role, since=ALWAYS),))


def make_key(
    db: Connection,
    seals: Seals,
    role: Role,
    now: datetime,
    *,
    unit: str = "",
    official: str | None = None,
    expires: date | None = None,
    speaks_as: str | None = None,
) -> str:
    """Makes a key and answers it, this once: only its hash is kept."""
    key = PREFIX + secrets.token_urlsafe(32)
    id = secrets.token_hex(6)
    api_key = ApiKey(id=id, role=role, unit=unit, official=official, expires_on=expires, speaks_as=speaks_as)
    stamp = _stamp(seals, _hash(key), api_key)
    db.execute(insert(api_keys).values(hash=_hash(key), made_at=now, stamp=stamp, **vars(api_key)))
    return key


def make_successor(db: Connection, seals: Seals, key_id: str, now: datetime, *, expires: date | None) -> str | None:
    """A new key with the rights of this one, even if that was revoked, which acts under the same name. None: there is
    no such key.
    """
    old = next(_genuine(db, seals, api_keys.c.id == key_id), None)
    if old is None:
        return None
    return make_key(db, seals, old.role, now, unit=old.unit, official=old.official, expires=expires, speaks_as=old.name)


def take_over(engine: Engine, seals: Seals, folder: Path) -> None:
    """Stamps the keys made before keys had stamps, once for a data folder: nobody can say any more who made those.

    Where any key has a stamp, that time is past, even if the data folder is new: a key without one was put in by
    somebody else.
    """
    done, c = folder / "api-keys.stamped", api_keys.c
    if done.exists():
        return
    with writing(engine).begin() as db:
        stamped = db.scalar(select(c.id).where(c.stamp.is_not(None)).limit(1)) is not None
        for row in () if stamped else db.execute(select(*COLUMNS).where(c.stamp.is_(None))).all():
            stamp = _stamp(seals, row.hash, _api_key(row))
            db.execute(update(api_keys).where(c.hash == row.hash).values(stamp=stamp))
    done.touch()


def revoke_key(db: Connection, key: str, now: datetime) -> bool:
    """Revokes a key, by its id or by itself, and spoils its stamp. False: there is no such key, or it was revoked
    before.
    """
    c = api_keys.c
    found = db.execute(select(c.hash, c.stamp).where(or_(c.id == key, c.hash == _hash(key)), STANDS)).one_or_none()
    if found is None:
        return False
    taken = {"revoked_at": now, "stamp": found.stamp and _taken_back(found.stamp)}
    return db.execute(update(api_keys).where(c.hash == found.hash, STANDS).values(taken)).rowcount == 1


def all_keys(db: Connection) -> list[tuple[ApiKey, datetime, datetime | None]]:
    """Every key that was made, the oldest first, with when it was made and revoked."""
    c = api_keys.c
    query = select(*COLUMNS, c.made_at, c.revoked_at).order_by(c.made_at, c.id)
    return [(_api_key(row), row.made_at, row.revoked_at) for row in db.execute(query)]


def find_key(db: Connection, seals: Seals, key: str) -> ApiKey | None:
    return next(_genuine(db, seals, api_keys.c.hash == _hash(key), STANDS), None)


def keys_by_id(db: Connection, seals: Seals, key_id: str) -> list[ApiKey]:
    """The valid keys that act under the same name as the one with this id; that one first, unless it was revoked."""
    c = api_keys.c
    named = next(_genuine(db, seals, c.id == key_id), None)
    alike = _genuine(db, seals, or_(c.id == named.name, c.speaks_as == named.name), STANDS) if named else ()
    return sorted(alike, key=lambda one: one.id != key_id)


def _genuine(db: Connection, seals: Seals, *which: ColumnElement[bool]) -> Iterator[ApiKey]:
    """Those of these keys that this service made, as their stamps show."""
    for row in db.execute(select(*COLUMNS, api_keys.c.stamp, api_keys.c.revoked_at).where(*which)):
        api_key = _api_key(row)
        stamp = _stamp(seals, row.hash, api_key)
        right = [stamp, _taken_back(stamp)] if row.revoked_at is not None else [stamp]
        if any(compare_digest(row.stamp or b"", one) for one in right):
            yield api_key
        else:
            log.error("the key %s was not made by this service, or was changed: find out who did that", api_key.id)


def _api_key(row: Row[*tuple[Any, ...]]) -> ApiKey:
    return ApiKey(
        id=row.id,
        role=Role(row.role),
        unit=row.unit,
        official=row.official,
        expires_on=row.expires_on,
        speaks_as=row.speaks_as,
    )


def _stamp(seals: Seals, hash: str, api_key: ApiKey) -> bytes:
    """A keyed hash of all that the key may do. Without `speaks_as` it is the same as before keys could have successors."""
    fields = [hash, api_key.id, api_key.role, api_key.unit, api_key.official, api_key.expires_on]
    return seals.stamp_of_key(orjson.dumps([*fields, api_key.speaks_as] if api_key.speaks_as else fields))


def _taken_back(stamp: bytes) -> bytes:
    """The stamp of a revoked key. The first one cannot be made from it, so nobody makes the key valid again in the
    table.
    """
    return sha256(b"taken back " + stamp).digest()


def _hash(key: str) -> str:
    return sha256(key.encode()).hexdigest()
