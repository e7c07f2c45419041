"""The three-tier problem bank: what each tier has now, and everything that ever went through it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Date, Table

from domain.case import Case
from domain.case.terms import Exit
from domain.org import Tier
from domain.org.state import SHANGHAI
from projections.bulk import Key, add, counters
from projections.changes import changes, guard_of
from projections.follower import Step
from projections.schema import Deadline, Instant, text
from projections.waits import next_due

EVERYWHERE = ""
"""The place in which every case is: the district as a whole."""

HEIGHT = {tier: height for height, tier in enumerate(Tier)}


def _counters(name: str, *keys: Column[Any]) -> Table:
    return counters(name, Column("place", text(64)), Column("tier", text(16)), *keys, Column("guard", text(1000)))


bank_status = _counters("bank_status", Column("status", text(24)))
"""How many cases of each status a bank holds. `place` is the unit whose bank it is."""

bank_age = _counters("bank_age", Column("reported_at", Instant))
"""When those still open were reported."""

bank_due = _counters("bank_due", Column("due_at", Deadline))
"""When an office will be late with those still open."""

bank_entry = _counters("bank_entry", Column("day", Date))
"""How many came in on each day of the district."""

bank_record = _counters("bank_record")
"""How many cases were ever in it: the permanent record."""

TABLES = (bank_status, bank_age, bank_due, bank_entry, bank_record)


class ProblemBank:
    name = "problem_bank"
    version = 1
    tables: Sequence[Table] = TABLES

    def fold(self, db: Connection, steps: Sequence[Step]) -> None:
        amounts: dict[str, Counter[Key]] = {table.name: Counter() for table in TABLES}
        for change in changes(steps):
            for table, key in shown(change.before):
                amounts[table.name][key] -= 1
            for table, key in shown(change.after):
                amounts[table.name][key] += 1
        for table in TABLES:
            add(db, table, amounts[table.name])


def shown(case: Case) -> Iterator[tuple[Table, Key]]:
    """The counters in which a case stands."""
    if case.reported_at is None:
        return
    guard, due, tiers = guard_of(case), next_due(case), tiers_of(case)
    for place in places(case, len(case.stays)):
        yield bank_status, (place, tiers[-1], case.status, guard)
        if case.open:
            yield bank_age, (place, tiers[-1], case.reported_at, guard)
            if due is not None:
                yield bank_due, (place, tiers[-1], due, guard)
    record = set()
    for index, tier in enumerate(tiers):
        at = case.stays[index - 1].entered_at if index else case.reported_at
        found = places(case, index)
        if entered(case, index):
            day = at.astimezone(SHANGHAI).date()
            yield from ((bank_entry, (place, tier, day, guard)) for place in found)
        if index or case.village:
            record |= {(place, tier, guard) for place in found}
    yield from ((bank_record, key) for key in record)


def tiers_of(case: Case) -> list[Tier]:
    """The banks it went through: first the one it was found for, then that of each stay."""
    return [Tier.VILLAGE if case.village else Tier.DISTRICT, *(stay.tier for stay in case.stays)]


def places(case: Case, stays: int) -> set[str]:
    """Whose bank showed it after so many stays: of whoever held it then, and of those below it had come from."""
    tier = case.stays[stays - 1].tier if stays else None
    found: set[str | None] = {EVERYWHERE}
    if tier is not Tier.VILLAGE:
        found |= {case.village, case.town}
    for stay in case.stays[:stays]:
        if tier and HEIGHT[stay.tier] < HEIGHT[tier] and not stay.void:
            found |= {stay.unit, stay.town}
    if stays:
        found |= {case.stays[stays - 1].unit, case.stays[stays - 1].town}
    return {place for place in found if place is not None}


def entered(case: Case, index: int) -> bool:
    """Whether it was new to the bank: reported, moved between the tiers, or reopened."""
    if index == 0:
        return True
    tiers = tiers_of(case)
    reopened = index > 1 and case.stays[index - 2].exit is Exit.RESOLVED
    return reopened or tiers[index] is not tiers[index - 1]
