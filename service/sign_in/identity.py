"""Who is asking: by an API key, by a token of the issuer, or in development by a name alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from time import monotonic, time
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine

from domain.decider import Actor
from domain.org import Org, Post, Role
from service.secrecy.seals import Seals
from service.settings import Settings
from service.sign_in.keys import ALWAYS, PREFIX, ApiKey, find_key, keys_by_id, take_over
from service.sign_in.refusals import Unauthenticated

if TYPE_CHECKING:
    from service.sign_in.issuer import Issuer

InThread = Callable[[Callable[[], ApiKey]], Awaitable[ApiKey]]

VOUCHED = "vouched."
"""The prefix of the tokens that we give to those whom the issuer signed in."""

REMEMBERED = 5.0
"""Seconds for which a key is not looked up again; a revoked key stops working within them."""

MANY = 10_000
"""Keys that are remembered in one process."""

ADMIN = Actor(id="admin", posts=(Post(unit="", role=Role.ADMIN, since=ALWAYS),))


class Identity:
    """Turns an Authorization header into an actor with the posts of this moment."""

    def __init__(self, engine: Engine, settings: Settings, seals: Seals) -> None:
        self._engine = engine
        self._mode = settings.auth
        self._seals = seals
        take_over(engine, seals, settings.data_dir / "keys")
        self.issuer = _issuer(settings) if settings.auth == "oidc" else None
        self._known: dict[str, tuple[float, ApiKey]] = {}
        self._met: set[str] = set()

    async def actor(self, header: str, org: Org, now: datetime, in_thread: InThread) -> Actor:
        """Who sends this. Raises Unauthenticated."""
        token = _token(header)
        try:
            actor = await self._bearer(token, org, now, in_thread)
        except Unauthenticated:
            self._met.discard(token)
            raise
        if len(self._met) >= MANY:
            self._met.clear()
        self._met.add(token)
        return actor

    def known(self, header: str) -> str | None:
        """The key in this header, if it has let somebody in before: then it is no guess."""
        token = header.partition(" ")[2].strip()
        return token if token in self._met else None

    async def _bearer(self, token: str, org: Org, now: datetime, in_thread: InThread) -> Actor:
        if self._mode == "dev":
            return _in_development(token, org, now)
        if self.issuer is not None and token.startswith(VOUCHED):
            return _official(self._vouched_for(token), org, now)
        if self.issuer is not None and not token.startswith(PREFIX):
            return _official(await self.issuer.official(token), org, now)
        return _speaking(await self._key(token, in_thread), org, now)

    async def key_id(self, header: str, in_thread: InThread) -> str | None:
        """Which of our keys this header carries; None for whoever speaks for himself."""
        token = _token(header)
        return (await self._key(token, in_thread)).id if self._mode != "dev" and token.startswith(PREFIX) else None

    def by_now(self, db: Connection, who: str, key: str | None, org: Org, now: datetime) -> Actor | None:
        """Who once came with this key, or spoke for himself, with the posts of this moment; None if he may no more.

        Where the key was succeeded, its successor speaks for him.
        """
        if key is not None:
            speaking = (one.actor(org, now) for one in keys_by_id(db, self._seals, key))
            return next((actor for actor in speaking if actor is not None), None)
        if self._mode == "dev":
            with suppress(Unauthenticated):
                return _in_development(f"dev:{who}", org, now)
        return org.actor(who, now) if self.issuer is not None else None

    def vouch(self, official: str, until: int) -> str:
        """A key for whoever the issuer has just signed in, which only this service can make."""
        return VOUCHED + self._seals.vouched(official, until)

    def close(self) -> None:
        if self.issuer is not None:
            self.issuer.close()

    def _vouched_for(self, token: str) -> str:
        official, until = self._seals.vouched_for(token.removeprefix(VOUCHED)) or ("", 0)
        if time() >= until:
            raise Unauthenticated("the session is over", "登录已失效")
        return official

    async def _key(self, token: str, in_thread: InThread) -> ApiKey:
        until, key = self._known.get(token, (0.0, None))
        if key is None or monotonic() >= until:
            key = await in_thread(lambda: self._looked_up(token))
        return key

    def _looked_up(self, token: str) -> ApiKey:
        """The key, from the table of keys. Raises Unauthenticated."""
        with self._engine.connect() as db:
            key = find_key(db, self._seals, token)
        if key is None:
            self._known.pop(token, None)
            raise Unauthenticated("the key is unknown or revoked", "密钥无效或已吊销")
        if len(self._known) > MANY:
            self._known.clear()
        self._known[token] = (monotonic() + REMEMBERED, key)
        return key


def _issuer(settings: Settings) -> Issuer:
    """Loaded only where there is one: what it checks tokens with holds 16 MB."""
    from service.sign_in.issuer import Issuer

    return Issuer(settings)


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


def _in_development(token: str, org: Org, now: datetime) -> Actor:
    kind, _, name = token.partition(":")
    if kind == "dev" and name == "admin":
        return ADMIN
    if kind == "dev" and name.startswith("citizen:") and len(name) <= 64:
        return Actor(id=name)
    return _official(name if kind == "dev" else "", org, now)


def _official(name: str, org: Org, now: datetime) -> Actor:
    actor = org.actor(name, now)
    if actor is None:
        raise Unauthenticated("there is no such official", "没有这个人员")
    return actor
