"""In which counters of the three banks a case counts: where it stands, and where it ever stood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, Table

from domain.case import Case
from domain.case.terms import OPEN, Exit, Status
from domain.org import Tier
from projections.cases.waits import next_due
from projections.following.bulk import Key, counters
from projections.following.days import day_of, spans_of
from projections.following.schema import Deadline, Instant, text

EVERYWHERE = ""
"""The place in which every case is: the district as a whole."""

HEIGHT = {tier: height for height, tier in enumerate(Tier)}


def _counters(name: str, *keys: Column[Any]) -> Table:
    return counters(name, Column("place", text(64)), Column("tier", text(16)), *keys, Column("guard", text(1000)))


bank_status = _counters("bank_status", Column("status", text(24)))
"""How many cases of each status a bank holds. `place` is the unit whose bank it is."""

bank_age = _counters("bank_age", Column("reported_at", Instant))
"""How many open cases were reported at each instant."""

bank_due = _counters("bank_due", Column("due_at", Deadline))
"""How many open cases an office will be late with at each instant."""

bank_due_span = _counters("bank_due_span", Column("span", text(12)))
"""The same by month (`m:2025-03`) and by day (`d:2025-03-09`): however many are late, few rows count them."""

bank_entry = _counters("bank_entry", Column("day", text(10)))
"""How many came in on each day of the district."""

bank_record = _counters("bank_record")
"""How many cases were ever in it: the permanent record."""

bank_cohort = _counters("bank_cohort", Column("what", text(24)), Column("day", text(10)))
"""The statuses and the record by the day of the report as well: for what a bank had at an earlier instant."""

RECORD = "record"
TABLES = (bank_status, bank_age, bank_due, bank_due_span, bank_entry, bank_record, bank_cohort)


class Passage(NamedTuple):
    """A stay, as far as the banks need it."""

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


def standing(case: Case, guard: str) -> Standing:
    passages = tuple(
        Passage(stay.tier, stay.unit, stay.town, stay.entered_at, stay.void, stay.exit is Exit.RESOLVED)
        for stay in case.stays
    )
    course = Course(case.reported_at, case.village, case.town, guard, passages)
    return Standing(course, case.status, next_due(case) if case.open else None)


Counters = Iterator[tuple[Table, Iterable[Key]]]


def counters_now(case: Standing) -> Counters:
    """The counters in which a case counts as it stands now."""
    course, status, due = case
    if course.reported_at is None:
        return
    tier, guard = tier_of(course, len(course.passages)), course.guard
    found = places(course, len(course.passages))
    yield bank_status, [(place, tier, status, guard) for place in found]
    yield bank_cohort, [(place, tier, status, day_of(course.reported_at), guard) for place in found]
    if status in OPEN:
        yield bank_age, [(place, tier, course.reported_at, guard) for place in found]
    if due is not None:
        yield bank_due, [(place, tier, due, guard) for place in found]
        yield bank_due_span, [(place, tier, span, guard) for place in found for span in spans_of(due)]


def counters_ever(course: Course) -> Counters:
    """The counters in which it counts for ever, for having been in a bank."""
    if course.reported_at is None:
        return
    record: set[Key] = set()
    for stays in range(len(course.passages) + 1):
        tier, found = tier_of(course, stays), places(course, stays)
        if entered(course, stays):
            day = day_of(course.passages[stays - 1].entered_at if stays else course.reported_at)
            yield bank_entry, [(place, tier, day, course.guard) for place in found]
        if stays or course.village:
            record |= {(place, tier, course.guard) for place in found}
    yield bank_record, record
    reported = day_of(course.reported_at)
    yield bank_cohort, [(place, tier, RECORD, reported, guard) for place, tier, guard in record]


def tier_of(course: Course, stays: int) -> Tier:
    """The bank in which it was after so many stays; as a report, that of the village, or of the district where it has
    none.
    """
    if stays:
        return course.passages[stays - 1].tier
    return Tier.VILLAGE if course.village else Tier.DISTRICT


def places(course: Course, stays: int) -> set[str]:
    """The places whose bank showed it after so many stays: whoever held it then, and the units below from which it
    came.
    """
    tier = course.passages[stays - 1].tier if stays else None
    found: set[str | None] = {EVERYWHERE}
    if tier is not Tier.VILLAGE:
        found |= {course.village, course.town}
    for place, passage in enumerate(course.passages[:stays], 1):
        if place == stays or (tier and HEIGHT[passage.tier] < HEIGHT[tier] and not passage.void):
            found |= {passage.unit, passage.town}
    return {place for place in found if place is not None}


def entered(course: Course, stays: int) -> bool:
    """Whether it came into the bank with its last stay: as a report, from another tier, or reopened."""
    if stays == 0:
        return True
    reopened = stays > 1 and course.passages[stays - 2].resolved
    return reopened or tier_of(course, stays) is not tier_of(course, stays - 1)
