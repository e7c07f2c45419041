"""Looking for what cases say: along their list, or by the pairs in it, whichever is the shorter way."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import TSQUERY

from projections.cases.case_file import case_file
from projections.lists.order import Order, Place
from projections.lists.words import case_pairs, case_words, pairs, parts

c = case_file.c

FIRST, GROWING = 1_000, 4
"""So much of the list is looked at first; and so many times as much each time after that."""
NOTHING = 0.25
"""What to reckon with where nothing was met: there would be something in four times as much."""


def first_saying(
    db: Connection, cases: Select[Any], order: Order, sought: str, limit: int, *, last: Place | None, few: bool
) -> Sequence[RowMapping]:
    """The first of these cases, beyond a place, that say a folded text. Where they are few, all are looked at.

    What many say is soon met on the list. Where it is not, what was met tells how far it would be to the end of the page.
    """
    those = saying(cases, sought).order_by(*order.by)
    named = _named(db, sought)
    met: list[RowMapping] = []
    for stretch in (FIRST * GROWING**n for n in count()):
        edge = None if few else _edge(db, order, last, stretch)
        rest = those.where(order.after(last)) if last else those
        here = rest.where(~order.after(edge)) if edge else rest
        met += db.execute(here.limit(limit - len(met))).mappings()
        if not edge or len(met) == limit:
            break
        last = edge
        if stretch == FIRST and _shorter(db, named, len(met), limit):
            those, few = those.where(case_words.c.position.in_(named)), True
    return met


def saying(cases: Select[Any], sought: str) -> Select[Any]:
    """Those of some cases that say a folded text; nothing is said by all."""
    if not sought:
        return cases
    says = case_words.c.words.contains(sought, autoescape=True)
    return cases.join(case_words, case_words.c.case_id == c.case_id).where(says)


def _shorter(db: Connection, named: Select[int], met: int, limit: int) -> bool:
    """Whether fewer have the pairs than there are on the way to the end of the page, by what was met on its beginning."""
    way = int(FIRST * limit / (met or NOTHING))
    if way <= GROWING * FIRST:
        return False
    some = select(func.count()).select_from(named.limit(way).subquery())
    return (db.scalar(some) or 0) < way


def _edge(db: Connection, order: Order, last: Place | None, stretch: int) -> Place | None:
    """Where a stretch of the list ends, if it goes on after that."""
    rest = select(*order.place).order_by(*order.by).offset(stretch).limit(1)
    row = db.execute(rest.where(order.after(last)) if last else rest).first()
    return row and tuple(row)


def _named(db: Connection, sought: str) -> Select[int]:
    """What has all pairs of a text; where it has none, something that begins with each of its characters."""
    sqlite = db.dialect.name == "sqlite"
    together, on = (" ", "*") if sqlite else (" & ", ":*")
    known = [pair for part in parts(sought) for pair in pairs(part)[:-1]]
    asked = together.join(known or [part + on for part in parts(sought)])
    positions = select(case_pairs.c.rowid)
    if sqlite:
        return positions.where(literal_column(case_pairs.name).op("MATCH")(asked))
    return positions.where(case_pairs.c.pairs.op("@@")(cast(asked, TSQUERY)))
