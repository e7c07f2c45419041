"""Which places and people are owed a visit in a quarter, and which were paid one that counts: the basis of every
coverage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, case, exists, func, literal, or_, select

from domain.decider import Act
from domain.duties import PLACES, Quarter, TargetKind
from domain.org import Org, Tier
from domain.rules.must_visits import MustVisits
from domain.zone import day_at, midnight
from projections.cases.case_file import case_file
from projections.duties.targets import duty_flag, duty_visit, theirs, villages, within

f, v = duty_flag.c, duty_visit.c
Ranking = Literal["per_1000_inhabitants", "reports"]
"""How villages with many reports were ranked: by reports alone where the number of inhabitants of one is unknown."""


@dataclass(frozen=True, kw_only=True)
class CoverageQuestion:
    """A question about coverage: which unit, which quarter, as of when, by which rules and which organisation."""

    act: Act
    org: Org
    unit: str | None
    quarter: Quarter
    at: datetime
    policy: MustVisits

    @cached_property
    def known(self) -> ColumnElement[bool]:
        return theirs(self.act)

    @cached_property
    def within(self) -> ColumnElement[bool]:
        return within(self.org, self.unit)


def targets(asked: CoverageQuestion, kind: TargetKind, place: FromClause | None = None) -> Select[Any]:
    """The targets of a kind that are `owed` a visit in the period, or will be if their flag stays.

    With each, whether it was `visited`, and whether the asker may know who it is. `place` maps each village (`key`) to
    the place it is counted in (`value`): then a target is told for each place where it was flagged.
    """
    where = asked.within if place is None else f.village == place.c.key
    by = (f.target,) if place is None else (f.target, place.c.value)
    first, after = asked.quarter.period(kind)
    last = min(after - timedelta(days=1), day_at(asked.at))
    begin, end = first.toordinal(), last.toordinal()
    stands = or_(f.until.is_(None), f.until > asked.at)
    until = case((or_(stands, f.last_day > end), end), else_=f.last_day)
    since = case((f.first_day < begin, begin), else_=f.first_day)
    known = literal(1) if kind in PLACES else case((asked.known, 1), else_=0)
    flags = (
        select(
            *by,
            func.sum(case((until >= since, until - since + 1), else_=0)).label("days"),
            func.max(case((stands, 1), else_=0)).label("stands"),
            func.max(known).label("known"),
        )
        .where(f.kind == kind, f.since <= asked.at, f.first_day <= end, or_(stands, f.last_day >= begin))
        .where(where)
        .group_by(*by)
        .subquery()
    )
    least = 1 if kind is TargetKind.DISASTER_AFFECTED else asked.policy.flagged_nd
    owed = flags.c.days >= least
    coming = and_(flags.c.stands == 1, flags.c.days + (after - last).days > least)
    visit = exists(select(literal(1)).where(v.target == flags.c.target, *counts(asked, kind)))
    return select(
        literal(kind.value).label("kind"),
        flags.c.target,
        flags.c.known,
        case((owed, 1), else_=0).label("owed"),
        case((visit, 1), else_=0).label("visited"),
        *(() if place is None else (flags.c.value.label("place"),)),
    ).where(or_(owed, coming))


def counts(asked: CoverageQuestion, kind: TargetKind) -> tuple[ColumnElement[bool], ...]:
    """Conditions under which a visit counts: to a person if he signed or confirmed it, to a place if the visitor was
    not local.

    A visit to a household is none to a place, whatever its id.
    """
    begin, end = map(midnight, asked.quarter.period(kind))
    counted = counted_at(asked.at)
    asked_by_then = and_(v.asked_at.is_not(None), v.asked_at <= asked.at)
    confirmed = case((asked_by_then, v.confirmed), else_=v.countersigned)
    good = and_(v.local == 0, v.version > 0) if kind in PLACES else confirmed == 1
    return v.recorded_at >= begin, v.recorded_at <= asked.at, counted >= begin, counted < end, good


def counted_at(at: datetime) -> ColumnElement[datetime]:
    """The instant for which a visit counts, as known at another instant: before it is approved, when it was recorded."""
    return case((and_(v.approved_at.is_not(None), v.approved_at <= at), v.seen_at), else_=v.recorded_at)


def petitioned(db: Connection, asked: CoverageQuestion) -> tuple[set[str], set[str], Ranking | None]:
    """Villages with many reports in the twelve months before the period, those of them visited, and how they were ranked.

    Counts only, and of what is open to all.
    """
    kind, org = TargetKind.PETITION_INTENSIVE, asked.org
    first, after = asked.quarter.period(kind)
    stands = {village: _standing(org, village, after) for village in villages(org)}
    busy, ranked_by = _busy(db, asked, midnight(first), stands) if midnight(first) <= asked.at else ([], None)
    owed = {*busy} & {*villages(org, asked.unit)}
    there = sorted(village for village, place in stands.items() if place in owed)
    seen = db.scalars(select(v.target).where(v.target.in_(there), *counts(asked, kind)).distinct())
    return owed, {place for village in seen if (place := stands[village])}, ranked_by


def _busy(
    db: Connection, asked: CoverageQuestion, begin: datetime, stands: Mapping[str, str | None]
) -> tuple[list[str], Ranking]:
    c, org, policy = case_file.c, asked.org, asked.policy
    counted = select(c.village, func.count()).where(
        c.village.is_not(None), ~c.guarded, c.reported_at >= begin.replace(year=begin.year - 1), c.reported_at < begin
    )
    reports = Counter[str]()
    for village, n in db.execute(counted.group_by(c.village)):
        if place := stands.get(village):
            reports[place] += n
    live = {village: org.units[village].inhabitants for village in reports}
    known = {village: n for village, n in live.items() if n}
    per_head = len(known) == len(reports)
    rank = {village: n / known[village] if per_head else n for village, n in reports.items()}
    among = max(1, len(set(filter(None, stands.values()))) * policy.busy_pct // 100)
    first = sorted(rank, key=lambda village: (-rank[village], village))[:among]
    found = [village for village in first if reports[village] >= policy.busy_reports]
    return found, "per_1000_inhabitants" if per_head else "reports"


def _standing(org: Org, village: str, after: date) -> str | None:
    """The village, or the one that took it over, where it was closed before the period ends; None where nothing did."""
    unit = org.unit(village)
    while unit is not None and unit.closed_on is not None and unit.closed_on < after:
        unit = org.unit(unit.successor) if unit.successor else None
    return unit.id if unit is not None and unit.tier is Tier.VILLAGE else None
