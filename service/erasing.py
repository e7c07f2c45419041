"""Erasing a person: his key is destroyed, so that nobody can read what was sealed under it, and every proof still holds.

Who was erased also stands in a file beside the master secret. A backup of the database brings keys back; before it serves,
the service destroys them once more.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, select, text

from domain.decider import SYSTEM
from domain.person import Erase
from projections.bulk import chunks
from service.aggregates import person_stream
from service.clerk import Clerk
from service.database import writing
from service.orders import Order
from service.seals import REALMS, Seals
from service.tables import person_index, person_keys

log = logging.getLogger("sanji.erasing")

FILE = "erased"


class Unknown(Exception):
    """Nobody is known under this id."""


class Erasures:
    """The file of those who were erased: one id a line, only ever added to, synced to disk before a key is destroyed."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def add(self, person: str) -> None:
        with self._path.open("ab") as file:
            file.write(person.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def all(self) -> list[str]:
        return sorted(set(self._path.read_text("utf-8").split())) if self._path.exists() else []


def erase(engine: Engine, clerk: Clerk, erasures: Erasures, person: str, reason: str) -> None:
    """Erase somebody for good. Raises Unknown. Doing it again changes nothing."""
    with engine.connect() as db:
        known = _with_keys(db, [person])
    if not known and person not in erasures.all():
        raise Unknown(person)
    erasures.add(person)
    _destroy(engine, [person])
    clerk.settle_now(Order(stream=person_stream(person), command=Erase(reason=reason), by=SYSTEM))


def erase_again(engine: Engine, clerk: Clerk, erasures: Erasures) -> int:
    """After a restored backup: destroy the keys that came back with it, and record it; answers how many."""
    erased = erasures.all()
    with engine.connect() as db:
        back = [person for some in chunks(erased) for person in _with_keys(db, some)]
    if back:
        log.warning("%d erased persons came back with the database and are erased again", len(back))
        _destroy(engine, back)
        for person in back:
            command = Erase(reason="erased before the backup was restored")
            clerk.settle_now(Order(stream=person_stream(person), command=command, by=SYSTEM))
    return len(back)


def _with_keys(db: Connection, persons: Sequence[str]) -> list[str]:
    return list(db.scalars(select(person_keys.c.person).where(person_keys.c.person.in_(persons))))


def _destroy(engine: Engine, persons: Iterable[str]) -> None:
    """Delete keys so that the freed pages do not keep them either."""
    sqlite = engine.dialect.name == "sqlite"
    with writing(engine).begin() as db:
        if sqlite:
            db.execute(text("PRAGMA secure_delete=ON"))
        for some in chunks(persons):
            db.execute(delete(person_keys).where(person_keys.c.person.in_(some)))
            db.execute(delete(person_index).where(person_index.c.person.in_(some)))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        if sqlite:
            db.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        else:
            db.execute(text("VACUUM person_keys, person_index"))


@dataclass(frozen=True, kw_only=True)
class Found:
    """Somebody who was found by a number or his household: where he told it."""

    person: str
    place: str


def find(db: Connection, seals: Seals, field: str, value: str) -> list[Found]:
    """Whoever told this number, wherever he may be found by it; or whoever is of this household."""
    tokens = list(filter(None, (seals.token(realm, field, value) for realm in REALMS)))
    c = person_index.c
    query = select(c.person, c.place).where(c.token.in_(tokens)).order_by(c.person)
    return [Found(person=person, place=place) for person, place in db.execute(query)]
