"""The first rows of a list that are asked for: along it, stretch by stretch, or by what an index names, if that is less."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, RowMapping, Select, func, select

from projections.cases.case_file import case_file
from projections.lists.order import Order, Place

c = case_file.c

FIRST, GROWING = 1_000, 4
"""So much of the list is looked at first; and so many times as much each time after that."""
FURTHEST = 256 * FIRST
"""After a stretch as long as this, all that is left is looked at."""
NOTHING = 0.25
"""What to reckon with where nothing was met: there would be something in four times as much."""
SEVERAL = 10
"""So many of the first stretch are too many to ask an index for: it would name all of them before the first is seen."""
DEARER = 4
"""To find one by its reader and look at it takes as long as so many that an index names."""

Near = Callable[[Place | None, Place | None], Select[str]]
"""What the reader has to do with between two places, if he does not see everything."""


Keys = Select[Any] | CompoundSelect[Any]


@dataclass(frozen=True)
class Way:
    """Another way than along the list: the keys that an index names, in whatever order.

    `all` are the cases it is to lead to, whoever sees them and whatever else is asked of them.
    """

    column: ColumnElement[Any]
    keys: Keys
    all: Select[Any] | None = None


def first_of(
    db: Connection,
    cases: Select[Any],
    order: Order,
    limit: int,
    *,
    last: Place | None,
    ending: Sequence[ColumnElement[bool]],
    ways: Sequence[Way],
    near: Near | None,
) -> Sequence[RowMapping]:
    """The first of these cases beyond a place.

    What many are is soon met on the list. Where it is not, what was met tells how far it would be to the end of the page:
    in each stretch anew, for what came in some days lies close together.
    """
    met = list[RowMapping]()
    for stretch in (FIRST * GROWING**n for n in count()):
        edge = _edge(db, order, [*order.between(last, None), *ending], stretch) if stretch <= FURTHEST else None
        theirs = near(last, edge) if near else None
        here = cases.where(*order.between(last, edge))
        here = here.order_by(*order.by) if theirs is None else _named(here, c.case_id, theirs, order)
        found = db.execute(here.limit(limit - len(met))).mappings().all()
        met += found
        if edge is None or len(met) == limit:
            break
        work = stretch if theirs is None else DEARER * _number(db, theirs)
        far = int(work * (limit - len(met)) / (len(found) or NOTHING))
        asked = [way for way in ways if stretch == FIRST or way.all is None]
        if way := _shorter(db, asked, order.between(last, edge), far):
            rest = _named(cases.where(*order.between(edge, None)), way.column, way.keys, order)
            return [*met, *db.execute(rest.limit(limit - len(met))).mappings()]
        last = edge
    return met


def _named(cases: Select[Any], column: ColumnElement[Any], keys: Keys, order: Order) -> Select[Any]:
    """Those with these keys, in order. The offset keeps PostgreSQL from looking for them along the list."""
    them = cases.where(column.in_(keys)).offset(0).subquery()
    return select(them).order_by(*order.of(them.c))


def _edge(db: Connection, order: Order, rest: Sequence[ColumnElement[bool]], stretch: int) -> Place | None:
    """Where a stretch of the list ends, if it goes on after that."""
    row = db.execute(select(*order.place).where(*rest).order_by(*order.by).offset(stretch).limit(1)).first()
    return row and tuple(row)


def _shorter(db: Connection, ways: Sequence[Way], stretch: Sequence[ColumnElement[bool]], far: int) -> Way | None:
    """One that names fewer cases than there are on the way to the end of the page."""
    for way in ways if far > GROWING * FIRST else ():
        if way.all is not None and _number(db, way.all.where(*stretch)) > SEVERAL:
            continue
        if _number(db, way.keys.limit(far)) < far:
            return way
    return None


def _number(db: Connection, keys: Keys) -> int:
    return db.scalar(select(func.count()).select_from(keys.subquery())) or 0
