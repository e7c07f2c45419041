"""Who collected how many cases for a town, page by page. It is in no figure of its card."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from domain.decider import Act
from domain.org import Org, Role
from projections.cards.given import mark_given
from projections.cards.marks import Figure
from projections.cases.guard import counts_for
from projections.following.pages import Page, cursor, key_of, paged

g = mark_given.c


@dataclass(frozen=True, kw_only=True)
class Collector:
    """Somebody who collects for his town, and how many cases."""

    official: str
    collected: int


def collectors(
    db: Connection,
    act: Act,
    org: Org,
    unit: str,
    year: int,
    at: datetime | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Page[Collector]:
    """Who brought in cases for a town, page by page. A key by which another system reports is nobody."""
    list_of, known = f"collectors:{unit}:{year}", counts_for(act)
    where = [g.unit == unit, g.year == year, g.figure == Figure.COLLECTED, *([g.at <= at] if at else [])]
    sums: dict[str, int] = {}
    query = select(g.official, g.guard, func.sum(g.n)).where(*where).group_by(g.official, g.guard)
    for official, guard, n in db.execute(query):
        if known(guard) and is_official(org, official):
            sums[official] = sums.get(official, 0) + int(n)
    [last] = key_of(list_of, (str,), after) if after is not None else [""]
    names = sorted(official for official, n in sums.items() if n and official > str(last))
    return paged(
        names, limit, lambda one: Collector(official=one, collected=sums[one]), lambda last: cursor(list_of, (last,))
    )


def is_official(org: Org, who: str) -> bool:
    official = org.official(who)
    return official is not None and any(post.role is not Role.INTEGRATOR for post in official.posts)
