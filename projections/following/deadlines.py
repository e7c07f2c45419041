"""Whose deadline passes next, of all that move by themselves: cases and households alike."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, select


@dataclass(frozen=True)
class Deadlines:
    """The columns of a table that say whose deadline passes when; and in what order those of one instant do."""

    id: Column[str]
    at: Column[datetime]
    order: tuple[Column[Any], ...]

    def earliest(self, db: Connection, without: Collection[str]) -> datetime | None:
        """When the next of them passes."""
        query = select(self.at).where(self.at.is_not(None), self.id.not_in(sorted(without)))
        first: datetime | None = db.scalar(query.order_by(self.at).limit(1))
        return first

    def due_next(
        self, db: Connection, until: datetime, limit: int, without: Collection[str]
    ) -> list[tuple[str, datetime]]:
        """Those whose deadline is the earliest that has passed, all of the same instant."""
        first = self.earliest(db, without)
        if first is None or first > until:
            return []
        query = select(self.id).where(self.at == first, self.id.not_in(sorted(without)))
        return [(id, first) for id in db.scalars(query.order_by(*self.order).limit(limit))]
