"""Reading a long list page by page: each page begins after the last row of the one before, whatever was added since."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from json import dumps, loads
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Select

from domain.refusals import Invalid
from projections.following.bulk import chunks

T = TypeVar("T")
R = TypeVar("R")
S = TypeVar("S")

Place = tuple[int | str, ...]
"""What the rows of a list are ordered by, instants in microseconds; the last part tells each from all others."""
Placed = tuple[Place, Mapping[Any, Any]]
"""A row, and its place in the list."""

LONGEST = 400
LARGEST = 2**63 - 1
MOST = 5_000
"""Rows that may have moved since the first page; beyond that the list has to be begun again."""


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """Some rows of a list, and where the next page begins; None after the last."""

    items: Sequence[T]
    next: str | None


def paged(rows: Sequence[R], limit: int, shown: Callable[[R], T], place: Callable[[R], str]) -> Page[T]:
    """The first of these rows, of which one more than `limit` was asked for; and where the next page begins."""
    following = place(rows[limit - 1]) if len(rows) > limit else None
    return Page(items=[shown(row) for row in rows[:limit]], next=following)


@dataclass(frozen=True)
class Begun:
    """A list of which pages were read: the place of the last row, and the position of the log at which the first page
    was answered.
    """

    last: Place
    position: int


def begun(order: str, kinds: Sequence[type], after: str | None) -> Begun | None:
    """What a cursor tells; None without one. Raises Invalid for the cursor of another list."""
    if after is None:
        return None
    *last, position = key_of(order, (*kinds, int), after)
    return Begun(tuple(last), int(position))


def cursor(order: str, key: Sequence[int | str]) -> str:
    """A place in a list of this order: after the row with this key."""
    return urlsafe_b64encode(dumps([order, *key], ensure_ascii=True).encode()).decode().rstrip("=")


def key_of(order: str, kinds: Sequence[type], given: str) -> list[int | str]:
    """The key in a cursor. Raises Invalid for one of another list, or one that was never given out."""
    read: Any = None
    with suppress(ValueError, RecursionError):
        read = loads(urlsafe_b64decode(given[:LONGEST].encode("ascii") + b"=" * (-len(given) % 4)))
    key: list[int | str] = read[1:] if isinstance(read, list) and read[:1] == [order] else []
    if [type(part) for part in key] != list(kinds) or not all(map(_storable, key)):
        raise Invalid("cursor is not one of this list", "cursor 无效")
    return key


def not_too_many(moved: Sequence[T]) -> Sequence[T]:
    """These rows, which have moved since a list was begun. Raises Invalid where they are more than MOST."""
    if len(moved) > MOST:
        raise Invalid("too much has moved since this list was begun: begin it again", "列表变动过多，请重新开始读取")
    return moved


def as_it_was(
    db: Connection,
    moved: Select[Any],
    id: str,
    recall: Callable[[Collection[str]], Mapping[str, S]],
    place: Callable[[S, Mapping[Any, Any]], Place | None],
) -> list[Placed]:
    """Rows that have moved since a list was begun, with the places they had then. One that was not there yet has none.

    `recall` gives the states of then by the column `id`. Raises Invalid where more than MOST have moved.
    See docs/decisions/0014-a-list-keeps-its-order.md.
    """
    placed: list[Placed] = []
    for some in chunks(not_too_many(db.execute(moved.limit(MOST + 1)).mappings().all())):
        were = recall({row[id] for row in some})
        placed += [(then, row) for row in some if (then := place(were[row[id]], row)) is not None]
    return placed


def _storable(part: int | str) -> bool:
    return part.isprintable() if isinstance(part, str) else abs(part) <= LARGEST
