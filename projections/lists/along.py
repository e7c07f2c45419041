"""Finds the first rows of a filtered list: by going along it in stretches, or through an index, whichever is shorter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, RowMapping, Select, func, select

from projections.cases.case_file import case_file
from projections.following.pages import SortKey
from projections.lists.order import Order

c = case_file.c

FIRST, GROWING = 1_000, 4
"""Rows of the first stretch, and by what factor each following stretch is longer."""
FURTHEST = 256 * FIRST
"""Rows of the longest stretch; after it, the rest of the list is taken in one query."""
NOTHING = 0.25
"""Matches that are assumed in a stretch without any, to estimate how far the end of the page is."""
SEVERAL = 10
"""With more matches than this in the first stretch an index of words is not asked: it would name all of them first."""
DEARER = 4
"""To find a case by its reader costs as much as to find this many through an index."""

Near = Callable[[SortKey | None, SortKey | None], Select[str]]
"""The cases between two places that the reader has to do with, for a reader who does not see everything."""


Keys = Select[Any] | CompoundSelect[Any]


@dataclass(frozen=True)
class Way:
    """An index by which the cases may be found: `column` is one of `keys`.

    `all`, where given, are the cases the index leads to, whoever sees them and whatever else is asked of them.
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
    last: SortKey | None,
    ending: Sequence[ColumnElement[bool]],
    ways: Sequence[Way],
    near: Near | None,
) -> Sequence[RowMapping]:
    """The first of these cases after a place, at most `limit`.

    Where many cases match, the first stretch fills the page. Where few do, the share that matched tells how far the end
    of the page is; if a way names fewer cases than that, it is taken. Each stretch is judged anew, since what came in
    on some days lies close together. See docs/decisions/0017-a-list-is-found-by-the-shorter-way.md.
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
    """The cases with these keys, in order. OFFSET 0 keeps PostgreSQL from walking along the list for them."""
    them = cases.where(column.in_(keys)).offset(0).subquery()
    return select(them).order_by(*order.of(them.c))


def _edge(db: Connection, order: Order, rest: Sequence[ColumnElement[bool]], stretch: int) -> SortKey | None:
    """The place where a stretch ends; None where the list ends before."""
    row = db.execute(select(*order.place).where(*rest).order_by(*order.by).offset(stretch).limit(1)).first()
    return row and tuple(row)


def _shorter(db: Connection, ways: Sequence[Way], stretch: Sequence[ColumnElement[bool]], far: int) -> Way | None:
    """The first way that names fewer cases than lie before the end of the page; None if there is none."""
    for way in ways if far > GROWING * FIRST else ():
        if way.all is not None and _number(db, way.all.where(*stretch)) > SEVERAL:
            continue
        if _number(db, way.keys.limit(far)) < far:
            return way
    return None


def _number(db: Connection, keys: Keys) -> int:
    return db.scalar(select(func.count()).select_from(keys.subquery())) or 0
