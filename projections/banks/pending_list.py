"""The pending list (挂账): which cases are on it, as far as a reader sees them, now or at an earlier instant."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from domain.case import Case
from domain.case.terms import Grade, Kind, Status
from domain.decider import Act
from projections.cases.case_file import case_file
from projections.cases.then import Then
from projections.cases.visibility import each_visible_to, visible_among

c = case_file.c


@dataclass(frozen=True, kw_only=True)
class Pending:
    """Why a case waits, what the plan is, and when somebody must look at it again."""

    id: str
    number: str
    title: str
    kind: Kind
    grade: Grade
    unit: str | None
    village: str | None
    reported_at: datetime
    since: datetime
    reason: str
    plan: str
    review_due_at: datetime
    review_overdue: bool
    ends_at: datetime


def on_it(db: Connection, act: Act, then: Then | None = None) -> list[str]:
    """The cases on the list. Each of them will move by itself on a day, and is found by that."""
    query = select(c.case_id).where(c.next_deadline.is_not(None), c.status == Status.SUSPENDED, each_visible_to(act))
    if then is None:
        return list(db.scalars(query))
    moved = [one.then.id for one in then.moved if one.then.status is Status.SUSPENDED]
    return [*db.scalars(query.where(then.unmoved)), *visible_among(db, act, moved)]


def listed(cases: Collection[Case]) -> list[Pending]:
    """What is to be looked at first comes first."""
    return sorted((_pending(case) for case in cases if case.suspension), key=lambda one: (one.review_due_at, one.id))


def _pending(case: Case) -> Pending:
    assert case.report is not None
    assert case.reported_at is not None
    assert case.suspension is not None
    return Pending(
        id=case.id,
        number=case.number,
        title=case.entry("title") or case.report.title,
        kind=case.kind,
        grade=case.grade,
        unit=case.unit,
        village=case.village,
        reported_at=case.reported_at,
        since=case.suspension.since,
        reason=case.suspension.reason,
        plan=case.suspension.plan,
        review_due_at=case.suspension.review_due_at,
        review_overdue=case.suspension.overdue,
        ends_at=case.suspension.ends_at,
    )
