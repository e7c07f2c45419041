"""The next pages of a list of households keep the order in which it was begun, as in lists/going_on.py."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Select

from domain.household import Household
from projections.following.bulk import chunks
from projections.following.pages import MOST, Begun, not_too_many
from projections.register.households import household_file

Recall = Callable[[Collection[str], int], Mapping[str, Household]]
"""Folds households by what the log tells up to a position; those that were not there yet are blank."""
Place = tuple[int | str, ...]
Placed = tuple[Place, Mapping[Any, Any]]
"""A row, and its place in the list."""


def as_it_was(
    db: Connection,
    asked: Select[Any],
    before: Begun,
    recall: Recall,
    place: Callable[[Household, Mapping[Any, Any]], Place | None],
) -> list[Placed]:
    """Of the rows whose household has changed since the first page, those still to come, with the places they had.

    A row that was not there yet has none.
    """
    placed: list[Placed] = []
    moved = asked.where(household_file.c.position > before.position).limit(MOST + 1)
    for some in chunks(not_too_many(db.execute(moved).mappings().all())):
        were = recall({row["household_id"] for row in some}, before.position)
        for row in some:
            then = place(were[row["household_id"]], row)
            if then is not None and then > before.last:
                placed.append((then, row))
    return placed


def in_order(placed: list[Placed]) -> list[Placed]:
    return sorted(placed, key=lambda one: one[0])
