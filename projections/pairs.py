"""The board of pairs: who of key support has no helper yet, who helps too many or has left, which pairs should not be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from domain.decider import Act
from domain.household.pairing import quota
from projections.conflicts import Conflict, conflicts
from projections.households import household_file, visible_to, within

c = household_file.c


@dataclass(frozen=True, kw_only=True)
class Unpaired:
    """A key-support household without a helper. Overdue once the time to find one is over."""

    household: str
    village: str
    since: datetime
    overdue: bool


@dataclass(frozen=True, kw_only=True)
class Helper:
    """An official and how many households he helps. One who has left his posts must hand over."""

    official: str
    name: str
    households: int
    quota: int
    overloaded: bool
    left: bool


@dataclass(frozen=True, kw_only=True)
class Board:
    """What is wrong with the pairs: households without a helper, helpers with too many, pairs that should not be."""

    unpaired: Sequence[Unpaired]
    helpers: Sequence[Helper]
    conflicts: Sequence[Conflict]


def board(db: Connection, act: Act, unit: str | None = None, limit: int = 200) -> Board:
    """Those unpaired the longest first; helpers with the most first. At most `limit` of each."""
    limit_at = act.at - timedelta(days=act.rules.policy.helping.unpaired_nd)
    near = (visible_to(act), within(act, unit))
    waiting = select(c.household_id, c.village, c.since).where(c.unpaired == 1, *near).order_by(c.since, c.household_id)
    unpaired = [
        Unpaired(household=id, village=village, since=since, overdue=since <= limit_at)
        for id, village, since in db.execute(waiting.limit(limit))
    ]
    here = select(c.helper).where(c.helper.is_not(None), *near).distinct()
    counts = db.execute(select(c.helper, func.count()).where(c.helper.in_(here)).group_by(c.helper))
    helpers = sorted((_helper(who, n, act) for who, n in counts), key=lambda one: (-one.households, one.official))
    return Board(unpaired=unpaired, helpers=helpers[:limit], conflicts=conflicts(db, act, within(act, unit)))


def _helper(who: str, households: int, act: Act) -> Helper:
    official = act.org.official(who)
    posts = official.posts_on(act.org.day(act.at)) if official else ()
    may = room(who, act)
    return Helper(
        official=who,
        name=official.name if official else who,
        households=households,
        quota=may,
        overloaded=households > may,
        left=not posts,
    )


def room(who: str, act: Act) -> int:
    """How many households this official may help, by the highest of his posts."""
    official = act.org.official(who)
    roles = frozenset(post.role for post in official.posts_on(act.org.day(act.at))) if official else frozenset()
    return quota(roles, act.rules.policy.helping.quotas)
