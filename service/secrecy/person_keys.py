"""The keys of persons, in a store of their own: made before anybody needs one, taken once, destroyed for good.

A key lies in the store before anything that is sealed under it lies in the log, so nothing acknowledged is unreadable. The
store has backups of its own, which are short-lived: whoever was erased can be read from an old backup of it, and from no
backup of the log.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from threading import Lock, Thread
from time import time_ns

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eventsourcing.persistence import OperationalError
from sqlalchemy import (
    Column,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    insert,
    select,
)

from projections.following.bulk import chunks
from service.storage.database import OUT_OF_REACH, UnsafeSettings, alone
from service.storage.rows import insert_rows
from service.storage.wiping import StillRead, wipe

log = logging.getLogger("sanji.keys")

NONCE, UNLIKE = 12, 8
AHEAD, FEW = 512, 128
"""Keys made at once, and how few may be left before that: one commit serves hundreds of reports."""
MAKING = 5_327_914_005
"""The advisory lock of PostgreSQL held while the store is made."""

metadata = MetaData()

person_keys = Table(
    "person_keys",
    metadata,
    Column("person", String(64), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)

key_store = Table(
    "key_store",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mark", String(64), nullable=False),
)
"""The mark of the master secret that wraps the keys, once there are some."""


class Unreadable(Exception):
    """The key of this person is gone, or the sealed box does not belong here."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a person, and the nonce of its wrapping, which is used once."""

    person: str
    secret: bytes
    nonce: bytes


class PersonKeys:
    """`mark` tells one master secret from another, and nothing of the secret."""

    def __init__(self, engine: Engine, master: bytes, mark: str) -> None:
        self.engine = engine
        self._master = AESGCM(master)
        self._mark = mark
        self._ready: deque[Key] = deque()
        self._making = Lock()

    def take(self) -> Key:
        """A stored key that was given to nobody yet. Raises OperationalError when the store is out of reach."""
        if len(self._ready) < FEW and not self._making.locked():
            Thread(target=self._make_in_time, name="person keys", daemon=True).start()
        while True:
            try:
                return self._ready.popleft()
            except IndexError:
                self._make()

    def secret_of(self, person: str) -> bytes:
        """The key of a person. Raises Unreadable when it was destroyed, or wrapped by another master."""
        with self.engine.connect() as db:
            wrapped = db.scalar(select(person_keys.c.wrapped).where(person_keys.c.person == person))
        if wrapped is None:
            raise Unreadable(person)
        try:
            return self._master.decrypt(wrapped[:NONCE], wrapped[NONCE:], person.encode())
        except InvalidTag:
            raise Unreadable(person) from None

    def known(self, persons: Sequence[str]) -> list[str]:
        """The persons who have a key."""
        c = person_keys.c.person
        with self.engine.connect() as db:
            return [one for some in chunks(persons) for one in db.scalars(select(c).where(c.in_(some)))]

    def destroy(self, persons: Iterable[str]) -> None:
        """Delete keys, from the freed pages of the file as well. Raises StillRead."""
        wipe(self.engine, person_keys.c.person, persons, "tables")

    def must_be_ours(self) -> None:
        """Raises UnsafeSettings when the keys are wrapped by another master secret: nobody could read them."""
        with self.engine.connect() as db:
            self._compare(db.scalar(select(key_store.c.mark)))

    def _compare(self, mark: str | None) -> None:
        if mark not in (None, self._mark):
            raise UnsafeSettings("the keys of persons were made with another master secret; bring that one back")

    def close(self) -> None:
        """Destroy the keys that were given to nobody, if the store is in reach; nothing is sealed under them."""
        with self._making:
            left = [key.person for key in self._ready]
            self._ready.clear()
        if left:
            with suppress(StillRead, *OUT_OF_REACH):
                self.destroy(left)

    def _make_in_time(self) -> None:
        try:
            self._make()
        except OperationalError as error:
            log.warning("keys could not be made ahead: %s", error)

    def _make(self) -> None:
        with self._making:
            if len(self._ready) >= FEW:
                return
            made = _drawn(AHEAD)
            rows = [(key.person, self._wrapped(key)) for key in made]
            try:
                with alone(self.engine, MAKING) as db:
                    mark = db.scalar(select(key_store.c.mark))
                    self._compare(mark)
                    if mark is None:
                        db.execute(insert(key_store).values(id=1, mark=self._mark))
                    insert_rows(db, person_keys, rows)
            except OUT_OF_REACH as error:
                raise OperationalError(str(error)) from error
            self._ready.extend(made)

    def _wrapped(self, key: Key) -> bytes:
        return key.nonce + self._master.encrypt(key.nonce, key.secret, key.person.encode())


def _drawn(count: int) -> list[Key]:
    """New keys, from one call for random bytes.

    An id begins with the time: keys made together lie together in each index, so hundreds of them dirty few pages.
    """
    now, dice = f"p-{time_ns() // 1_000_000:012x}", BytesIO(os.urandom(count * (UNLIKE + 32 + NONCE)))
    return [Key(now + dice.read(UNLIKE).hex(), dice.read(32), dice.read(NONCE)) for _ in range(count)]


def make_store(engine: Engine) -> None:
    """Make the tables of the store, if they are missing."""
    with alone(engine, MAKING) as db:
        metadata.create_all(db)


def in_use(engine: Engine) -> bool:
    """Whether keys were made here."""
    with engine.connect() as db:
        return db.scalar(select(key_store.c.mark)) is not None
