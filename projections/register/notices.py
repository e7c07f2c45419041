"""The notice board of a village (公示): which class or benefit, and until when. It does not name the household."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import BigInteger, Column, Connection, Index, Table, select

from domain.household.events import BenefitNoticeEnded, BenefitPosted, NoticeEnded, NoticePosted
from domain.household.terms import Benefit, HouseholdClass
from projections.following.bulk import remove, upsert
from projections.following.pages import Page, cursor, key_of, paged
from projections.following.projection import Batch, Step
from projections.following.schema import Instant, metadata, text

public_notice = Table(
    "public_notice",
    metadata,
    Column("household_id", text(64), primary_key=True),
    Column("about", text(32), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("village", text(64), nullable=False),
    Column("class", text(16)),
    Column("posted_at", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Index("public_notice_by_village", "village", "position"),
    Index("public_notice_by_position", "position"),
)
"""`about` is the benefit, or `class`. The household is only kept to take the notice down."""
n = public_notice.c


class Notices:
    name = "notices"
    version = 1
    tables: Sequence[Table] = (public_notice,)

    def fold(self, db: Connection, batch: Batch) -> None:
        hanging: dict[tuple[str, str], dict[str, Any] | None] = {}
        for step in batch.steps:
            match step.recorded.event:
                case NoticePosted() as posted:
                    hanging[step.after.id, "class"] = _row(step, "class", posted.ends, posted.now)
                case BenefitPosted() as posted:
                    hanging[step.after.id, posted.benefit] = _row(step, posted.benefit, posted.ends)
                case NoticeEnded():
                    hanging[step.after.id, "class"] = None
                case BenefitNoticeEnded() as ended:
                    hanging[step.after.id, ended.benefit] = None
                case _:
                    pass
        upsert(db, public_notice, [row for row in hanging.values() if row is not None])
        remove(db, public_notice, [key for key, row in hanging.items() if row is None])


def _row(step: Step, about: str, ends: datetime, to: HouseholdClass | None = None) -> dict[str, Any]:
    return {
        "household_id": step.after.id,
        "about": about,
        "position": step.position,
        "village": step.after.village,
        "class": to,
        "posted_at": step.recorded.at,
        "ends": ends,
    }


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Somebody of this village is to have another class, or has applied for a benefit. Whoever objects tells the village."""

    village: str
    about: Literal["class", "benefit"]
    to: HouseholdClass | None
    benefit: Benefit | None
    posted_at: datetime
    ends: datetime


def notices(
    db: Connection, now: datetime, village: str | None = None, *, limit: int = 50, after: str | None = None
) -> Page[Notice]:
    """One page of what hangs, the oldest first. Raises Invalid for a cursor of another list."""
    query = select(public_notice).where(n.ends > now).order_by(n.position).limit(limit + 1)
    if village is not None:
        query = query.where(n.village == village)
    if after is not None:
        [last] = key_of("notices", (int,), after)
        query = query.where(n.position > last)
    rows = db.execute(query).mappings().all()
    return paged(rows, limit, _notice, lambda last: cursor("notices", (last["position"],)))


def _notice(row: Any) -> Notice:
    of_class = row["about"] == "class"
    return Notice(
        village=row["village"],
        about="class" if of_class else "benefit",
        to=HouseholdClass(row["class"]) if of_class else None,
        benefit=None if of_class else Benefit(row["about"]),
        posted_at=row["posted_at"],
        ends=row["ends"],
    )
