"""Reading a long list page by page: each page begins after the last row of the one before, whatever was added since."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from json import dumps, loads
from typing import Any, Generic, TypeVar

from domain.refusals import Invalid

T = TypeVar("T")
R = TypeVar("R")

LONGEST = 400
LARGEST = 2**63 - 1
MOST = 5_000
"""Rows that may have moved while somebody reads a list page by page."""


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
    """A list of which some has been read: up to which place, and at which position its first page was answered."""

    last: tuple[int | str, ...]
    position: int


def begun(order: str, kinds: Sequence[type], after: str | None) -> Begun | None:
    """What the cursor of such a list tells; without one, nothing was begun. Raises Invalid for one of another list."""
    if after is None:
        return None
    *last, position = key_of(order, (*kinds, int), after)
    return Begun(tuple(last), int(position))


def cursor(order: str, key: Sequence[int | str]) -> str:
    """A place in a list of this order: after the row with this key."""
    return urlsafe_b64encode(dumps([order, *key], ensure_ascii=True).encode()).decode().rstrip("=")


def key_of(order: str, kinds: Sequence[type], given: str) -> list[int | str]:
    """The key in a cursor. Raises Invalid for one of another list, or that we never gave."""
    read: Any = None
    with suppress(ValueError, RecursionError):
        read = loads(urlsafe_b64decode(given[:LONGEST].encode("ascii") + b"=" * (-len(given) % 4)))
    key: list[int | str] = read[1:] if isinstance(read, list) and read[:1] == [order] else []
    if [type(part) for part in key] != list(kinds) or not all(map(_storable, key)):
        raise Invalid("cursor is not one of this list", "cursor 无效")
    return key


def not_too_many(moved: Sequence[T]) -> Sequence[T]:
    """What has moved since a list was begun. Raises Invalid where it is so much that the list must be begun again."""
    if len(moved) > MOST:
        raise Invalid("too much has moved since this list was begun: begin it again", "列表变动过多，请重新开始读取")
    return moved


def _storable(part: int | str) -> bool:
    return part.isprintable() if isinstance(part, str) else abs(part) <= LARGEST
