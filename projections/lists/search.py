"""Looking for what cases say: along their list, or by the pairs in it, whichever is the shorter way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import TSQUERY

from projections.cases.case_file import case_file
from projections.lists.order import Order, Place
from projections.lists.words import case_pairs, case_words, pairs, parts

c = case_file.c

FIRST = 1_000
"""So much of the list is looked at first; each time it goes on, four times as much."""
NOTHING = 0.25
"""What to reckon with where nothing was met: there would be something in four times as much."""


def first_saying(
    db: Connection, cases: Select[Any], order: Order, sought: str, limit: int, *, last: Place | None, few: bool
) -> Sequence[RowMapping]:
    """The first of these cases, beyond a place, that say a folded text. Where they are few, all are looked at.

    What many say is soon met on the list; else, what was met tells how far it would be to the end of the page.
    """
    says = case_words.c.words.contains(sought, autoescape=True)
    saying = cases.join(case_words, case_words.c.case_id == c.case_id).where(says).order_by(*order.by)
    named = _named(db, sought)
    met: list[RowMapping] = []
    looked, stretch, far = 0, FIRST, 0
    while len(met) < limit:
        rest = saying.where(order.after(last)) if last else saying
        if nearer := far > 4 * FIRST and _amount(db, named.limit(far)) < far:
            rest = rest.where(case_words.c.position.in_(named))
        edge = None if few or nearer else _edge(db, order, last, stretch)
        if edge:
            rest = rest.where(~order.after(edge))
        met += db.execute(rest.limit(limit - len(met))).mappings()
        if not edge:
            break
        looked, stretch, last = looked + stretch, 4 * stretch, edge
        far = int(looked * limit / (len(met) or NOTHING))
    return met


def _amount(db: Connection, rows: Select[int]) -> int:
    return db.scalar(select(func.count()).select_from(rows.subquery())) or 0


def _edge(db: Connection, order: Order, last: Place | None, stretch: int) -> Place | None:
    """Where a stretch of the list ends, if it goes on after that."""
    rest = select(*order.place).order_by(*order.by).offset(stretch).limit(1)
    row = db.execute(rest.where(order.after(last)) if last else rest).first()
    return row and tuple(row)


def _named(db: Connection, sought: str) -> Select[int]:
    """What has all pairs of a text; of a character that stands alone, something that begins with it."""
    sqlite = db.dialect.name == "sqlite"
    together, on = (" ", "*") if sqlite else (" & ", ":*")
    asked = together.join(one for part in parts(sought) for one in pairs(part)[:-1] or [part + on])
    positions = select(case_pairs.c.rowid)
    if sqlite:
        return positions.where(literal_column(case_pairs.name).op("MATCH")(asked))
    return positions.where(case_pairs.c.pairs.op("@@")(cast(asked, TSQUERY)))
