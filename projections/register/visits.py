"""The visit diary: who was in which household and when, and whether it counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    Table,
    Text,
    literal,
    select,
    tuple_,
    type_coerce,
)

from domain.decider import Act
from domain.household import Household
from domain.household.parts import Visit
from projections.cases.case_file import case_file
from projections.cases.visibility import untainted
from projections.following.bulk import upsert
from projections.following.pages import Page, cursor, key_of, paged
from projections.following.projection import Batch
from projections.following.schema import Instant, metadata, text, to_microseconds
from projections.register.households import household_file, visible_to, within

household_visit = Table(
    "household_visit",
    metadata,
    Column("household_id", text(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("visitor", text(64), nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("countersigned", Boolean, nullable=False),
    Column("to_audit", Boolean, nullable=False),
    Column("confirmed", Boolean),
    Column("needs", Integer, nullable=False),
    Column("cases", Text, nullable=False),
    Index("household_visit_by_visitor", "visitor", "seen_at"),
    Index("household_visit_by_time", "seen_at", "household_id", "version"),
)
v, h = household_visit.c, household_file.c


class Visits:
    name = "visits"
    version = 2
    tables: Sequence[Table] = (household_visit,)

    def fold(self, db: Connection, batch: Batch) -> None:
        rows = [
            _row(one.after, visit)
            for one in batch.changes(Household)
            for visit in one.after.visits
            if visit not in one.before.visits
        ]
        upsert(db, household_visit, rows)


def _row(household: Household, visit: Visit) -> dict[str, Any]:
    return {
        "household_id": household.id,
        "version": visit.version,
        "visitor": visit.visitor,
        "seen_at": visit.seen_at,
        "recorded_at": visit.at,
        "countersigned": visit.countersigned,
        "to_audit": visit.to_audit,
        "confirmed": visit.confirmed,
        "needs": visit.needs,
        "cases": " ".join(visit.cases),
    }


@dataclass(frozen=True, kw_only=True)
class Visited:
    """A visit. It counts if the household signed for it, or said on the telephone that it was; not if it denied it."""

    household: str
    village: str
    version: int
    visitor: str
    seen_at: datetime
    recorded_at: datetime
    countersigned: bool
    to_audit: bool
    confirmed: bool | None
    counts: bool
    needs: int
    cases: list[str]


def diary(
    db: Connection,
    act: Act,
    *,
    visitor: str | None = None,
    household: str | None = None,
    unit: str | None = None,
    to_audit: bool | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Page[Visited]:
    """The visits to households this actor sees, the latest first. Raises Invalid for a cursor of another list."""
    query = select(household_visit, h.village).join(household_file, h.household_id == v.household_id)
    query = query.where(visible_to(act), within(act, unit))
    if visitor is not None:
        query = query.where(v.visitor == visitor)
    if household is not None:
        query = query.where(v.household_id == household)
    if to_audit is not None:
        query = query.where((v.to_audit & v.confirmed.is_(None)) == to_audit)
    key = tuple_(type_coerce(v.seen_at, BigInteger), v.household_id, v.version)
    if after is not None:
        seen, id, version = key_of("visits", (int, str, int), after)
        query = query.where(key < tuple_(literal(seen, BigInteger), id, version))
    ordered = query.order_by(v.seen_at.desc(), v.household_id.desc(), v.version.desc())
    rows = db.execute(ordered.limit(limit + 1)).mappings().all()
    known = _known(db, act, {case for one in rows for case in one["cases"].split()})
    return paged(rows, limit, lambda one: _visited(one, known), _noted)


def _noted(last: Any) -> str:
    return cursor("visits", (to_microseconds(last["seen_at"]), last["household_id"], last["version"]))


def _known(db: Connection, act: Act, cases: Collection[str]) -> set[str]:
    """Those of these cases that are about nobody of the reader's own."""
    return set(db.scalars(select(case_file.c.case_id).where(case_file.c.case_id.in_(cases), untainted(act))))


def _visited(one: Any, known: Collection[str]) -> Visited:
    fields = {name: one[name] for name in ("village", "version", "visitor", "seen_at", "recorded_at", "needs")}
    signed = {name: one[name] for name in ("countersigned", "to_audit", "confirmed")}
    counts = one["countersigned"] if one["confirmed"] is None else one["confirmed"]
    return Visited(
        household=one["household_id"],
        cases=[case for case in one["cases"].split() if case in known],
        counts=counts,
        **fields,
        **signed,
    )
