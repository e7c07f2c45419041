"""The indexes through which a list of cases may be found: the text, the status, the dates, the reader."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, select, type_coerce

from domain.decider import Act
from projections.cases.case_file import case_file, case_scope
from projections.cases.visibility import related_to, sight
from projections.following.pages import SortKey
from projections.lists.along import Near, Way
from projections.lists.banked import of_that_time
from projections.lists.case_filter import CaseFilter
from projections.lists.order import Sort
from projections.lists.search import by_pairs

c = case_file.c


def ways(db: Connection, act: Act, wanted: CaseFilter, sort: Sort, at: datetime) -> Iterator[Way]:
    if wanted.words:
        yield by_pairs(db, wanted.words)
    if (counted := wanted.counted(act.org)) is not None and counted.in_some_time:
        yield Way(c.case_id, of_that_time(counted))
    if wanted.status is not None:
        yield _with(c.status == wanted.status)
    if (due := wanted.due_by(at)) is not None and sort is not Sort.DUE_AT:
        yield _with(c.due_at <= due)
    since, until = wanted.reported_after, wanted.reported_before
    if (since or until) and sort is not Sort.REPORTED_AT:
        yield _with(*([c.reported_at >= since] if since else []), *([c.reported_at < until] if until else []))
    if sort is not Sort.REPORTED_AT and not sight(act).everywhere:
        yield Way(c.case_id, related_to(act))


def _with(*conditions: ColumnElement[bool]) -> Way:
    return Way(c.case_id, select(c.case_id).where(*conditions))


def near(act: Act, sort: Sort, since: datetime | None) -> Near | None:
    """What the reader has to do with is kept in the order in which it was reported."""
    if sort is not Sort.REPORTED_AT or sight(act).everywhere:
        return None

    def between(last: SortKey | None, edge: SortKey | None) -> Select[str]:
        reported = type_coerce(case_scope.c.reported_at, BigInteger)
        bounds = [
            *([reported <= last[0]] if last else []),
            *([reported >= edge[0]] if edge else []),
            *([case_scope.c.reported_at >= since] if since else []),
        ]
        return related_to(act).where(*bounds)

    return between
