"""The pending list (挂账): which cases are on it, as far as a reader sees them, now or at an earlier instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Table, literal, select, tuple_, type_coerce

from domain.case import Case
from domain.case.terms import Grade, Kind, Status
from domain.decider import Act
from projections.cases.case_file import case_file
from projections.cases.then import Recall, Then
from projections.cases.visibility import each_visible_to, visible_among
from projections.following.bulk import remove, upsert
from projections.following.pages import MOST, Page, cursor, not_too_many, paged, read_cursor
from projections.following.projection import Batch, position_of
from projections.following.schema import Instant, metadata, text, to_microseconds

pending_case = Table(
    "pending_case",
    metadata,
    Column("case_id", text(64), primary_key=True),
    Column("review_due_at", Instant, nullable=False),
    Index("pending_case_by_review", "review_due_at", "case_id"),
)
p, c = pending_case.c, case_file.c

ReviewKey = tuple[int, str]
"""The sort key: when a case is to be reviewed, in microseconds, and its id."""
KINDS = (int, str)


class PendingList:
    name = "pending_list"
    version = 1
    tables: Sequence[Table] = (pending_case,)

    def fold(self, db: Connection, batch: Batch) -> None:
        changed = batch.changes(Case)
        upsert(db, pending_case, [_row(one.after) for one in changed if is_pending(one.after)])
        left = [one.after.id for one in changed if is_pending(one.before) and not is_pending(one.after)]
        remove(db, pending_case, [(id,) for id in left])


def _row(case: Case) -> dict[str, Any]:
    assert case.suspension is not None
    return {"case_id": case.id, "review_due_at": case.suspension.review_due_at}


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


def page(
    db: Connection, act: Act, limit: int, after: str | None, then: Then | None = None, *, recall: Recall
) -> Page[str]:
    """One page of the cases on the list that this actor sees. Raises Invalid for a cursor of another list.

    What is to be looked at first comes first; what has moved since the first page keeps the place it had then.
    """
    before = read_cursor("pending", KINDS, after)
    query = select(p.case_id, p.review_due_at).join(case_file, c.case_id == p.case_id).where(each_visible_to(act))
    moved: list[ReviewKey] = []
    if then is not None:
        were = {one.then.id: one.then for one in then.moved if is_pending(one.then)}
        moved = [_place(were[id]) for id in visible_among(db, act, were)]
        query = query.where(then.unmoved)
    elif before is not None:
        changed = not_too_many(db.scalars(query.where(c.position > before.position).limit(MOST + 1)).all())
        moved = [_place(one) for one in recall(changed, before.position, None).values() if is_pending(one)]
        query = query.where(c.position <= before.position)
    if before is not None:
        place = tuple_(type_coerce(p.review_due_at, BigInteger), p.case_id)
        query = query.where(place > tuple_(*map(literal, before.last)))
        moved = [one for one in moved if one > before.last]
    rows = db.execute(query.order_by(p.review_due_at, p.case_id).limit(limit + 1))
    found = sorted([*moved, *((to_microseconds(due), id) for id, due in rows)])
    position = before.position if before else position_of(db, PendingList.name)
    return paged(found, limit, lambda one: one[1], lambda one: cursor("pending", (*one, position)))


def is_pending(case: Case) -> bool:
    return case.status is Status.SUSPENDED and case.suspension is not None


def _place(case: Case) -> ReviewKey:
    assert case.suspension is not None
    return to_microseconds(case.suspension.review_due_at), case.id


def shown(case: Case) -> Pending:
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
