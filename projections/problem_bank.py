"""The three-tier problem bank: what each tier has now, and everything that ever went through it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, Table, func, select, tuple_

from domain.case import Case
from domain.case.figures import seconds
from domain.case.terms import BOARDS, OPEN, Board, Exit, Status
from domain.decider import Act
from domain.org import Org, Tier, UnitKind
from domain.org.state import SHANGHAI
from projections.bulk import Key, add, counters
from projections.changes import cases, guard_of
from projections.follower import Batch
from projections.schema import Deadline, Instant, text
from projections.visibility import counts_for
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

bank_entry = _counters("bank_entry", Column("day", text(10)))
"""How many came in on each day of the district."""

bank_record = _counters("bank_record")
"""How many cases were ever in it: the permanent record."""

TABLES = (bank_status, bank_age, bank_due, bank_entry, bank_record)


class ProblemBank:
    name = "problem_bank"
    version = 1
    tables: Sequence[Table] = TABLES

    def fold(self, db: Connection, batch: Batch) -> None:
        come: dict[str, Counter[Key]] = {table.name: Counter() for table in TABLES}
        gone: dict[str, Counter[Key]] = {table.name: Counter() for table in TABLES}
        for change in cases(batch):
            old, new = standing(change.before), standing(change.after)
            if old == new:
                continue
            for stands, counted in ((old, gone), (new, come)):
                for table, keys in now(stands):
                    counted[table.name].update(keys)
            if old.course != new.course:
                for stands, counted in ((old, gone), (new, come)):
                    for table, keys in ever(stands.course):
                        counted[table.name].update(keys)
        for table in TABLES:
            come[table.name].subtract(gone[table.name])
            add(db, table, come[table.name])


class Passage(NamedTuple):
    """One stay, as far as the banks care."""

    tier: Tier
    unit: str
    town: str | None
    entered_at: datetime
    void: bool
    resolved: bool


class Course(NamedTuple):
    """Where a case was found, and through whose hands it went."""

    reported_at: datetime | None
    village: str | None
    town: str | None
    guard: str
    passages: tuple[Passage, ...]


class Standing(NamedTuple):
    """All that the banks need to know of a case."""

    course: Course
    status: Status
    due: datetime | None


def standing(case: Case) -> Standing:
    passages = tuple(
        Passage(stay.tier, stay.unit, stay.town, stay.entered_at, stay.void, stay.exit is Exit.RESOLVED)
        for stay in case.stays
    )
    course = Course(case.reported_at, case.village, case.town, guard_of(case), passages)
    return Standing(course, case.status, next_due(case) if case.open else None)


Counted = Iterator[tuple[Table, Iterable[Key]]]


def now(case: Standing) -> Counted:
    """The counters in which a case stands as long as nothing happens."""
    course, status, due = case
    if course.reported_at is None:
        return
    tier, guard = tier_of(course, len(course.passages)), course.guard
    found = places(course, len(course.passages))
    yield bank_status, [(place, tier, status, guard) for place in found]
    if status in OPEN:
        yield bank_age, [(place, tier, course.reported_at, guard) for place in found]
    if due is not None:
        yield bank_due, [(place, tier, due, guard) for place in found]


def ever(course: Course) -> Counted:
    """The counters in which it stands for having been somewhere."""
    if course.reported_at is None:
        return
    record: set[Key] = set()
    for stays in range(len(course.passages) + 1):
        tier, found = tier_of(course, stays), places(course, stays)
        if entered(course, stays):
            at = course.passages[stays - 1].entered_at if stays else course.reported_at
            day = at.astimezone(SHANGHAI).date().isoformat()
            yield bank_entry, [(place, tier, day, course.guard) for place in found]
        if stays or course.village:
            record |= {(place, tier, course.guard) for place in found}
    yield bank_record, record


def tier_of(course: Course, stays: int) -> Tier:
    """In which bank it was after so many stays; before the first one, in that for which it was found."""
    if stays:
        return course.passages[stays - 1].tier
    return Tier.VILLAGE if course.village else Tier.DISTRICT


def places(course: Course, stays: int) -> set[str]:
    """Whose bank showed it after so many stays: of whoever held it then, and of those below it had come from."""
    tier = course.passages[stays - 1].tier if stays else None
    found: set[str | None] = {EVERYWHERE}
    if tier is not Tier.VILLAGE:
        found |= {course.village, course.town}
    for place, passage in enumerate(course.passages[:stays], 1):
        if place == stays or (tier and HEIGHT[passage.tier] < HEIGHT[tier] and not passage.void):
            found |= {passage.unit, passage.town}
    return {place for place in found if place is not None}


def entered(course: Course, stays: int) -> bool:
    """Whether its last stay was new to the bank: after the report, another tier, or being reopened."""
    if stays == 0:
        return True
    reopened = stays > 1 and course.passages[stays - 2].resolved
    return reopened or tier_of(course, stays) is not tier_of(course, stays - 1)


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

Known = Callable[[str], bool]


def tiers(db: Connection, act: Act, unit: str | None = None) -> list[Bank]:
    """The three banks of a unit, or of the whole district. No case is looked at by itself."""
    mine, known = counted_under(act.org, unit), counts_for(act)

    def sums(table: Table, *also: ColumnElement[bool], by: str = "tier") -> Counter[tuple[str, str]]:
        """How many there are in each tier, and of each status (or whatever `by` names)."""
        key = (table.c.tier, table.c[by], table.c.guard)
        query = select(*key, func.sum(table.c.n)).where(table.c.place.in_(mine), table.c.tier.in_(Tier), *also)
        found: Counter[tuple[str, str]] = Counter()
        for tier, one, guard, n in db.execute(query.group_by(*key)):
            found[tier, one] += int(n) if known(guard) else 0
        return found

    of_board = {board: [status for status in BOARDS if BOARDS[status] is board] for board in Board}
    statuses = sums(bank_status, by="status")
    entries = sums(bank_entry, bank_entry.c.day == act.org.day(act.at).isoformat())
    late = sums(bank_due, bank_due.c.due_at <= act.at)
    record = sums(bank_record)
    return [
        Bank(
            tier=tier,
            bank=BANKS[tier],
            open=sum(statuses[tier, status] for status in OPEN),
            boards={board: sum(statuses[tier, status] for status in of_board[board]) for board in Board},
            statuses={status: n for status in Status if (n := statuses[tier, status])},
            new_today=entries[tier, tier],
            overdue=late[tier, tier],
            oldest_age_s=_oldest_age(db, act.at, mine, tier, known),
            passed_through=record[tier, tier],
        )
        for tier in Tier
    ]


def counted_under(org: Org, unit: str | None) -> list[str]:
    """Whose counters are a unit's: its own, and those of the units that were merged into it."""
    known = org.unit(unit) if unit is not None else None
    if unit is None or (known is not None and known.kind is UnitKind.DISTRICT):
        return [EVERYWHERE]
    return [unit, *sorted(one for one in org.below(unit) if org.successor(one) == unit)]


def _oldest_age(db: Connection, now: datetime, mine: Sequence[str], tier: Tier, known: Known) -> int | None:
    oldest = min(filter(None, (_oldest(db, place, tier, known) for place in mine)), default=None)
    return None if oldest is None else seconds(oldest, now)


def _oldest(db: Connection, place: str, tier: Tier, known: Known) -> datetime | None:
    """When the oldest open case was reported, of those that count: the first few rows of an index."""
    c = bank_age.c
    key = (c.reported_at, c.guard)
    query = select(*key).where(c.place == place, c.tier == tier).order_by(*key).limit(FEW)
    rows = db.execute(query).all()
    while rows:
        if (found := next((row.reported_at for row in rows if known(row.guard)), None)) is not None:
            oldest: datetime = found
            return oldest
        rows = db.execute(query.where(tuple_(*key) > tuple_(*rows[-1]))).all() if len(rows) == FEW else []
    return None


FEW = 20
