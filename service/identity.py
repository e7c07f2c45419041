"""Who is asking: an API key, or in development simply who one says one is."""

from __future__ import annotations

from datetime import datetime
from time import monotonic

from sqlalchemy import Engine

from domain.decider import Actor
from domain.org import Org, Post, Role
from service.keys import ALWAYS, ApiKey, find_key
from service.problems import Unauthenticated

REMEMBERED = 5.0
"""Seconds for which a key is not looked up again; a revoked key ends within them."""

ADMIN = Actor(id="admin", posts=(Post(unit="", role=Role.ADMIN, since=ALWAYS),))


class Identity:
    """Turns an Authorization header into an actor with the posts of this moment."""

    def __init__(self, engine: Engine, mode: str) -> None:
        self._engine = engine
        self._mode = mode
        self._known: dict[str, tuple[float, ApiKey]] = {}

    def remembered(self, header: str, org: Org, now: datetime) -> Actor | None:
        """The actor, if that can be said without asking the database. Raises Unauthenticated."""
        token = _token(header)
        if self._mode == "dev":
            return _as_told(token, org, now)
        until, key = self._known.get(token, (0.0, None))
        return _speaking(key, org, now) if key is not None and monotonic() < until else None

    def looked_up(self, header: str, org: Org, now: datetime) -> Actor:
        """The actor, from the table of keys. Raises Unauthenticated."""
        token = _token(header)
        with self._engine.connect() as db:
            key = find_key(db, token)
        if key is None:
            self._known.pop(token, None)
            raise Unauthenticated("the key is unknown or revoked", "密钥无效或已吊销")
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[token] = (monotonic() + REMEMBERED, key)
        return _speaking(key, org, now)


def _token(header: str) -> str:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("send Authorization: Bearer <key>", "请在 Authorization 中提供 Bearer 密钥")
    return token.strip()


def _speaking(key: ApiKey, org: Org, now: datetime) -> Actor:
    actor = key.actor(org, now)
    if actor is None:
        raise Unauthenticated("the key has expired, or its official is unknown", "密钥已过期或对应人员不存在")
    return actor


def _as_told(token: str, org: Org, now: datetime) -> Actor:
    kind, _, name = token.partition(":")
    if kind == "dev" and name == "admin":
        return ADMIN
    if kind == "dev" and name.startswith("citizen:") and len(name) <= 64:
        return Actor(id=name)
    actor = org.actor(name, now) if kind == "dev" else None
    if actor is None:
        raise Unauthenticated("there is no such official", "没有这个人员")
    return actor
