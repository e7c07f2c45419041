"""Applications for benefits: which wait for a decision, by when it is due, and which the statutory time has passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Table, literal, select, tuple_, type_coerce

from domain.decider import Act
from domain.household import Household
from domain.household.terms import Benefit, BenefitState
from projections.following.bulk import upsert
from projections.following.follower import Batch
from projections.following.pages import Page, cursor, key_of, paged
from projections.following.schema import NEVER, Deadline, Instant, metadata, text, to_microseconds
from projections.register.households import household_file, visible_to, within

benefit_file = Table(
    "benefit_file",
    metadata,
    Column("household_id", text(64), primary_key=True),
    Column("benefit", text(32), primary_key=True),
    Column("state", text(16), nullable=False),
    Column("since", Instant, nullable=False),
    Column("due_at", Deadline, nullable=False),
    Column("overdue", Integer, nullable=False),
    Index("benefit_file_by_due", "state", "due_at", "household_id", "benefit"),
)
b = benefit_file.c


class Benefits:
    name = "benefits"
    version = 1
    tables: Sequence[Table] = (benefit_file,)

    def fold(self, db: Connection, batch: Batch) -> None:
        changed = [
            change
            for change in batch.changes
            if isinstance(change.after, Household) and change.after.benefits != change.before.benefits
        ]
        upsert(db, benefit_file, [row for change in changed for row in _rows(change.after)])


def _rows(household: Household) -> list[dict[str, Any]]:
    return [
        {
            "household_id": household.id,
            "benefit": benefit,
            "state": grant.state,
            "since": grant.since,
            "due_at": grant.due_at,
            "overdue": int(grant.overdue),
        }
        for benefit, grant in household.benefits.items()
    ]


@dataclass(frozen=True, kw_only=True)
class Application:
    """A benefit of a household. `due_at` is by when it is to be decided; overdue is what nobody decided by then."""

    household: str
    village: str
    benefit: Benefit
    state: BenefitState
    since: datetime
    due_at: datetime | None
    overdue: bool


def benefits(
    db: Connection,
    act: Act,
    *,
    state: BenefitState | None = None,
    unit: str | None = None,
    overdue: bool | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Page[Application]:
    """One page of those of households he may see, what is due first before all others. Raises Invalid for a wrong cursor."""
    order = (b.due_at, b.household_id, b.benefit)
    query = (
        select(benefit_file, household_file.c.village)
        .join(household_file, household_file.c.household_id == b.household_id)
        .where(visible_to(act), within(act, unit))
        .order_by(*order)
        .limit(limit + 1)
    )
    if state is not None:
        query = query.where(b.state == state)
    if overdue is not None:
        query = query.where(b.overdue == int(overdue))
    if after is not None:
        due, household, benefit = key_of("benefits", (int, str, str), after)
        place = tuple_(type_coerce(b.due_at, BigInteger), b.household_id, b.benefit)
        query = query.where(place > tuple_(literal(due, BigInteger), household, benefit))
    rows = db.execute(query).mappings().all()
    return paged(rows, limit, _told, _place)


def _place(row: Any) -> str:
    due = to_microseconds(row["due_at"]) if row["due_at"] else NEVER
    return cursor("benefits", (due, row["household_id"], row["benefit"]))


def _told(row: Any) -> Application:
    return Application(
        household=row["household_id"],
        village=row["village"],
        benefit=Benefit(row["benefit"]),
        state=BenefitState(row["state"]),
        since=row["since"],
        due_at=row["due_at"],
        overdue=bool(row["overdue"]),
    )
