"""In what order cases are listed, and what comes after a place in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, UnaryExpression, literal, tuple_, type_coerce

from projections.cases.case_file import case_file

c = case_file.c

Place = tuple[int | str, ...]
"""What a case is ordered by, in microseconds, and its id."""


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
        return [part.asc() if self.ascending else part.desc() for part in self.place]

    def after(self, place: Place) -> ColumnElement[bool]:
        condition: ColumnElement[bool] = self.follows(tuple_(*self.place), tuple_(*map(literal, place)))
        return condition

    def follows(self, place: Any, other: Any) -> Any:
        """Whether one place comes after another: those of rows, or those of SQL."""
        return place > other if self.ascending else place < other
