"""Coverage place by place: in each town of the district, or each village of a town, who is owed a visit and was paid one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, union_all

from domain.duties import TargetKind
from domain.org import UnitKind
from projections.duties.owed import CoverageQuestion, petitioned, targets
from projections.duties.targets import villages
from projections.following.among import named

INSIDE = (UnitKind.TOWN, UnitKind.VILLAGE, UnitKind.COMMUNITY)


@dataclass(frozen=True, kw_only=True)
class Share:
    """Of those of a kind who are owed a visit here, how many were paid one that counts."""

    kind: TargetKind
    required: int
    verified: int
    coverage: float


@dataclass(frozen=True, kw_only=True)
class Place:
    """A unit directly below the one asked for, with each kind of which somebody is owed a visit there."""

    unit: str
    duties: list[Share]


def place_by_place(db: Connection, asked: CoverageQuestion) -> list[Place]:
    """All places at once: one by one, each would cost as much as the whole."""
    units = asked.org.units.values()
    above = {one.id for one in units if one.kind is UnitKind.DISTRICT} if asked.unit is None else {asked.unit}
    inside = [one.id for one in units if one.parent in above and one.kind in INSIDE and not one.closed]
    place_of = {village: place for place in inside for village in villages(asked.org, place)}
    required, verified = _counted(db, asked, place_of)
    return [
        Place(
            unit=place,
            duties=[
                Share(kind=kind, required=owed, verified=paid, coverage=paid / owed)
                for kind in TargetKind
                if (owed := required[place, kind])
                for paid in [verified[place, kind]]
            ],
        )
        for place in inside
    ]


Counts = Counter[tuple[str, TargetKind]]


def _counted(db: Connection, asked: CoverageQuestion, place_of: Mapping[str, str]) -> tuple[Counts, Counts]:
    """How many are owed a visit, and how many of them were paid one."""
    place = named(db, place_of)
    kinds = [kind for kind in TargetKind if kind is not TargetKind.PETITION_INTENSIVE]
    found = union_all(*(targets(asked, kind, place) for kind in kinds)).subquery().c
    sums = select(found.place, found.kind, func.sum(found.owed), func.sum(found.owed * found.visited))
    required, verified = Counts(), Counts()
    for unit, kind, owed, paid in db.execute(sums.group_by(found.place, found.kind)):
        required[unit, TargetKind(kind)], verified[unit, TargetKind(kind)] = owed, paid
    many, seen, _ = petitioned(db, asked)
    required.update((place_of[village], TargetKind.PETITION_INTENSIVE) for village in many if village in place_of)
    verified.update((place_of[village], TargetKind.PETITION_INTENSIVE) for village in seen if village in place_of)
    return required, verified
