"""In what order cases are listed, and which come after a place in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, UnaryExpression, and_, literal, tuple_, type_coerce
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from projections.cases.case_file import case_file
from projections.following.pages import KeyedRow, SortKey
from projections.following.schema import NEVER, to_microseconds

c = case_file.c

KINDS = (int, str)
"""What a place is made of: the instant by which cases are ordered, and the id."""


class Sort(StrEnum):
    """In what order: what is due first comes first; what was reported or changed last comes first."""

    DUE_AT = "due_at"
    REPORTED_AT = "reported_at"
    UPDATED_AT = "updated_at"


@dataclass(frozen=True)
class Order:
    sort: Sort

    @property
    def ascending(self) -> bool:
        return self.sort is Sort.DUE_AT

    @property
    def place(self) -> tuple[ColumnElement[int], ColumnElement[str]]:
        return type_coerce(c[self.sort], BigInteger), type_coerce(c.case_id, String)

    @property
    def by(self) -> list[UnaryExpression[Any]]:
        return self.of(c)

    def of(self, columns: ReadOnlyColumnCollection[str, Any]) -> list[UnaryExpression[Any]]:
        """The order of rows with the columns of the case file."""
        place = columns[self.sort], columns["case_id"]
        return [part.asc() if self.ascending else part.desc() for part in place]

    def beginning(self, *before: datetime | None) -> SortKey | None:
        """The place after which a list begins that holds only what was reported before some instants."""
        instants = [one for one in before if one is not None] if self.sort is Sort.REPORTED_AT else []
        return (to_microseconds(min(instants)), "") if instants else None

    def ending(self, since: datetime | None, due: datetime | None) -> list[ColumnElement[bool]]:
        """Where a list ends that holds only what was reported since an instant, or is due by one."""
        if self.sort is Sort.REPORTED_AT and since is not None:
            return [c.reported_at >= since]
        return [c.due_at <= due] if self.sort is Sort.DUE_AT and due is not None else []

    def between(self, last: SortKey | None, edge: SortKey | None) -> list[ColumnElement[bool]]:
        """What comes after one place, up to another."""
        after = [] if last is None else [self._after(last)]
        return after if edge is None else [*after, ~self._after(edge)]

    def _after(self, place: SortKey) -> ColumnElement[bool]:
        condition: ColumnElement[bool] = self.follows(tuple_(*self.place), tuple_(*map(literal, place)))
        return condition

    def moved(self, since: int) -> ColumnElement[bool]:
        """What may have another place than at a position: whatever changed; by report only a case whose date was
        corrected.
        """
        changed: ColumnElement[bool] = c.position > since
        return and_(c.redated, changed) if self.sort is Sort.REPORTED_AT else changed

    def place_of(self, row: Mapping[Any, Any]) -> SortKey:
        """The place of a row of the case file."""
        at: datetime | None = row[self.sort]
        return NEVER if at is None else to_microseconds(at), row["case_id"]

    def placed(self, rows: Iterable[Mapping[Any, Any]]) -> list[KeyedRow]:
        return [(self.place_of(row), row) for row in rows]

    def follows(self, place: Any, other: Any) -> Any:
        """Whether one place comes after another: those of rows, or those of SQL."""
        return place > other if self.ascending else place < other
