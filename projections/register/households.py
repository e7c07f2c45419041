"""The household register as lists show it: who is of which class, helped by whom, visited when, and who is unpaired."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    Select,
    Table,
    Text,
    false,
    or_,
    select,
    true,
)

from domain.decider import Act
from domain.household import Household, everywhere
from domain.household.gate import NEAR, READ
from domain.household.protection import as_known
from domain.household.terms import HouseholdClass
from projections.following.bulk import upsert
from projections.following.deadlines import Deadlines
from projections.following.pages import KeyedRow, ListCursor, Page, SortKey, as_it_was, cursor, key_of, paged
from projections.following.projection import Batch
from projections.following.schema import Instant, metadata, only, text

household_file = Table(
    "household_file",
    metadata,
    Column("household_id", text(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("village", text(64), nullable=False),
    Column("town", text(64)),
    Column("class", text(16), nullable=False),
    Column("rules", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("helper", text(64)),
    Column("helped_since", Instant),
    Column("unpaired", Integer, nullable=False),
    Column("unpaired_since", Instant),
    Column("gone", Boolean, nullable=False),
    Column("merged_into", text(64)),
    Column("unchecked", Boolean, nullable=False),
    Column("unsigned", Boolean, nullable=False),
    Column("ruleset", text(80)),
    Column("visited_at", Instant),
    Column("next_deadline", Instant),
    Column("facts", Text),
    Column("lost_since", Instant),
    Column("left_priority_at", Instant),
    Index("household_file_by_ruleset", "ruleset", "household_id"),
    Index("household_file_by_village", "village", "household_id"),
    Index("household_file_by_class", "class", "household_id"),
    Index("household_file_by_helper", "helper"),
    Index("household_file_unpaired", "unpaired", "unpaired_since"),
    Index("household_file_by_deadline", "next_deadline", "household_id"),
    Index("household_file_by_merger", "merged_into", **only("merged_into IS NOT NULL")),
)
c = household_file.c

deadlines = Deadlines(c.household_id, c.next_deadline, (c.household_id,))


class Households:
    name = "households"
    version = 5
    tables: Sequence[Table] = (household_file,)

    def fold(self, db: Connection, batch: Batch) -> None:
        upsert(db, household_file, [row(change.after, change.position) for change in batch.changes(Household)])


def row(household: Household, position: int) -> dict[str, Any]:
    in_need = household.klass is HouseholdClass.PRIORITY and household.merged_into is None
    unpaired = in_need and household.helper is None
    since = [at for at in (household.since, household.unhelped_since) if at is not None]
    return {
        "household_id": household.id,
        "version": household.version,
        "position": position,
        "village": household.village,
        "town": household.town,
        "class": household.klass,
        "rules": " ".join(household.rules),
        "since": household.since,
        "updated_at": household.updated_at,
        "helper": household.helper,
        "helped_since": household.helped_since,
        "unpaired": int(unpaired),
        "unpaired_since": max(since) if unpaired else None,
        "gone": household.merged_into is not None,
        "merged_into": household.merged_into,
        "unchecked": any(fair is None for fair in household.relatives.values()),
        "unsigned": household.unsigned,
        "ruleset": household.ruleset,
        "visited_at": household.visited_at,
        "next_deadline": household.next_deadline,
        "facts": _known(household),
        "lost_since": household.lost_since,
        "left_priority_at": household.left_priority_at,
    }


def _known(household: Household) -> str | None:
    """The facts the decision table is asked about, as JSON."""
    known = as_known(household)
    return None if known is None else orjson.dumps(known).decode()


def visible_to(act: Act) -> ColumnElement[bool]:
    """The households this actor sees: `sees` of the gate as SQL."""
    if everywhere(act, READ):
        return true()
    places = {place for post in act.by.posts if post.role in NEAR[READ] for place in act.org.area(post.unit)}
    helped = c.helper == act.by.id if act.by.posts else false()
    return or_(c.village.in_(sorted(places)), helped)


def within(act: Act, unit: str | None) -> ColumnElement[bool]:
    """In the unit's villages; anywhere, if none is named."""
    return true() if unit is None else c.village.in_(sorted(act.org.within(unit)))


@dataclass(frozen=True, kw_only=True)
class HouseholdFilter:
    """Which households somebody asks for."""

    of_class: HouseholdClass | None = None
    unit: str | None = None
    unpaired: bool | None = None
    unchecked: bool | None = None
    unsigned: bool | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """The columns that are filtered by, with their values."""
        unpaired = None if self.unpaired is None else int(self.unpaired)
        others = {"unchecked": self.unchecked, "unsigned": self.unsigned}
        asked = {"class": self.of_class, "unpaired": unpaired, **others}
        return {name: value for name, value in asked.items() if value is not None}


def listed(
    db: Connection, act: Act, sought: HouseholdFilter, *, limit: int = 50, after: str | None = None
) -> Page[dict[str, Any]]:
    """One page of the households this actor sees, by id. Raises Invalid for a cursor of another list."""
    query = (
        select(household_file)
        .where(visible_to(act), within(act, sought.unit), ~c.gone)
        .where(*(c[name] == value for name, value in sought.columns.items()))
        .order_by(c.household_id)
        .limit(limit + 1)
    )
    if after is not None:
        [last] = key_of("households", (str,), after)
        query = query.where(c.household_id > last)
    rows = db.execute(query).mappings().all()
    return paged(rows, limit, listed_row, listed_place)


def listed_place(last: Any) -> str:
    return cursor("households", (last["household_id"],))


def listed_row(found: Any) -> dict[str, Any]:
    return {
        "id": found["household_id"],
        **{name: found[name] for name in ("version", "village", "town", "class", "since", "helper", "visited_at")},
        "rules": found["rules"].split(),
    }


Recall = Callable[[Collection[str], int], Mapping[str, Household]]
"""Folds households from the log up to a position. One that was not there yet is blank."""


def moved_since(
    db: Connection,
    asked: Select[Any],
    before: ListCursor,
    recall: Recall,
    place: Callable[[Household, Mapping[Any, Any]], SortKey | None],
) -> list[KeyedRow]:
    """The rows still to come whose household has changed since the list was begun, with the places they had then."""
    changed = asked.where(c.position > before.position)
    moved = as_it_was(db, changed, "household_id", lambda ids: recall(ids, before.position), place)
    return [one for one in moved if one[0] > before.last]


def assessed_under_others(db: Connection, labels: Collection[str], limit: int) -> list[str]:
    """The households that were last assessed under another ruleset than those of these labels."""
    query = select(c.household_id).where(c.facts.is_not(None), ~c.gone, c.ruleset.not_in(sorted(labels)))
    return list(db.scalars(query.order_by(c.household_id).limit(limit)))
