"""The register of whom one must visit: each with its flags, and the visits that wait for a superior."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Integer, func, select

from domain.decider import Act
from domain.duties import TargetKind
from domain.duties.target import READING, may
from domain.org import LOCAL
from projections.duties.targets import duty_flag, duty_visit, known_to, within
from projections.following.pages import Page, cursor, key_of

f, v = duty_flag.c, duty_visit.c

LATE = 20
"""Visits of one target that are told while they wait for approval."""


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A time with a flag; `until` is open while it stands."""

    kind: TargetKind
    since: datetime
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class WrittenLater:
    """A visit that waits for a superior: it counts from when it was recorded until he has approved of `seen_at`."""

    visit: int
    visitor: str
    seen_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A place or a person with every flag it ever had, and when it last was visited in a way that may count.

    `late` are the last visits that wait for approval, for those in whose area it lies.
    """

    target: str
    village: str
    flags: Sequence[Flag]
    visited_at: datetime | None
    late: Sequence[WrittenLater]


def register(
    db: Connection,
    act: Act,
    *,
    kind: TargetKind | None = None,
    unit: str | None = None,
    flagged: bool | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Page[Registered]:
    """One page of those he may visit, by id. `flagged` leaves those with, or without, a flag that stands.

    Raises Invalid for a cursor of another list.
    """
    standing = func.max(f.until.is_(None).cast(Integer))
    query = select(f.target, func.max(f.village)).where(known_to(act), within(act.org, unit))
    if kind is not None:
        query = query.where(f.kind == kind)
    if after is not None:
        [last] = key_of("targets", (str,), after)
        query = query.where(f.target > last)
    query = query.group_by(f.target).order_by(f.target).limit(limit + 1)
    if flagged is not None:
        query = query.having(standing == int(flagged))
    rows = db.execute(query).all()
    following = cursor("targets", (rows[limit - 1][0],)) if len(rows) > limit else None
    return Page(items=_registered(db, act, {id: village for id, village in rows[:limit]}), next=following)


def _registered(db: Connection, act: Act, found: dict[str, str]) -> list[Registered]:
    flags: dict[str, list[Flag]] = {id: [] for id in found}
    flagged = select(f.target, f.kind, f.since, f.until).where(f.target.in_(list(found)), known_to(act))
    for id, kind, since, until in db.execute(flagged.order_by(f.since, f.kind)):
        flags[id].append(Flag(kind=TargetKind(kind), since=since, until=until))
    visits = select(v.target, func.max(v.recorded_at)).where(v.target.in_(list(found))).group_by(v.target)
    visited = {id: at for id, at in db.execute(visits)}
    late = _written_later(db, [id for id, village in found.items() if may(village, act, LOCAL, READING)])
    return [
        Registered(target=id, village=village, flags=flags[id], visited_at=visited.get(id), late=late.get(id, ()))
        for id, village in found.items()
    ]


def _written_later(db: Connection, targets: Sequence[str]) -> dict[str, list[WrittenLater]]:
    """Of each, the last ones that nobody has approved."""
    found: dict[str, list[WrittenLater]] = {}
    waits = (v.target.in_(targets), v.version > 0, v.seen_at < v.recorded_at, v.approved_at.is_(None))
    query = select(v.target, v.version, v.visitor, v.seen_at, v.recorded_at).where(*waits)
    for target, visit, visitor, seen, recorded in db.execute(query.order_by(v.position.desc())):
        some = found.setdefault(target, [])
        if len(some) < LATE:
            some.append(WrittenLater(visit=visit, visitor=visitor, seen_at=seen, recorded_at=recorded))
    return found
