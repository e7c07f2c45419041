"""The board of pairs: who of key support has no helper yet, who helps too many or has left, which pairs should not be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, func, literal, select, tuple_, type_coerce

from domain.decider import Act
from domain.household.pairing import quota
from domain.household.terms import HouseholdClass
from domain.zone import midnight
from projections.following.pages import cursor, key_of, paged
from projections.following.schema import to_microseconds
from projections.register.conflicts import Conflict, conflicts
from projections.register.households import household_file, visible_to, within

c = household_file.c


@dataclass(frozen=True, kw_only=True)
class Unpaired:
    """A key-support household without a helper, or one whose helper has left his posts; then he is named.

    Overdue once the time to find one, or to hand over, is over.
    """

    household: str
    village: str
    since: datetime
    overdue: bool
    helper: str | None = None


@dataclass(frozen=True, kw_only=True)
class Helper:
    """An official and how many households he helps. One who has left his posts must hand over in time."""

    official: str
    name: str
    households: int
    quota: int
    overloaded: bool
    left: bool
    left_at: datetime | None
    overdue: bool


@dataclass(frozen=True, kw_only=True)
class PairsBoard:
    """What is wrong with the pairs: households without a helper, helpers with too many, pairs that should not be."""

    unpaired: Sequence[Unpaired]
    helpers: Sequence[Helper]
    conflicts: Sequence[Conflict]
    next: str | None = None
    """Where more of those without any helper begin."""


def board(db: Connection, act: Act, unit: str | None = None, limit: int = 200, after: str | None = None) -> PairsBoard:
    """On the first page those whose helper has left, all helpers and conflicts; the unpaired the longest first, in pages.

    Raises Invalid for a cursor of another list.
    """
    near = (visible_to(act), within(act, unit))
    columns = (c.household_id, c.village, c.unpaired_since)
    waiting = select(*columns).where(c.unpaired == 1, *near).order_by(c.unpaired_since, c.household_id)
    if after is not None:
        place = tuple_(type_coerce(c.unpaired_since, BigInteger), c.household_id)
        waiting = waiting.where(place > tuple_(*map(literal, begin(after))))
    rows = db.execute(waiting.limit(limit + 1)).mappings().all()
    unpaired = paged(rows, limit, lambda one: unpaired_of(one, act), going_on)
    if after is not None:
        return PairsBoard(unpaired=unpaired.items, helpers=(), conflicts=(), next=unpaired.next)
    here = select(c.helper).where(c.helper.is_not(None), *near).distinct()
    counts = db.execute(select(c.helper, func.count()).where(c.helper.in_(here)).group_by(c.helper))
    helpers = sorted((helper_of(who, n, act) for who, n in counts), key=lambda one: (-one.households, one.official))
    left = [one.official for one in helpers if one.left]
    theirs = select(household_file).where(c.helper.in_(left), c["class"] == HouseholdClass.PRIORITY, *near)
    waits = deserted(db.execute(theirs.order_by(c.household_id)).mappings(), helpers)
    return PairsBoard(
        unpaired=[*waits, *unpaired.items],
        helpers=helpers,
        conflicts=conflicts(db, act, within(act, unit)),
        next=unpaired.next,
    )


def place_of(one: Mapping[Any, Any]) -> tuple[int, str]:
    """The place of a household among those that wait for a helper."""
    return to_microseconds(one["unpaired_since"]), one["household_id"]


def going_on(last: Mapping[Any, Any]) -> str:
    return cursor("unpaired", place_of(last))


def begin(after: str) -> tuple[int, str]:
    """The place after which the board goes on. Raises Invalid for a cursor of another list."""
    since, id = key_of("unpaired", (int, str), after)
    return int(since), str(id)


def unpaired_of(one: Mapping[Any, Any], act: Act) -> Unpaired:
    fields = {"household": one["household_id"], "village": one["village"], "since": one["unpaired_since"]}
    return Unpaired(**fields, overdue=late(one["unpaired_since"], act))


def deserted(rows: Iterable[Mapping[Any, Any]], helpers: Iterable[Helper]) -> list[Unpaired]:
    """Those of these households, where they are of key support, whose helper is one who has left."""
    gone = {one.official: one for one in helpers if one.left}
    return [
        Unpaired(
            household=one["household_id"],
            village=one["village"],
            since=max(gone[who].left_at or one["helped_since"], one["helped_since"]),
            overdue=gone[who].overdue,
            helper=who,
        )
        for one in rows
        if (who := one["helper"]) in gone and one["class"] == HouseholdClass.PRIORITY
    ]


def late(since: datetime, act: Act) -> bool:
    return since <= act.at - timedelta(days=act.rules.policy.helping.unpaired_nd)


def helper_of(who: str, households: int, act: Act) -> Helper:
    official = act.org.official(who)
    posts = act.org.posts_of(who, act.at)
    may = quota(posts, act.rules.policy.helping.quotas)
    ends = [post.until for post in official.posts if post.until] if official and not posts else []
    left_at = midnight(max(ends)) if ends else None
    return Helper(
        official=who,
        name=official.name if official else who,
        households=households,
        quota=may,
        overloaded=households > may,
        left=not posts,
        left_at=left_at,
        overdue=left_at is not None and late(left_at, act),
    )
