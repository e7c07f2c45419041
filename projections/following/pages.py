"""Long lists in pages: a cursor holds the sort key of the last row read, so the next page begins right after it."""

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

SortKey = tuple[int | str, ...]
"""The place of a row in its list: what the list is ordered by, instants in microseconds; the last part is unique."""
KeyedRow = tuple[SortKey, Mapping[Any, Any]]


LONGEST = 400
LARGEST = 2**63 - 1
MOST = 5_000
"""Rows that may have moved since the first page; beyond that the list has to be begun again."""


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """Some rows of a list, and where the next page begins; None after the last."""

    items: Sequence[T]
    next: str | None


def paged(rows: Sequence[R], limit: int, shown: Callable[[R], T], cursor_after: Callable[[R], str]) -> Page[T]:
    """The first `limit` rows, and a cursor for the next page if there are more: one row too many is read to know that."""
    following = cursor_after(rows[limit - 1]) if len(rows) > limit else None
    return Page(items=[shown(row) for row in rows[:limit]], next=following)


@dataclass(frozen=True)
class ListCursor:
    """How far a list was read: to which row, and the log position at which its first page was answered."""

    last: SortKey
    position: int


def read_cursor(order: str, kinds: Sequence[type], after: str | None) -> ListCursor | None:
    """A cursor decoded; None without one. Raises Invalid for the cursor of another list."""
    if after is None:
        return None
    *last, position = key_of(order, (*kinds, int), after)
    return ListCursor(tuple(last), int(position))


def cursor(order: str, key: Sequence[int | str]) -> str:
    """The cursor that leads past the row with this key, in a list of this order."""
    return urlsafe_b64encode(dumps([order, *key], ensure_ascii=True).encode()).decode().rstrip("=")


def key_of(order: str, kinds: Sequence[type], text: str) -> list[int | str]:
    """The key in a cursor. Raises Invalid for the cursor of another list, and for anything that is no cursor."""
    read: Any = None
    with suppress(ValueError, RecursionError):
        read = loads(urlsafe_b64decode(text[:LONGEST].encode("ascii") + b"=" * (-len(text) % 4)))
    key: list[int | str] = read[1:] if isinstance(read, list) and read[:1] == [order] else []
    if [type(part) for part in key] != list(kinds) or not all(map(_storable, key)):
        raise Invalid("cursor is not one of this list", "cursor 无效")
    return key


def not_too_many(moved: Sequence[T]) -> Sequence[T]:
    """The rows that moved since the first page of a list. Raises Invalid if they are more than MOST."""
    if len(moved) > MOST:
        raise Invalid("too much has moved since this list was begun: begin it again", "列表变动过多，请重新开始读取")
    return moved


def as_it_was(
    db: Connection,
    moved: Select[Any],
    id: str,
    recall: Callable[[Collection[str]], Mapping[str, S]],
    place: Callable[[S, Mapping[Any, Any]], SortKey | None],
) -> list[KeyedRow]:
    """The rows that moved since the first page, each with the place it had then; without those that were not there yet.

    `recall` gives the states of then by the column `id`. Raises Invalid if more than MOST have moved.
    See docs/decisions/0014-a-list-keeps-its-order.md.
    """
    placed: list[KeyedRow] = []
    for some in chunks(not_too_many(db.execute(moved.limit(MOST + 1)).mappings().all())):
        states = recall({row[id] for row in some})
        placed += [(key, row) for row in some if (key := place(states[row[id]], row)) is not None]
    return placed


def _storable(part: int | str) -> bool:
    return part.isprintable() if isinstance(part, str) else abs(part) <= LARGEST
