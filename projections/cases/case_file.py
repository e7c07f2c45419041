"""The case file: one row per case for lists and searches, who may see it, and when it will move by itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Index, Integer, Table, select

from domain.case import Case
from domain.case.correction import Field
from projections.cases.waits import next_due
from projections.following.bulk import Key, remove, upsert
from projections.following.deadlines import Deadlines
from projections.following.projection import Batch, Change
from projections.following.schema import Deadline, Instant, metadata, only, text

case_file = Table(
    "case_file",
    metadata,
    Column("case_id", text(64), primary_key=True),
    Column("number", text(32), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", text(16), nullable=False),
    Column("grade", text(4), nullable=False),
    Column("status", text(24), nullable=False),
    Column("board", text(16)),
    Column("open", Boolean, nullable=False),
    Column("tier", text(16)),
    Column("unit", text(64)),
    Column("town", text(64)),
    Column("village", text(64)),
    Column("home", text(64)),
    Column("title", text(200), nullable=False),
    Column("category", text(200)),
    Column("household", text(64)),
    Column("external_id", text(200)),
    Column("sealed", Boolean, nullable=False),
    Column("guarded", Boolean, nullable=False),
    Column("accountable", text(64)),
    Column("receipt", text(64), nullable=False),
    Column("reported_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("due_at", Deadline, nullable=False),
    Column("next_deadline", Instant),
    Column("provisional", Boolean, nullable=False),
    Column("redated", Boolean, nullable=False),
    Index("case_file_by_deadline", "next_deadline", "reported_at", "case_id", **only("next_deadline IS NOT NULL")),
    Index("case_file_by_receipt", "receipt"),
    Index("case_file_by_number", "number"),
    Index("case_file_provisional", "case_id", **only("provisional", "provisional = 1")),
    Index("case_file_by_village", "village", "reported_at"),
    Index("case_file_by_unit", "unit", "reported_at"),
    Index("case_file_by_report", "reported_at", "case_id"),
    Index("case_file_by_status", "status", "reported_at", "case_id"),
    Index("case_file_by_due", "due_at", "case_id"),
    Index("case_file_by_update", "updated_at", "case_id"),
    Index("case_file_by_household", "household", **only("household IS NOT NULL")),
    Index("case_file_by_position", "position"),
    Index("case_file_redated", "position", **only("redated", "redated = 1")),
)

case_scope = Table(
    "case_scope",
    metadata,
    Column("scope", text(96), primary_key=True),
    Column("reported_at", Instant, primary_key=True),
    Column("case_id", text(64), primary_key=True),
    Index("case_scope_by_case", "case_id"),
)
"""Who is related to a case: `at:`, `held:`, `tasked:`, `diverted:` a unit, `area:` of a village, `brought:` by a person.

The index finds the cases of a scope in the order in which they were reported.
"""

case_subject = Table(
    "case_subject",
    metadata,
    Column("case_id", text(64), primary_key=True),
    Column("official", text(64), primary_key=True),
)
"""The officials a case is about. It is hidden from them, their units and those below."""

deadlines = Deadlines(case_file.c.case_id, case_file.c.next_deadline, (case_file.c.reported_at, case_file.c.case_id))
"""Deadlines of the same instant pass in the order of their reports, the oldest first."""


class CaseFile:
    name = "case_file"
    version = 9
    tables: Sequence[Table] = (case_file, case_scope, case_subject)

    def fold(self, db: Connection, batch: Batch) -> None:
        changed = batch.changes(Case)
        upsert(db, case_file, [row(change.after, change.position) for change in changed])
        self._related(db, changed)

    def _related(self, db: Connection, changed: Sequence[Change[Case]]) -> None:
        moved = [(_scoped(change.before), _scoped(change.after)) for change in changed]
        names = case_scope.columns.keys()
        upsert(db, case_scope, [dict(zip(names, one, strict=True)) for old, new in moved for one in new - old])
        remove(db, case_scope, [one for old, new in moved for one in old - new])
        named = [
            {"case_id": change.after.id, "official": official}
            for change in changed
            for official in change.after.subjects - change.before.subjects
        ]
        upsert(db, case_subject, named)


def row(case: Case, position: int) -> dict[str, Any]:
    assert case.report is not None
    stay = case.stays[-1] if case.stays else None
    return {
        "case_id": case.id,
        "number": case.number,
        "position": position,
        "version": case.version,
        "kind": case.kind,
        "grade": case.grade,
        "status": case.status,
        "board": case.board,
        "open": case.open,
        "tier": stay.tier if stay else None,
        "unit": stay.unit if stay else None,
        "town": stay.town if stay else case.town,
        "village": case.village,
        "home": case.town,
        "title": case.entry("title"),
        "category": case.category,
        "household": case.household,
        "external_id": case.report.external_id,
        "sealed": case.sealed,
        "guarded": case.sealed or bool(case.subjects),
        "accountable": stay.accountable if stay else None,
        "receipt": case.report.receipt,
        "reported_at": case.reported_at,
        "updated_at": case.updated_at,
        "due_at": next_due(case),
        "next_deadline": case.next_deadline,
        "provisional": any(clock.provisional and clock.running for clock in case.clocks),
        "redated": any(correction.field == Field.OCCURRED_AT for correction in case.corrections),
    }


def _scoped(case: Case) -> set[Key]:
    return {(scope, case.reported_at, case.id) for scope in scopes(case)}


def scopes(case: Case) -> set[str]:
    found = {f"held:{held.unit}" for stay in case.stays for held in stay.units}
    if case.unit:
        found.add(f"at:{case.unit}")
    if case.village:
        found.add(f"area:{case.village}")
    elif not case.stays and case.reported_at:
        found.add("unplaced")
    found |= {f"tasked:{unit}" for unit in case.tasked}
    found |= {f"brought:{reporter.id}" for reporter in case.reporters}
    if case.report is not None and case.report.collector and not case.sealed:
        found.add(f"brought:{case.report.collector}")
    if case.diverted_to:
        found.add(f"diverted:{case.diverted_to}")
    return found


def with_provisional_deadlines(db: Connection) -> list[str]:
    """The cases with a provisional clock: the year's calendar was not known when it was started."""
    c = case_file.c
    return list(db.scalars(select(c.case_id).where(c.provisional).order_by(c.case_id)))


def by_receipt(db: Connection, receipts: Collection[str]) -> str | None:
    found: str | None = db.scalar(select(case_file.c.case_id).where(case_file.c.receipt.in_(receipts)))
    return found
