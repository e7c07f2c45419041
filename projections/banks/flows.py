"""How cases flow: from intake into the tiers, from one tier into another, and out of them, day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Column, Connection, Table, func, select

from domain.case import Case
from domain.case.stays import Stay
from domain.case.terms import Exit
from domain.decider import Act
from projections.banks.problem_bank import counted_under
from projections.banks.standing import EVERYWHERE
from projections.cases.guard import counts_for, guard_of
from projections.cases.then import Then
from projections.following.bulk import Key, add, counters
from projections.following.days import day_of
from projections.following.projection import Batch
from projections.following.schema import text


class Place(StrEnum):
    """Where cases come from and go to, besides the three tiers."""

    INTAKE = "intake"
    PENDING = "pending"
    """The pending list (挂账)."""
    RESOLVED = "resolved"
    ENDED = "ended"
    """Withdrawn, or joined with an earlier report."""


flow = counters(
    "flow",
    Column("place", text(64)),
    Column("day", text(10)),
    Column("source", text(16)),
    Column("target", text(16)),
    Column("exit", text(24)),
    Column("guard", text(1000)),
)
"""How many moved on a day. `place` is a unit that one of the two ends belongs to, or the district as a whole."""

OUT: dict[str, str] = {
    Exit.RESOLVED: Place.RESOLVED,
    Exit.SUSPENDED: Place.PENDING,
    Exit.WITHDRAWN: Place.ENDED,
    Exit.MERGED: Place.ENDED,
}
"""Where a case goes by this exit, and where it comes from when it returns."""


class Flows:
    name = "flows"
    version = 1
    tables: Sequence[Table] = (flow,)

    def fold(self, db: Connection, batch: Batch) -> None:
        moved: Counter[Key] = Counter()
        for change in batch.changes(Case):
            old, new = guard_of(change.before), guard_of(change.after)
            if change.before.stays is not change.after.stays or old != new:
                moved.subtract(moves(change.before, old))
                moved.update(moves(change.after, new))
        add(db, flow, moved)


def moves(case: Case, guard: str) -> Iterator[Key]:
    """Every move of a case, for each place it counts in. Void stays count as if they had never been."""
    stays = [stay for stay in case.stays if not stay.void]
    for before, stay in zip((None, *stays), stays, strict=False):
        how = before.exit or "" if before else ""
        source = OUT.get(how, before.tier) if before else Place.INTAKE
        yield from _counted(day_of(stay.entered_at), source, stay.tier, how, guard, stay, before)
    for stay in stays:
        if stay.left_at is not None and stay.exit in OUT:
            yield from _counted(day_of(stay.left_at), stay.tier, OUT[stay.exit], stay.exit, guard, stay, None)


def _counted(
    day: str, source: str, target: str, how: str, guard: str, stay: Stay, before: Stay | None
) -> Iterator[Key]:
    both = (stay.unit, stay.town, *((before.unit, before.town) if before else ()))
    for place in {EVERYWHERE, *filter(None, both)}:
        yield place, day, source, target, how, guard


@dataclass(frozen=True, kw_only=True)
class Flow:
    """How many moved from one place to another, and how their stay before had ended (null for those that are new)."""

    source: str
    target: str
    exit: Exit | None
    n: int


def flows(db: Connection, act: Act, unit: str | None, since: date, until: date, then: Then | None = None) -> list[Flow]:
    """What moved from one day up to the end of another, into, out of and inside a unit, or the whole district."""
    known, mine = counts_for(act), counted_under(act.org, unit)
    first, last = since.isoformat(), until.isoformat()
    c = flow.c
    key = (c.source, c.target, c.exit, c.guard)
    query = select(*key, func.sum(c.n)).where(c.place.in_(mine), c.day.between(first, last)).group_by(*key)
    found: Counter[tuple[str, str, str]] = Counter()
    for source, target, how, guard, n in db.execute(query):
        found[source, target, how] += int(n) if known(guard) else 0
    for case, guard, sign in then.both() if then else ():
        for place, day, *move, _ in moves(case, guard):
            if place in mine and first <= day <= last and known(guard):
                found[tuple(move)] += sign
    return [
        Flow(source=source, target=target, exit=Exit(how) if how else None, n=n)
        for (source, target, how), n in sorted(found.items())
        if n
    ]
