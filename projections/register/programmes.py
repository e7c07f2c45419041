"""Programmes as lists show them: what they remedy and where, how far they are, and what has joined them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, Table, Text, exists, select

from domain.decider import Act
from domain.programme import Programme, ProgrammeStatus, Remedy
from projections.cases.case_file import case_file
from projections.cases.visibility import visible_among
from projections.following.bulk import chunks, upsert
from projections.following.pages import Page, cursor, key_of, paged
from projections.following.projection import Batch
from projections.following.schema import Instant, metadata, text
from projections.register.households import household_file
from projections.register.households import visible_to as household_visible_to

programme_file = Table(
    "programme_file",
    metadata,
    Column("programme_id", text(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", text(16), nullable=False),
    Column("remedy", text(32), nullable=False),
    Column("title", Text, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("approved_at", Instant),
    Column("completed_at", Instant),
)
programme_village = Table(
    "programme_village",
    metadata,
    Column("village", text(64), primary_key=True),
    Column("programme_id", text(64), primary_key=True),
)
p, v, c = programme_file.c, programme_village.c, case_file.c


class Programmes:
    name = "programmes"
    version = 1
    tables: Sequence[Table] = (programme_file, programme_village)

    def fold(self, db: Connection, batch: Batch) -> None:
        changed = [change.after for change in batch.changes(Programme)]
        upsert(db, programme_file, [_row(programme) for programme in changed])
        places = [
            {"village": village, "programme_id": programme.id}
            for programme in changed
            for village in programme.villages
        ]
        upsert(db, programme_village, places)


def _row(programme: Programme) -> dict[str, Any]:
    names = ("version", "status", "remedy", "title", "proposed_at", "approved_at", "completed_at")
    return {"programme_id": programme.id, **{name: getattr(programme, name) for name in names}}


@dataclass(frozen=True, kw_only=True)
class ListedProgramme:
    id: str
    version: int
    status: ProgrammeStatus
    remedy: Remedy
    title: str
    villages: Sequence[str]
    proposed_at: datetime
    approved_at: datetime | None
    completed_at: datetime | None


def listed(
    db: Connection,
    act: Act,
    *,
    status: ProgrammeStatus | None = None,
    remedy: Remedy | None = None,
    unit: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Page[ListedProgramme]:
    """One page of the programmes, by id; those for some village of a unit. Raises Invalid for a cursor of another list."""
    query = select(programme_file).order_by(p.programme_id).limit(limit + 1)
    if status is not None:
        query = query.where(p.status == status)
    if remedy is not None:
        query = query.where(p.remedy == remedy)
    if unit is not None:
        near = sorted(act.org.within(unit))
        query = query.where(exists(select(v.village).where(v.programme_id == p.programme_id, v.village.in_(near))))
    if after is not None:
        [last] = key_of("programmes", (str,), after)
        query = query.where(p.programme_id > last)
    rows = db.execute(query).mappings().all()
    villages: dict[str, list[str]] = {row["programme_id"]: [] for row in rows}
    for village, id in db.execute(select(programme_village).where(v.programme_id.in_(villages)).order_by(v.village)):
        villages[id].append(village)
    return paged(
        rows, limit, lambda one: _listed(one, villages), lambda last: cursor("programmes", (last["programme_id"],))
    )


def _listed(row: Mapping[Any, Any], villages: Mapping[str, Sequence[str]]) -> ListedProgramme:
    fields = {name: row[name] for name in row if name != "programme_id"}
    return ListedProgramme(id=row["programme_id"], villages=villages[row["programme_id"]], **fields)


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """What has joined a programme: what one may see, and how many more there are."""

    seen: Sequence[str]
    others: int


def cases_of(db: Connection, act: Act, programme: Programme) -> Gathered:
    """Its cases. Of those about a person, which they became later, only who may see them learns at all."""
    known, seen = set[str](), visible_among(db, act, programme.cases)
    for some in chunks(sorted(programme.cases)):
        known |= set(db.scalars(select(c.case_id).where(c.case_id.in_(some), ~c.guarded)))
    return Gathered(seen=sorted(seen), others=len(known - seen))


def households_of(db: Connection, act: Act, programme: Programme) -> Gathered:
    h, seen = household_file.c, frozenset[str]()
    for some in chunks(sorted(programme.households)):
        theirs = select(h.household_id).where(h.household_id.in_(some), household_visible_to(act))
        seen |= set(db.scalars(theirs))
    return Gathered(seen=sorted(seen), others=len(programme.households - seen))
