"""The three-tier problem bank: what each tier has now, and everything that ever went through it."""

from __future__ import annotations

from collections import Counter, defaultdict, namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from domain.case import Case
from domain.case.figures import seconds
from domain.case.terms import BOARDS, OPEN, Board, Status
from domain.decider import Act
from domain.org import Org, Tier, UnitKind
from projections.banks.open_since import OpenSince
from projections.banks.standing import (
    EVERYWHERE,
    RECORD,
    TABLES,
    Standing,
    bank_age,
    bank_cohort,
    bank_due,
    bank_due_span,
    bank_entry,
    bank_record,
    bank_status,
    counters_ever,
    counters_now,
    standing,
)
from projections.cases.guard import Known, counts_for, guard_of
from projections.cases.then import Then
from projections.following.bulk import Key, add
from projections.following.days import day_of, morning, spans_before
from projections.following.projection import Batch


class ProblemBank:
    name = "problem_bank"
    version = 4
    tables: Sequence[Table] = TABLES

    def fold(self, db: Connection, batch: Batch) -> None:
        counted: dict[str, defaultdict[Key, int]] = {table.name: defaultdict(int) for table in TABLES}
        for change in batch.changes(Case):
            old, new = (standing(case, guard_of(case)) for case in (change.before, change.after))
            if old == new:
                continue
            again = old.course != new.course
            for stands, sign in ((old, -1), (new, 1)):
                for table, keys in chain(counters_now(stands), counters_ever(stands.course) if again else ()):
                    counter = counted[table.name]
                    for key in keys:
                        counter[key] += sign
        for table in TABLES:
            add(db, table, counted[table.name])


@dataclass(frozen=True, kw_only=True)
class Bank:
    """One of the three banks, counting what the reader may know of."""

    tier: Tier
    bank: str
    open: int
    boards: dict[Board, int]
    statuses: dict[Status, int]
    new_today: int
    overdue: int
    oldest_age_s: int | None
    passed_through: int


BANKS = {Tier.VILLAGE: "village_record", Tier.TOWN: "town_resolution", Tier.DISTRICT: "district_escalation"}


def tiers(db: Connection, act: Act, unit: str | None = None, then: Then | None = None) -> list[Bank]:
    """The three banks of a unit, or of the whole district, as they stand or stood then. They are counted, not listed."""
    mine, at = counted_under(act.org, unit), then.at if then else act.at
    counted = Counted(db, mine, counts_for(act), then)
    today = day_of(at)
    if then is None:
        statuses, record = counted.sums(bank_status, by="status"), counted.sums(bank_record)
    else:
        statuses = counted.sums(bank_cohort, bank_cohort.c.day <= today, by="what", of=lambda key: key.day <= today)
        record = Counter({(tier, tier): n for (tier, what), n in statuses.items() if what == RECORD})
    entries = counted.sums(bank_entry, bank_entry.c.day == today, of=lambda key: key.day == today)
    late, oldest = counted.late(at), counted.oldest(at)
    of_board = {board: [status for status in BOARDS if BOARDS[status] is board] for board in Board}
    return [
        Bank(
            tier=tier,
            bank=BANKS[tier],
            open=sum(statuses[tier, status] for status in OPEN),
            boards={board: sum(statuses[tier, status] for status in of_board[board]) for board in Board},
            statuses={status: n for status in Status if (n := statuses[tier, status])},
            new_today=entries[tier, tier],
            overdue=late[tier, tier],
            oldest_age_s=seconds(oldest[tier], at) if tier in oldest else None,
            passed_through=record[tier, tier],
        )
        for tier in Tier
    ]


def counted_under(org: Org, unit: str | None) -> list[str]:
    """The places whose counters make up those of a unit: its own, and units that were merged into it; all, without a
    unit.
    """
    known = org.unit(unit) if unit is not None else None
    if unit is None or (known is not None and known.kind is UnitKind.DISTRICT):
        return [EVERYWHERE]
    return [unit, *sorted(one for one in org.below(unit) if org.successor(one) == unit)]


NAMED: dict[str, Any] = {
    table.name: namedtuple(table.name, [one.name for one in table.primary_key]) for table in TABLES
}
"""The keys of each table, by name."""


class Counted:
    """The counters of some places, as far as a reader may know of them, corrected by the cases that moved since."""

    def __init__(self, db: Connection, places: Sequence[str], known: Known, then: Then | None) -> None:
        self._db = db
        self._places = places
        self._known = known
        self._put_right: dict[str, Counter[Any]] = defaultdict(Counter)
        self._moved = None if then is None else self._put_right[bank_age.name]
        for case, guard, sign in then.both() if then else ():
            if known(guard):
                self._count(standing(case, guard), sign)

    def _count(self, stands: Standing, sign: int) -> None:
        for table, keys in chain(counters_now(stands), counters_ever(stands.course)):
            for key in keys:
                if key[0] in self._places:
                    self._put_right[table.name][NAMED[table.name](*key)] += sign

    def sums(
        self, table: Table, *also: ColumnElement[bool], by: str = "tier", of: Callable[[Any], bool] = bool
    ) -> Counter[tuple[str, str]]:
        """How many there are in each tier, and of each status (or whatever `by` names). `also` and `of` say the same."""
        key = (table.c.tier, table.c[by], table.c.guard)
        query = select(*key, func.sum(table.c.n)).where(table.c.place.in_(self._places), table.c.tier.in_(Tier), *also)
        found: Counter[tuple[str, str]] = Counter()
        for tier, one, guard, n in self._db.execute(query.group_by(*key)):
            found[tier, one] += int(n) if self._known(guard) else 0
        for named, n in self._put_right[table.name].items():
            if of(named):
                found[named.tier, getattr(named, by)] += n
        return found

    def late(self, at: datetime) -> Counter[tuple[str, str]]:
        """With how many an office is late: those of earlier months and days, and those of this day one by one."""
        begun, due_at, span = morning(at), bank_due.c.due_at, bank_due_span.c.span
        late = self.sums(bank_due, due_at >= begun, due_at <= at, of=lambda key: begun <= key.due_at <= at)
        for first, last in spans_before(day_of(at)):
            late.update(self.sums(bank_due_span, span >= first, span < last, of=partial(_lies_in, first, last)))
        return late

    def oldest(self, at: datetime) -> Mapping[Tier, datetime]:
        """When the oldest open case of each tier was reported."""
        open_ = OpenSince(self._db, dict.fromkeys(Tier, self._places), self._known, at, self._moved)
        found: dict[Tier, datetime] = {}
        for (_, tier), first in open_.oldest().items():
            found[Tier(tier)] = min(first, found.get(Tier(tier), first))
        return found


def _lies_in(first: str, last: str, key: Any) -> bool:
    within: bool = first <= key.span < last
    return within
