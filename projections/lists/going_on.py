"""The next pages of a list of cases keep the order in which it was begun: what has moved keeps the place it had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Select

from projections.cases.case_file import row as row_of
from projections.cases.then import Recall
from projections.following.bulk import chunks
from projections.following.pages import MOST, not_too_many
from projections.lists.order import Order, Place

Placed = tuple[Place, Mapping[Any, Any]]
"""A row of the case file, and its place in the list."""


def as_it_is(order: Order, rows: Iterable[Mapping[Any, Any]]) -> list[Placed]:
    return [(order.place_of(row), row) for row in rows]


def as_it_was(db: Connection, order: Order, moved: Select[Any], position: int, recall: Recall) -> list[Placed]:
    """Rows that have moved since a position, with the places they had there. A case that was not there yet has none."""
    placed: list[Placed] = []
    for some in chunks(not_too_many(db.execute(moved.limit(MOST + 1)).mappings().all())):
        were = recall([row["case_id"] for row in some], position, None)
        there = [(were[row["case_id"]], row) for row in some]
        placed += [(order.place_of(row_of(case, 0)), row) for case, row in there if case.report is not None]
    return placed
