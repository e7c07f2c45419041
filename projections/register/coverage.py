"""How many of those who must be visited were: who is owed a visit, who was paid one that counts, and the share per quarter.

A target is owed a visit once it has had its flag for enough days of the period. Days that are past stay past, so taking
a flag away never makes the share look better; who has it, but not for so long yet, is `coming`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from domain.decider import Act
from domain.duties import PLACES, Quarter, TargetKind, VisitDuty
from domain.org.state import SHANGHAI
from domain.rules.duties import MustVisits
from projections.cases.case_file import case_file
from projections.register.targets import duty_flag, duty_visit, theirs, villages, within

f, v = duty_flag.c, duty_visit.c
Ranking = Literal["per_1000_inhabitants", "reports"]
LISTED = 200
"""So many of those who wait are named."""


@dataclass(frozen=True, kw_only=True)
class Covered:
    """Of those owed a visit in the period, how many were paid one that counts. A share of nothing is none."""

    duty: VisitDuty
    kind: TargetKind
    first_day: date
    last_day: date
    required: int
    verified: int
    coverage: float | None
    coming: int
    """Flagged, but not yet on enough days to be owed a visit."""
    open: list[str]
    """Who still waits, those who are coming too; only those one may see."""
    ranked_by: Ranking | None
    """How villages with many reports were compared: by reports alone, where it is not told how many live in each."""


@dataclass(frozen=True, kw_only=True)
class Distinct:
    """Places or people, each once, whatever they are flagged as; verified where every flag of theirs is."""

    duty: VisitDuty
    required: int
    verified: int


@dataclass(frozen=True, kw_only=True)
class Hurried:
    """Somebody who must come within hours of a disaster; at the due instant it is late."""

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
    at: datetime
    duties: list[Covered]
    distinct: list[Distinct]
    disasters: list[Disaster]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked: which unit, which quarter, as of when, by which rules."""

    act: Act
    unit: str | None
    quarter: Quarter
    at: datetime
    policy: MustVisits


def coverage(
    db: Connection,
    act: Act,
    quarter: Quarter,
    unit: str | None = None,
    *,
    at: datetime | None = None,
    policy: MustVisits | None = None,
) -> CoverageOf:
    """The ten kinds in one unit's villages, or in the district, as known at an instant."""
    asked = Asked(act=act, unit=unit, quarter=quarter, at=at or act.at, policy=policy or act.rules.policy.must_visits)
    places, people = [covered(db, asked, duty) for duty in VisitDuty]
    return CoverageOf(
        unit=unit,
        quarter=str(quarter),
        at=asked.at,
        duties=[*places[0], *people[0]],
        distinct=[places[1], people[1]],
        disasters=list(_disasters(db, asked)),
    )


def first_flagged(db: Connection) -> datetime | None:
    """When anything was flagged for the first time."""
    first: datetime | None = db.scalar(select(func.min(f.since)))
    return first


def flagged_villages(db: Connection) -> list[str]:
    """Where anything ever was flagged."""
    return list(db.scalars(select(f.village).distinct()))


def covered(db: Connection, asked: Asked, duty: VisitDuty) -> tuple[list[Covered], Distinct]:
    """The kinds of one duty, and its targets each once; counted in one go, since there may be very many."""
    kinds = [kind for kind in TargetKind if kind.duty is duty]
    counted: dict[str, tuple[int, int, int]] = {}
    waiting: dict[str, list[str]] = {kind: [] for kind in kinds}
    for kind, target, *numbers in db.execute(_counted_in_one_go(asked, kinds)):
        if target:
            waiting[kind].append(target)
        else:
            counted[kind] = (numbers[0], numbers[1], numbers[2])
    required, verified, _ = counted[""]
    return [
        _petitioned(db, asked)
        if kind is TargetKind.PETITION_INTENSIVE
        else _told(asked, kind, *counted.get(kind, (0, 0, 0)), sorted(waiting[kind]))
        for kind in kinds
    ], Distinct(duty=duty, required=required, verified=verified)


def _counted_in_one_go(asked: Asked, kinds: Sequence[TargetKind]) -> CompoundSelect[Any]:
    """For each kind how many are owed a visit, were paid one, are coming; for no kind the same, each target once; and by
    name the first of those who still wait, of whom he may know.
    """
    each_kind = [_targets(asked, kind) for kind in kinds if kind is not TargetKind.PETITION_INTENSIVE]
    found = union_all(*each_kind).cte().prefix_with("MATERIALIZED")
    owed, visited = found.c.owed, found.c.visited
    once = select(func.min(visited).label("visited")).where(owed == 1).group_by(found.c.target).subquery()
    place = func.row_number().over(partition_by=found.c.kind, order_by=found.c.target).label("place")
    waits = select(found.c.kind, found.c.target, place).where(visited == 0, found.c.known == 1).subquery()
    nobody, none = literal(""), literal(0)
    return union_all(
        select(found.c.kind, nobody, func.sum(owed), func.sum(owed * visited), func.sum(1 - owed)).group_by(
            found.c.kind
        ),
        select(nobody, nobody, func.count(), func.coalesce(func.sum(once.c.visited), 0), none).select_from(once),
        select(waits.c.kind, waits.c.target, none, none, none).where(waits.c.place <= LISTED),
    )


def _told(
    asked: Asked,
    kind: TargetKind,
    required: int,
    verified: int,
    coming: int,
    waiting: list[str],
    ranked_by: Ranking | None = None,
) -> Covered:
    first, after = asked.quarter.period(kind)
    return Covered(
        duty=kind.duty,
        kind=kind,
        first_day=first,
        last_day=after - timedelta(days=1),
        required=required,
        verified=verified,
        coverage=verified / required if required else None,
        coming=coming,
        open=waiting,
        ranked_by=ranked_by,
    )


def _targets(asked: Asked, kind: TargetKind) -> Select[Any]:
    """Those of a kind who are `owed` a visit in the period, or are coming; whether they were `visited`; whether the asker
    may know who they are.
    """
    first, after = asked.quarter.period(kind)
    last = min(after - timedelta(days=1), asked.at.astimezone(SHANGHAI).date())
    begin, end = first.toordinal(), last.toordinal()
    stands = or_(f.until.is_(None), f.until > asked.at)
    until = case((or_(stands, f.last_day > end), end), else_=f.last_day)
    since = case((f.first_day < begin, begin), else_=f.first_day)
    known = literal(1) if kind in PLACES else case((theirs(asked.act), 1), else_=0)
    flags = (
        select(
            f.target,
            func.sum(case((until >= since, until - since + 1), else_=0)).label("days"),
            func.max(case((stands, 1), else_=0)).label("stands"),
            func.max(known).label("known"),
        )
        .where(f.kind == kind, f.since <= asked.at, f.first_day <= end, or_(stands, f.last_day >= begin))
        .where(within(asked.act, asked.unit))
        .group_by(f.target)
        .subquery()
    )
    least = 1 if kind is TargetKind.DISASTER_AFFECTED else asked.policy.flagged_nd
    owed = flags.c.days >= least
    coming = and_(flags.c.stands == 1, flags.c.days + (after - last).days > least)
    visit = exists(select(literal(1)).where(v.target == flags.c.target, *_counts(asked, kind)))
    return select(
        literal(kind.value).label("kind"),
        flags.c.target,
        flags.c.known,
        case((owed, 1), else_=0).label("owed"),
        case((visit, 1), else_=0).label("visited"),
    ).where(or_(owed, coming))


def _counts(asked: Asked, kind: TargetKind) -> tuple[ColumnElement[bool], ...]:
    """Whether a visit counts: of a person, if he signed or said so when asked; to a place, if the visitor was from elsewhere."""
    begin, end = map(_midnight, asked.quarter.period(kind))
    counted = _counted(asked.at)
    asked_by_then = and_(v.asked_at.is_not(None), v.asked_at <= asked.at)
    confirmed = case((asked_by_then, v.confirmed), else_=v.countersigned)
    good = v.local == 0 if kind in PLACES else confirmed == 1
    return v.recorded_at >= begin, v.recorded_at <= asked.at, counted >= begin, counted < end, good


def _counted(at: datetime) -> ColumnElement[datetime]:
    """When a visit was, as far as that was known at an instant."""
    return case((and_(v.approved_at.is_not(None), v.approved_at <= at), v.seen_at), else_=v.recorded_at)


def _petitioned(db: Connection, asked: Asked) -> Covered:
    """Villages with many reports in the twelve months before the period: counts only, and of what is open to all."""
    kind = TargetKind.PETITION_INTENSIVE
    begin = _midnight(asked.quarter.period(kind)[0])
    busy, ranked_by = _busy(db, asked, begin) if begin <= asked.at else ([], None)
    owed = sorted({*busy} & {*villages(asked.act, asked.unit)})
    seen = set(db.scalars(select(v.target).where(v.target.in_(owed), *_counts(asked, kind)).distinct()))
    return _told(asked, kind, len(owed), len(seen), 0, sorted({*owed} - seen)[:LISTED], ranked_by)


def _busy(db: Connection, asked: Asked, begin: datetime) -> tuple[list[str], Ranking]:
    c, org, policy = case_file.c, asked.act.org, asked.policy
    counted = select(c.village, func.count()).where(
        c.village.is_not(None), ~c.guarded, c.reported_at >= begin.replace(year=begin.year - 1), c.reported_at < begin
    )
    reports: dict[str, int] = {
        village: n for village, n in db.execute(counted.group_by(c.village)) if village in org.units
    }
    live = {village: org.units[village].inhabitants for village in reports}
    known = {village: n for village, n in live.items() if n}
    per_head = len(known) == len(reports)
    rank = {village: n / known[village] if per_head else n for village, n in reports.items()}
    among = max(1, len(villages(asked.act)) * policy.busy_pct // 100)
    first = sorted(rank, key=lambda village: (-rank[village], village))[:among]
    found = [village for village in first if reports[village] >= policy.busy_reports]
    return found, "per_1000_inhabitants" if per_head else "reports"


def _disasters(db: Connection, asked: Asked) -> Iterator[Disaster]:
    begin, end = map(_midnight, asked.quarter.period(TargetKind.DISASTER_AFFECTED))
    query = select(f.target, f.since, f.head_due, f.leader_due).where(
        f.kind == TargetKind.DISASTER_AFFECTED,
        f.since >= begin,
        f.since < end,
        f.since <= asked.at,
        within(asked.act, asked.unit),
    )
    for target, since, head_due, leader_due in db.execute(query.order_by(f.since, f.target)).all():
        head = _hurried(db, asked.at, target, since, head_due, v.by_head)
        leader = _hurried(db, asked.at, target, since, leader_due, v.by_leader)
        yield Disaster(target=target, flagged_at=since, town_head=head, district_leader=leader)


def _hurried(db: Connection, at: datetime, target: str, since: datetime, due: datetime, by: Column[Any]) -> Hurried:
    """When he came, who was there after it was flagged: a time entered later may only hurt whoever enters it."""
    first = select(func.min(_counted(at))).where(v.target == target, v.seen_at >= since, v.recorded_at <= at, by == 1)
    came: datetime | None = db.scalar(first)
    in_time = came < due if came else (False if at >= due else None)
    return Hurried(due_at=due, visited_at=came, in_time=in_time)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
