"""Applications for benefits: which wait for a decision, by when it is due, and which the statutory time has passed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Table, literal, select, tuple_, type_coerce

from domain.decider import Act
from domain.household import Household
from domain.household.terms import Benefit, BenefitState
from projections.following.bulk import remove, upsert
from projections.following.pages import KeyedRow, Page, SortKey, cursor, paged, read_cursor
from projections.following.projection import Batch, Change, position_of
from projections.following.schema import NEVER, Deadline, Instant, metadata, text, to_microseconds
from projections.register.households import Households, Recall, household_file, moved_since, visible_to, within

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
b, h = benefit_file.c, household_file.c

KINDS = (int, str, str)
"""Of what a place in the list is made: when it is due, the household, the benefit."""


class Benefits:
    name = "benefits"
    version = 1
    tables: Sequence[Table] = (benefit_file,)

    def fold(self, db: Connection, batch: Batch) -> None:
        changed = [one for one in batch.changes(Household) if one.after.benefits != one.before.benefits]
        upsert(db, benefit_file, [row for one in changed for row in _rows(one.after)])
        remove(db, benefit_file, [(one.after.id, benefit) for one in changed for benefit in _gone_along(one)])


def _gone_along(change: Change[Household]) -> Collection[Benefit]:
    """The benefits that another household has now, which this one joined."""
    return change.before.benefits.keys() - change.after.benefits.keys()


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
    recall: Recall,
) -> Page[Application]:
    """One page of those of households he may see, what is due first before all others. Raises Invalid for a wrong cursor.

    What has moved since the first page keeps the place it had then.
    """
    before = read_cursor("benefits", KINDS, after)
    query = (
        select(benefit_file, h.village)
        .join(household_file, h.household_id == b.household_id)
        .where(visible_to(act), within(act, unit))
    )
    if state is not None:
        query = query.where(b.state == state)
    if overdue is not None:
        query = query.where(b.overdue == int(overdue))
    moved: list[KeyedRow] = []
    if before is not None:
        moved = moved_since(db, query, before, recall, _place_then)
        place = tuple_(type_coerce(b.due_at, BigInteger), b.household_id, b.benefit)
        query = query.where(h.position <= before.position, place > tuple_(*map(literal, before.last)))
    rows = db.execute(query.order_by(b.due_at, b.household_id, b.benefit).limit(limit + 1)).mappings()
    found = sorted([*moved, *((_place(row["due_at"], row), row) for row in rows)], key=itemgetter(0))
    position = before.position if before else position_of(db, Households.name)
    return paged(found, limit, lambda one: _application(one[1]), lambda one: cursor("benefits", (*one[0], position)))


def _place(due: datetime | None, row: Mapping[Any, Any]) -> SortKey:
    return to_microseconds(due) if due else NEVER, row["household_id"], row["benefit"]


def _place_then(household: Household, row: Mapping[Any, Any]) -> SortKey | None:
    grant = household.benefits.get(Benefit(row["benefit"]))
    return _place(grant.due_at, row) if grant else None


def _application(row: Any) -> Application:
    return Application(
        household=row["household_id"],
        village=row["village"],
        benefit=Benefit(row["benefit"]),
        state=BenefitState(row["state"]),
        since=row["since"],
        due_at=row["due_at"],
        overdue=bool(row["overdue"]),
    )
