"""Cases alike: what may be the same matter, reported before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, Connection, and_, select, true

from domain.case import Case
from domain.decider import Act
from projections.cases.case_file import case_file
from projections.cases.visibility import each_visible_to

c = case_file.c

PART = 3
"""Letters from which a part of a title tells something."""
COMPARED, ALIKE, SHOWN = 100, 60, 5


def alike(db: Connection, act: Act, case: Case, position: int) -> list[dict[str, str]]:
    """What may be the same matter: earlier cases of the same place and nearly the same title, while one counts as repeated."""
    assert case.report is not None
    assert case.reported_at is not None
    earlier = and_(c.position < position, c.case_id != case.id)
    return _alike(db, act, case.report.title, case.village, case.reported_at, earlier, fuzz.ratio)


def sounding_like(db: Connection, act: Act, title: str, village: str | None) -> list[dict[str, str]]:
    """The same for a report that is still being written: its title may yet be a part of what it will be."""

    def as_far(written: str, other: str) -> float:
        return max(fuzz.ratio(written, other), fuzz.partial_ratio(written, other) if len(written) >= PART else 0)

    return _alike(db, act, title, village, act.at, true(), as_far)


def _alike(
    db: Connection,
    act: Act,
    title: str,
    village: str | None,
    at: datetime,
    also: ColumnElement[bool],
    nearness: Callable[[str, str], float],
) -> list[dict[str, str]]:
    repeated = timedelta(days=act.rules.policy.limits.repeat_report_nd)
    query = (
        select(c.case_id, c.number, c.title)
        .where(c.village == village if village else c.village.is_(None))
        .where(c.reported_at >= at - repeated, also, each_visible_to(act))
        .order_by(c.reported_at.desc())
        .limit(COMPARED)
    )
    found = [(nearness(title, row.title), row) for row in db.execute(query)]
    best = sorted((pair for pair in found if pair[0] >= ALIKE), key=lambda pair: (-pair[0], pair[1].case_id))
    return [{"id": row.case_id, "number": row.number, "title": row.title} for _, row in best[:SHOWN]]
