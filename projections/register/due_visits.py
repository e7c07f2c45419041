"""Which households are owed a visit: the neediest class first, in each the longest unvisited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import BigInteger, Connection, case, literal, select, tuple_, type_coerce

from domain.decider import Act
from domain.household import Household
from domain.household.terms import HouseholdClass
from domain.household.visits import due_after
from domain.rules.helping import Rhythm
from projections.following.pages import KeyedRow, Page, SortKey, cursor, paged, read_cursor
from projections.following.projection import position_of
from projections.following.schema import to_microseconds
from projections.register.households import Households, Recall, household_file, moved_since, visible_to, within

h = household_file.c

LAST = case((h.visited_at > h.since, h.visited_at), else_=h.since)
"""When a household was visited last, or came into its class."""
NEEDIEST_FIRST = tuple(reversed(HouseholdClass))
KINDS = (int, int, str)
"""Of what a place among those that are owed a visit is made: the class, when it was visited last, the household."""


@dataclass(frozen=True, kw_only=True)
class Due:
    """A household that is to be visited: by when, and by whom, where it has a helper."""

    household: str
    village: str
    of_class: HouseholdClass
    helper: str | None
    visited_at: datetime | None
    due_at: datetime
    overdue: bool


def owed(
    db: Connection,
    act: Act,
    *,
    unit: str | None = None,
    helper: str | None = None,
    within_days: int = 0,
    limit: int = 50,
    after: str | None = None,
    recall: Recall,
) -> Page[Due]:
    """The households whose visit is overdue, or due within so many days.

    The neediest class first, in each the longest unvisited; what has moved since the first page keeps the place it had
    then. Raises Invalid for a cursor of another list.
    """
    until = act.at + timedelta(days=within_days)
    before = read_cursor("owed", KINDS, after)
    asked = select(household_file, LAST.label("last")).where(visible_to(act), within(act, unit), ~h.gone)
    if helper is not None:
        asked = asked.where(h.helper == helper)
    placed: list[KeyedRow] = []
    if before is not None:
        placed = moved_since(db, asked, before, recall, _place_then)
        asked = asked.where(h.position <= before.position)
    begin = max(int(before.last[0]), 0) if before else 0
    for number, of_class in enumerate(NEEDIEST_FIRST[begin:], begin):
        query = asked.where(h["class"] == of_class).order_by(LAST, h.household_id).limit(limit + 1)
        if before is not None:
            place = tuple_(literal(number), type_coerce(LAST, BigInteger), h.household_id)
            query = query.where(place > tuple_(*map(literal, before.last)))
        placed += [(_place(of_class, one["last"], one), one) for one in db.execute(query).mappings()]
    visits = act.rules.policy.helping.visits
    owing = [(place, _due(one, visits, act.at)) for place, one in sorted(placed, key=itemgetter(0))]
    found = [(place, due) for place, due in owing if due.due_at <= until]
    position = before.position if before else position_of(db, Households.name)
    return paged(found, limit, lambda one: one[1], lambda one: cursor("owed", (*one[0], position)))


def _due(one: Mapping[Any, Any], visits: Rhythm, now: datetime) -> Due:
    of_class = HouseholdClass(one["class"])
    due = due_after(one["last"], of_class, visits)
    fields = {name: one[name] for name in ("village", "helper", "visited_at")}
    return Due(household=one["household_id"], of_class=of_class, due_at=due, overdue=due <= now, **fields)


def _place(of_class: HouseholdClass, last: datetime, row: Mapping[Any, Any]) -> SortKey:
    return NEEDIEST_FIRST.index(of_class), to_microseconds(last), row["household_id"]


def _place_then(household: Household, row: Mapping[Any, Any]) -> SortKey | None:
    if not household.version:
        return None
    last = max(filter(None, (household.visited_at, household.since)))
    return _place(household.klass, last, row)
