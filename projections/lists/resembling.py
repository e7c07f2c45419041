"""Cases that resemble one another: what may be the same matter, reported before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, Connection, and_, select, true
from typing_extensions import TypedDict

from domain.case import Case
from domain.decider import Act
from projections.cases.case_file import case_file
from projections.cases.case_file import row as row_of
from projections.cases.then import Recall
from projections.cases.visibility import each_visible_to

c = case_file.c

PART = 3
"""Letters from which a part of a title tells something."""
COMPARED, ALIKE, SHOWN = 100, 60, 5


class Alike(TypedDict):
    """A case that may be the same matter."""

    id: str
    number: str
    title: str


def alike(db: Connection, act: Act, case: Case, position: int, recall: Recall) -> list[Alike]:
    """What may be the same matter: earlier cases of the same place and nearly the same title, while one counts as repeated.

    They are told as they stood at this position, whatever has become of them since.
    """
    assert case.report is not None
    assert case.reported_at is not None
    earlier = and_(c.reported_at <= act.at, c.case_id != case.id)
    rows = _near(db, act, case.village, case.reported_at, earlier)
    were = recall([row["case_id"] for row in rows if row["position"] > position], position, None)
    there = [row for row in rows if row["position"] <= position]
    there += [row_of(one, 0) for one in were.values() if one.report is not None]
    return _best(there, case.report.title, fuzz.ratio)


def sounding_like(db: Connection, act: Act, title: str, village: str | None) -> list[Alike]:
    """The same for a report that is still being written: its title may yet be a part of what it will be."""

    def as_far(written: str, other: str) -> float:
        return max(fuzz.ratio(written, other), fuzz.partial_ratio(written, other) if len(written) >= PART else 0)

    return _best(_near(db, act, village, act.at, true()), title, as_far)


def _near(
    db: Connection, act: Act, village: str | None, at: datetime, also: ColumnElement[bool]
) -> list[Mapping[Any, Any]]:
    repeated = timedelta(days=act.rules.policy.limits.repeat_report_nd)
    query = (
        select(c.case_id, c.number, c.title, c.position)
        .where(c.village == village if village else c.village.is_(None))
        .where(c.reported_at >= at - repeated, also, each_visible_to(act))
        .order_by(c.reported_at.desc())
        .limit(COMPARED)
    )
    return [*db.execute(query).mappings()]


def _best(rows: Iterable[Mapping[Any, Any]], title: str, nearness: Callable[[str, str], float]) -> list[Alike]:
    found = [(nearness(title, row["title"]), row) for row in rows]
    best = sorted((pair for pair in found if pair[0] >= ALIKE), key=lambda pair: (-pair[0], pair[1]["case_id"]))
    return [{"id": row["case_id"], "number": row["number"], "title": row["title"]} for _, row in best[:SHOWN]]
