"""How many of those who must be visited were: who is owed a visit, who was paid one that counts, and the share per quarter.

A target is owed a visit once it has had its flag for enough days of the period. Days that are past stay past, so taking
a flag away never makes the share look better; who has it, but not for so long yet, is `coming`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CompoundSelect, Connection, func, literal, select, union_all

from domain.decider import Act
from domain.duties import Quarter, TargetKind, VisitDuty
from domain.org import Org
from domain.rules.must_visits import MustVisits
from projections.duties.disasters import Disaster, disasters
from projections.duties.owed import CoverageQuestion, Ranking, petitioned, targets
from projections.duties.place_by_place import Place, place_by_place
from projections.duties.targets import duty_flag

f = duty_flag.c
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


@dataclass(frozen=True, kw_only=True)
class Distinct:
    """Places or people, each once, whatever they are flagged as; verified where every flag of theirs is."""

    duty: VisitDuty
    required: int
    verified: int


@dataclass(frozen=True, kw_only=True)
class CoverageOf:
    unit: str | None
    quarter: str
    at: datetime
    duties: list[Covered]
    distinct: list[Distinct]
    disasters: list[Disaster]
    places: list[Place]


def coverage(
    db: Connection,
    act: Act,
    quarter: Quarter,
    unit: str | None = None,
    *,
    at: datetime | None = None,
    policy: MustVisits | None = None,
    org: Org | None = None,
    each_place: bool = False,
) -> CoverageOf:
    """The ten kinds in one unit's villages, or in the district, as known at an instant; in `each_place` of it, too."""
    asked = CoverageQuestion(
        act=act,
        org=org or act.org,
        unit=unit,
        quarter=quarter,
        at=at or act.at,
        policy=policy or act.rules.policy.must_visits,
    )
    places, people = [covered(db, asked, duty) for duty in VisitDuty]
    return CoverageOf(
        unit=unit,
        quarter=str(quarter),
        at=asked.at,
        duties=[*places[0], *people[0]],
        distinct=[places[1], people[1]],
        disasters=list(disasters(db, asked)),
        places=place_by_place(db, asked) if each_place else [],
    )


def first_flagged(db: Connection) -> datetime | None:
    """When anything was flagged for the first time."""
    first: datetime | None = db.scalar(select(func.min(f.since)))
    return first


def flagged_villages(db: Connection) -> list[str]:
    """Where anything ever was flagged."""
    return list(db.scalars(select(f.village).distinct()))


def covered(db: Connection, asked: CoverageQuestion, duty: VisitDuty) -> tuple[list[Covered], Distinct]:
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
        else _covered(asked, kind, *counted.get(kind, (0, 0, 0)), sorted(waiting[kind]))
        for kind in kinds
    ], Distinct(duty=duty, required=required, verified=verified)


def _counted_in_one_go(asked: CoverageQuestion, kinds: Sequence[TargetKind]) -> CompoundSelect[Any]:
    """For each kind how many are owed a visit, were paid one, are coming; for no kind the same, each target once.

    And by name the first of those who still wait, of whom he may know.
    """
    each_kind = [targets(asked, kind) for kind in kinds if kind is not TargetKind.PETITION_INTENSIVE]
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


def _covered(
    asked: CoverageQuestion,
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


def _petitioned(db: Connection, asked: CoverageQuestion) -> Covered:
    owed, seen, ranked_by = petitioned(db, asked)
    waiting = sorted(owed - seen)[:LISTED]
    return _covered(asked, TargetKind.PETITION_INTENSIVE, len(owed), len(seen), 0, waiting, ranked_by)
