"""By which ways the cases of a list may be found: how the reader is related to them, what they say, when they are due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import BigInteger, Connection, Select, select, type_coerce

from domain.decider import Act
from projections.cases.case_file import case_file, case_scope
from projections.cases.visibility import related_to, sight
from projections.lists.along import Near, Way
from projections.lists.order import Place, Sort
from projections.lists.search import by_pairs

c = case_file.c


def ways(db: Connection, act: Act, sort: Sort, sought: str, due: datetime | None) -> Iterator[Way]:
    if sought:
        yield by_pairs(db, sought)
    if due is not None and sort is not Sort.DUE_AT:
        yield Way(c.case_id, select(c.case_id).where(c.due_at <= due))
    if sort is not Sort.REPORTED_AT and not sight(act).everywhere:
        yield Way(c.case_id, related_to(act))


def near(act: Act, sort: Sort, since: datetime | None) -> Near | None:
    """What the reader has to do with is kept in the order in which it was reported."""
    if sort is not Sort.REPORTED_AT or sight(act).everywhere:
        return None

    def between(last: Place | None, edge: Place | None) -> Select[str]:
        reported = type_coerce(case_scope.c.reported_at, BigInteger)
        bounds = [
            *([reported <= last[0]] if last else []),
            *([reported >= edge[0]] if edge else []),
            *([case_scope.c.reported_at >= since] if since else []),
        ]
        return related_to(act).where(*bounds)

    return between
