"""Hotspots: many cases of one village and kind in a period, which call for one remedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from domain.case import Case
from domain.case.terms import Status
from domain.decider import Act
from domain.programme import Remedy, suggested
from projections.cases.case_file import case_file
from projections.cases.then import Then
from projections.register.programmes import programme_file, programme_village

p, v, c = programme_file.c, programme_village.c, case_file.c

FEWEST = 5
"""Fewer cases are no hotspot, and might tell who brought them."""
MOST = 50
"""Hotspots that are told of."""
NO_MATTER = (Status.DECLINED, Status.DIVERTED, Status.WITHDRAWN, Status.MERGED)


@dataclass(frozen=True, kw_only=True)
class Hotspot:
    """So many cases of one category in one village call for this remedy; `programmes` for it are under way there."""

    village: str
    category: str
    cases: int
    remedy: Remedy
    programmes: Sequence[str]


def hotspots(
    db: Connection,
    act: Act,
    start: datetime,
    end: datetime,
    unit: str | None = None,
    then: Then | None = None,
) -> list[Hotspot]:
    """The fifty with the most cases reported in the period. Only cases open to all count, and never fewer than five."""
    query = (
        select(c.village, c.category, func.count())
        .where(c.village.is_not(None), c.category.is_not(None), ~c.guarded, c.status.not_in(NO_MATTER))
        .where(c.reported_at >= start, c.reported_at < end)
        .group_by(c.village, c.category)
    )
    near = None if unit is None else act.org.within(unit)
    if near is not None:
        query = query.where(c.village.in_(sorted(near)))
    rows = db.execute(query if then is None else query.where(then.unmoved))
    counted = Counter({(village, category): n for village, category, n in rows})
    counted.update(
        (one.then.village, one.then.category)
        for one in (then.moved if then else ())
        if not one.guard and _matters(one.then, start, end) and (near is None or one.then.village in near)
    )
    most = sorted((-n, *spot) for spot, n in counted.items() if n >= FEWEST)[:MOST]
    under_way = _under_way(db, sorted({village for _, village, _ in most}), then.at if then else act.at)
    return [
        Hotspot(
            village=village,
            category=category,
            cases=-n,
            remedy=suggested(category),
            programmes=under_way.get((village, suggested(category)), ()),
        )
        for n, village, category in most
    ]


def _matters(case: Case, start: datetime, end: datetime) -> bool:
    """What the question says of rows, of a case."""
    reported = case.reported_at is not None and start <= case.reported_at < end
    return bool(reported and case.village and case.category and case.status not in NO_MATTER)


def _under_way(db: Connection, villages: Sequence[str], at: datetime) -> dict[tuple[str, str], list[str]]:
    query = (
        select(v.village, p.remedy, p.programme_id)
        .join(programme_file, p.programme_id == v.programme_id)
        .where(v.village.in_(villages), p.proposed_at <= at, or_(p.completed_at.is_(None), p.completed_at > at))
        .order_by(p.programme_id)
    )
    found: dict[tuple[str, str], list[str]] = {}
    for village, remedy, id in db.execute(query):
        found.setdefault((village, remedy), []).append(id)
    return found
