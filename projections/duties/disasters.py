"""After a disaster two must come within hours: the head of the town, and a leader of the district."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, func, select

from domain.duties import TargetKind
from domain.zone import midnight
from projections.duties.owed import CoverageQuestion, counted_at
from projections.duties.targets import duty_flag, duty_visit

f, v = duty_flag.c, duty_visit.c


@dataclass(frozen=True, kw_only=True)
class Hurried:
    """Somebody who must come within hours of a disaster; at the due instant it is late."""

    due_at: datetime
    visited_at: datetime | None
    in_time: bool | None
    """None as long as nobody came and there is time."""


@dataclass(frozen=True, kw_only=True)
class Disaster:
    """A place that was struck, and who came when."""

    target: str
    flagged_at: datetime
    town_head: Hurried
    district_leader: Hurried


def disasters(db: Connection, asked: CoverageQuestion) -> Iterator[Disaster]:
    """Each place that was struck in the quarter, and who came."""
    begin, end = map(midnight, asked.quarter.period(TargetKind.DISASTER_AFFECTED))
    query = select(f.target, f.since, f.head_due, f.leader_due).where(
        f.kind == TargetKind.DISASTER_AFFECTED,
        f.since >= begin,
        f.since < end,
        f.since <= asked.at,
        asked.within,
    )
    for target, since, head_due, leader_due in db.execute(query.order_by(f.since, f.target)).all():
        head = _hurried(db, asked.at, target, since, head_due, v.by_head)
        leader = _hurried(db, asked.at, target, since, leader_due, v.by_leader)
        yield Disaster(target=target, flagged_at=since, town_head=head, district_leader=leader)


def _hurried(db: Connection, at: datetime, target: str, since: datetime, due: datetime, by: Column[Any]) -> Hurried:
    """When he came, who was there after it was flagged: a time entered later may only hurt whoever enters it."""
    first = select(func.min(counted_at(at))).where(v.target == target, v.seen_at >= since, v.recorded_at <= at, by == 1)
    came: datetime | None = db.scalar(first)
    in_time = came < due if came else (False if at >= due else None)
    return Hurried(due_at=due, visited_at=came, in_time=in_time)
