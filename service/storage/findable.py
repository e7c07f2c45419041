"""Finding persons again by a number they gave: only a keyed hash of it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from service.storage.rows import insert_rows
from service.storage.tables import person_index


@dataclass(frozen=True, slots=True)
class Findable:
    """A person, where his data is sealed, and the tokens by which he can be found again."""

    person: str
    place: str
    tokens: tuple[str, ...]


def store_findable(db: Connection, found: Sequence[Findable]) -> None:
    """Let persons be found again, in the transaction of the events that tell of them."""
    insert_rows(db, person_index, [(token, one.person, one.place) for one in found for token in one.tokens])


def somebody_found(db: Connection) -> bool:
    """Whether anybody can be found again: then something of him was sealed."""
    return db.scalar(select(person_index.c.person).limit(1)) is not None
