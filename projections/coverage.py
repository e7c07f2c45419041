"""How many of those who must be visited were: flags with their history, the visits that count, and the share per quarter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Table, func, or_, select

from domain.decider import Act, Recorded
from domain.duties import (
    FLAGGED_DAYS,
    HEAD_WITHIN,
    LEADER_WITHIN,
    PLACES,
    Duty,
    Flagged,
    Quarter,
    Target,
    TargetKind,
    Unflagged,
    Visited,
    sees,
)
from domain.household import Household
from domain.household.events import VisitRecorded
from domain.org import Role
from domain.org.state import SHANGHAI
from domain.org.units import UnitKind
from projections.bulk import upsert
from projections.case_file import case_file
from projections.follower import Batch, Step
from projections.schema import Instant, metadata, text

duty_flag = Table(
    "duty_flag",
    metadata,
    Column("target", text(64), primary_key=True),
    Column("kind", text(32), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("village", text(64), nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Index("duty_flag_by_village", "village", "since"),
)
"""From when until when a target was flagged; each time anew."""

duty_visit = Table(
    "duty_visit",
    metadata,
    Column("target", text(64), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("seen_at", Instant, nullable=False),
    Column("countersigned", Integer, nullable=False),
    Column("by_head", Integer, nullable=False),
    Column("by_leader", Integer, nullable=False),
    Index("duty_visit_by_time", "target", "seen_at"),
)

f, v = duty_flag.c, duty_visit.c
BUSY = 10
"""Reports within twelve months, from which a village may count as petition-intensive, if it is among the first tenth."""


class Coverage:
    name = "coverage"
    version = 1
    tables: Sequence[Table] = (duty_flag, duty_visit)

    def fold(self, db: Connection, batch: Batch) -> None:
        upsert(db, duty_visit, [visit for step in batch.steps for visit in _visits(step)])
        known: dict[tuple[str, str], dict[str, Any]] = {}
        for step in batch.steps:
            match step.recorded.event:
                case Flagged() as flagged:
                    known[step.after.id, flagged.kind] = {
                        "target": step.after.id,
                        "kind": flagged.kind,
                        "position": step.position,
                        "village": flagged.village,
                        "since": step.recorded.at,
                        "until": None,
                    }
                    upsert(db, duty_flag, [known[step.after.id, flagged.kind]])
                case Unflagged() as unflagged:
                    row = known.get((step.after.id, unflagged.kind)) or _standing(db, step.after.id, unflagged.kind)
                    upsert(db, duty_flag, [{**row, "until": step.recorded.at}])
                case _:
                    pass


def _standing(db: Connection, target: str, kind: TargetKind) -> dict[str, Any]:
    query = select(duty_flag).where(f.target == target, f.kind == kind, f.until.is_(None))
    return dict(db.execute(query).mappings().one())


def _visits(step: Step) -> Iterator[dict[str, Any]]:
    recorded: Recorded[Any] = step.recorded
    match recorded.event:
        case Visited() as visit if isinstance(step.after, Target):
            head, leader = (role in visit.roles for role in (Role.TOWN_HEAD, Role.DISTRICT_LEADER))
            yield _row(step.after.id, step.position, visit.seen_at, visit.countersigned, head, leader)
        case VisitRecorded() as visit if isinstance(step.after, Household):
            seen = visit.captured_at or recorded.at
            yield _row(step.after.id, step.position, seen, visit.countersigned, False, False)
        case _:
            pass


def _row(target: str, position: int, seen: datetime, signed: bool, head: bool, leader: bool) -> dict[str, Any]:
    return {
        "target": target,
        "position": position,
        "seen_at": seen,
        "countersigned": int(signed),
        "by_head": int(head),
        "by_leader": int(leader),
    }


@dataclass(frozen=True, kw_only=True)
class Covered:
    """Of those owed a visit in the period, how many were paid one that counts. A share of nothing is none."""

    duty: Duty
    kind: TargetKind
    first_day: date
    last_day: date
    required: int
    verified: int
    coverage: float | None
    open: list[str]
    """Who still waits; only those one may see."""


@dataclass(frozen=True, kw_only=True)
class Hurried:
    """Somebody who must come within hours of a disaster."""

    due_at: datetime
    visited_at: datetime | None
    in_time: bool | None
    """None as long as nobody came and there is time."""


@dataclass(frozen=True, kw_only=True)
class Disaster:
    target: str
    flagged_at: datetime
    town_head: Hurried
    district_leader: Hurried


@dataclass(frozen=True, kw_only=True)
class CoverageOf:
    unit: str | None
    quarter: str
    duties: list[Covered]
    disasters: list[Disaster]


def coverage(db: Connection, act: Act, quarter: Quarter, unit: str | None = None) -> CoverageOf:
    """The ten kinds in one unit's villages, or in the district; distinct targets, whatever they are flagged as."""
    villages = _villages(act, unit)
    duties = [_covered(db, act, kind, quarter, villages) for kind in TargetKind]
    return CoverageOf(unit=unit, quarter=str(quarter), duties=duties, disasters=_disasters(db, act, quarter, villages))


def first_flagged(db: Connection) -> datetime | None:
    """When anything was flagged for the first time."""
    return db.scalar(select(func.min(f.since)))


def _villages(act: Act, unit: str | None) -> list[str]:
    org = act.org
    below = org.units if unit is None else {unit, *org.below(unit)}
    return sorted(
        one for one in below if one in org.units and org.units[one].kind in (UnitKind.VILLAGE, UnitKind.COMMUNITY)
    )


def _covered(db: Connection, act: Act, kind: TargetKind, quarter: Quarter, villages: Sequence[str]) -> Covered:
    first, after = quarter.period(kind)
    begin, end = _midnight(first), _midnight(after)
    if kind is TargetKind.PETITION_INTENSIVE:
        owed = {village: village for village in _busy(db, act, begin) if village in set(villages)}
    else:
        owed = _owed(db, kind, begin, end, min(end, act.at), villages)
    counts = v.countersigned >= int(kind not in PLACES)
    seen: set[str] = set()
    for some in _some(sorted(owed)):
        query = select(v.target).where(v.target.in_(some), v.seen_at >= begin, v.seen_at < end, counts)
        seen |= set(db.scalars(query.distinct()))
    waiting = [one for one in sorted(owed.keys() - seen) if _shown(act, one, owed[one])]
    return Covered(
        duty=kind.duty,
        kind=kind,
        first_day=first,
        last_day=after - timedelta(days=1),
        required=len(owed),
        verified=len(seen),
        coverage=len(seen) / len(owed) if owed else None,
        open=waiting[:200],
    )


def _owed(
    db: Connection, kind: TargetKind, begin: datetime, end: datetime, now: datetime, villages: Sequence[str]
) -> dict[str, str]:
    """Who was flagged on enough days of the period, with the village; taking a flag away late changes nothing."""
    days: dict[str, set[date]] = defaultdict(set)
    where: dict[str, str] = {}
    for some in _some(villages):
        query = select(f.target, f.village, f.since, f.until).where(f.kind == kind, f.village.in_(some), f.since < end)
        for target, village, since, until in db.execute(query.where(or_(f.until.is_(None), f.until > begin))):
            where[target] = village
            days[target] |= set(_days(max(since, begin), min(until or end, end)))
    least = 1 if kind is TargetKind.DISASTER_AFFECTED else FLAGGED_DAYS
    begun = {target for target, found in days.items() if min(found) <= now.astimezone(SHANGHAI).date()}
    return {target: where[target] for target in begun if len(days[target]) >= least}


def _days(start: datetime, end: datetime) -> Iterator[date]:
    """The days of the district that have some of this time in them."""
    day, last = start.astimezone(SHANGHAI).date(), end.astimezone(SHANGHAI)
    while day < last.date() or (day == last.date() and last.time() != time()):
        yield day
        day += timedelta(days=1)


def _busy(db: Connection, act: Act, begin: datetime) -> list[str]:
    """Villages with most reports in the twelve months before the period: counts only, and of what is open to all."""
    c = case_file.c
    since = begin.replace(year=begin.year - 1)
    counted = select(c.village, func.count()).where(
        c.village.is_not(None), ~c.guarded, c.reported_at >= since, c.reported_at < begin
    )
    found = sorted(((n, village) for village, n in db.execute(counted.group_by(c.village))), reverse=True)
    tenth = max(1, len(_villages(act, None)) // 10)
    return [village for n, village in found[:tenth] if n >= BUSY]


def _disasters(db: Connection, act: Act, quarter: Quarter, villages: Sequence[str]) -> list[Disaster]:
    first, after = quarter.period(TargetKind.DISASTER_AFFECTED)
    found: list[Disaster] = []
    for some in _some(villages):
        query = select(f.target, f.since).where(
            f.kind == TargetKind.DISASTER_AFFECTED,
            f.village.in_(some),
            f.since >= _midnight(first),
            f.since < _midnight(after),
        )
        for target, since in db.execute(query.order_by(f.since, f.target)):
            head = _hurried(db, act, target, since, since + HEAD_WITHIN, v.by_head)
            leader = _hurried(db, act, target, since, since + LEADER_WITHIN, v.by_leader)
            found.append(Disaster(target=target, flagged_at=since, town_head=head, district_leader=leader))
    return found


def _hurried(db: Connection, act: Act, target: str, since: datetime, due: datetime, by: Column[Any]) -> Hurried:
    query = select(func.min(v.seen_at)).where(v.target == target, v.seen_at >= since, by == 1)
    came: datetime | None = db.scalar(query)
    in_time = came <= due if came else (False if act.at > due else None)
    return Hurried(due_at=due, visited_at=came, in_time=in_time)


def _shown(act: Act, target: str, village: str) -> bool:
    return sees(Target(id=target, version=1, village=village), act)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _some(values: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    return (values[start : start + size] for start in range(0, len(values), size))
