"""Every mark that was given to a unit or taken back, with its event: the evidence behind each figure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    Table,
    and_,
    exists,
    func,
    literal_column,
    select,
)

from projections.cards.marks import CONTACT
from projections.following.schema import Instant, metadata, text

mark_given = Table(
    "mark_given",
    metadata,
    Column("source", text(96), primary_key=True),
    Column("item", text(96), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("unit", text(64), nullable=False),
    Column("official", text(64), nullable=False),
    Column("year", Integer, nullable=False),
    Column("figure", text(24), nullable=False),
    Column("mark", text(24), nullable=False),
    Column("mix", text(40), nullable=False),
    Column("guard", text(1000), nullable=False),
    Index("mark_given_by_year", "year", "at"),
    Index("mark_given_by_unit", "unit", "year", "figure", "mark", "position"),
)
"""What the event at a position gave (n above 0) or took back (below): the evidence behind every figure.

`source` is the case or whatever else the mark follows from; `version` is that of the case, 0 of anything else.
"""

collecting = mark_given.c.figure.in_([literal_column(f"'{figure}'") for figure in sorted(CONTACT)])
Index(
    "mark_given_by_cadre",
    mark_given.c.official,
    mark_given.c.year,
    sqlite_where=collecting,
    postgresql_where=collecting,
)

g = mark_given.c


def stands(at: datetime | None = None) -> ColumnElement[bool]:
    """The condition that leaves marks which were given and not taken back, until now or by an instant."""
    back = mark_given.alias("taken_back").c
    later = [back.source == g.source, back.item == g.item, back.n < 0, back.position > g.position]
    if at is None:
        return and_(g.n > 0, ~exists().where(*later))
    # not the column itself: SQLite would look through the whole year by its instants instead of through one figure
    return and_(g.n > 0, func.coalesce(g.at, g.at) <= at, ~exists().where(*later, back.at <= at))


def standing(db: Connection, source: str) -> list[dict[str, Any]]:
    """The marks of a source that stand now."""
    query = select(mark_given).where(g.source == source, stands()).order_by(g.position, g.item)
    return [dict(row) for row in db.execute(query).mappings()]


def first_marked(db: Connection) -> datetime | None:
    """When the first mark was given."""
    year = db.scalar(select(func.min(g.year)))
    return None if year is None else db.scalar(select(func.min(g.at)).where(g.year == year))
