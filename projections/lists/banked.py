"""Which cases a number of the banks or of the flows counts: for each number, the list behind it.

Said twice, as the banks are: as SQL for cases as they stand, and as Python for those that have moved since an instant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)

from domain.case import Case
from domain.case.terms import Exit
from domain.org import Tier
from domain.zone import just_before
from projections.banks.flows import OUT, Place, moves
from projections.banks.standing import EVERYWHERE, HEIGHT, Course, entered, places, standing, tier_of
from projections.cases.case_file import case_file
from projections.following.days import day_of
from projections.following.schema import Instant
from projections.times.held import held

c = case_file.c
STAY, EARLIER, LOWER = (held.alias(name) for name in ("stay", "earlier", "lower"))
stay, earlier, lower = STAY.c, EARLIER.c, LOWER.c

at_home = case((c.village.is_not(None), Tier.VILLAGE), else_=Tier.DISTRICT)
"""The bank of a case that no unit has had yet."""


@dataclass(frozen=True, kw_only=True)
class BankNumber:
    """Which number: cases that stand in a `bank`; that came into it between `start` and `end`; that were `ever` in it;
    or that `moved` from one place to another.

    `mine` are the counters of a unit, or that of the whole district.
    """

    bank: Tier | None
    mine: Sequence[str]
    start: datetime | None = None
    end: datetime | None = None
    ever: bool = False
    moved: tuple[str, str] | None = None

    @property
    def everywhere(self) -> bool:
        return EVERYWHERE in self.mine

    @property
    def in_some_time(self) -> bool:
        return self.start is not None or self.end is not None


def counted(wanted: BankNumber) -> ColumnElement[bool]:
    """The condition on `case_file`."""
    if wanted.moved:
        return _moved(wanted, *wanted.moved)
    if wanted.ever or wanted.in_some_time:
        return or_(_found_there(wanted), _came(wanted))
    tier = func.coalesce(c.tier, at_home)
    return and_(tier == wanted.bank if wanted.bank else tier.is_not(None), _of(wanted, tier, c.unit, c.town))


def _found_there(wanted: BankNumber) -> ColumnElement[bool]:
    """As a report that no unit had yet; the permanent record has only those with a village."""
    here = [c.village.is_not(None)] if wanted.ever else [_within(wanted, c.reported_at)]
    return and_(*here, at_home == wanted.bank if wanted.bank else at_home.is_not(None), _of(wanted, at_home))


def _came(wanted: BankNumber) -> ColumnElement[bool]:
    """By a stay there: for the record any stay; for what came in, one after another tier or after a resolution."""
    fits = [stay.tier == wanted.bank] if wanted.bank else []
    if not wanted.ever:
        before = [earlier.case_id == stay.case_id, earlier.stay == stay.stay - 1]
        new = or_(earlier.tier != stay.tier, earlier.exit == Exit.RESOLVED)
        fits += [_within(wanted, _of_few(stay.entered_at))]
        fits += [or_(and_(stay.stay == 0, at_home != stay.tier), _any(EARLIER, *before, new))]
    return _any(STAY, stay.case_id == c.case_id, *fits, _of(wanted, stay.tier, stay.unit, stay.town, stay.stay))


def _of(wanted: BankNumber, tier: Any, unit: Any = None, town: Any = None, upto: Any = None) -> ColumnElement[bool]:
    """Whether one of the units asked for shows the case in its bank: it holds it, or above the village, a unit below it
    once did.
    """
    if wanted.everywhere:
        return c.case_id.is_not(None)
    mine = list(wanted.mine)
    found_here = or_(c.village.in_(mine), c.home.in_(mine))
    if unit is None:
        return found_here
    from_below = [
        lower.case_id == c.case_id,
        ~lower.void,
        or_(*(and_(lower.tier == low, tier == high) for low in Tier for high in Tier if HEIGHT[low] < HEIGHT[high])),
        or_(lower.unit.in_(mine), lower.town.in_(mine)),
        *([lower.stay < upto] if upto is not None else []),
    ]
    home = and_(tier != Tier.VILLAGE, found_here)
    untouched = and_(c.tier.is_(None), found_here) if upto is None else false()
    return or_(unit.in_(mine), town.in_(mine), home, untouched, _any(LOWER, *from_below))


def _moved(wanted: BankNumber, source: str, target: str) -> ColumnElement[bool]:
    """By a stay that began or ended so. Void stays never happened: the stay before one is the last that is not void."""
    here = [stay.case_id == c.case_id, ~stay.void]
    mine = list(wanted.mine)
    near = [] if wanted.everywhere else [or_(stay.unit.in_(mine), stay.town.in_(mine))]
    if target not in tuple(Tier):
        ways = [how for how, place in OUT.items() if place == target]
        fits = [stay.tier == source, stay.exit.in_(ways), _within(wanted, _of_few(stay.left_at))]
        return _any(STAY, *here, *fits, *near)
    fits = [stay.tier == target, _within(wanted, _of_few(stay.entered_at))]
    before = [lower.case_id == stay.case_id, ~lower.void, lower.stay < stay.stay]
    last = select(func.max(lower.stay)).where(*before).correlate_except(LOWER).scalar_subquery()
    if source == Place.INTAKE:
        return _any(STAY, *here, *fits, *near, last.is_(None))
    gone = earlier.exit.in_([how for how, place in OUT.items() if place == source])
    stayed = and_(earlier.tier == source, or_(earlier.exit.is_(None), earlier.exit.not_in(list(OUT))))
    ends = [or_(*(one.in_(mine) for one in (stay.unit, stay.town, earlier.unit, earlier.town)))]
    then = [earlier.case_id == stay.case_id, earlier.stay == last, or_(gone, stayed)]
    came_from = _any(EARLIER, *then, *([] if wanted.everywhere else ends))
    return _any(STAY, *here, *fits, came_from)


def of_that_time(wanted: BankNumber) -> Select[Any] | CompoundSelect[Any]:
    """The cases that were reported, or had a stay begin or end, between `start` and `end`."""
    leaves = wanted.moved is not None and wanted.moved[1] not in tuple(Tier)
    stays = select(stay.case_id).where(_within(wanted, stay.left_at if leaves else stay.entered_at))
    return stays if wanted.moved else union_all(stays, select(c.case_id).where(_within(wanted, c.reported_at)))


def _any(stays: FromClause, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """EXISTS such a stay of the case in the outer query. OFFSET 0 makes PostgreSQL look at each case."""
    return select(literal(1)).select_from(stays).where(*conditions).correlate_except(stays).offset(0).exists()


def _within(wanted: BankNumber, at: Any) -> ColumnElement[bool]:
    start = [at >= wanted.start] if wanted.start else []
    return and_(at.is_not(None), *start, *([at < wanted.end] if wanted.end else []))


def _of_few(at: Any) -> ColumnElement[datetime]:
    """An instant of a stay, as a sum: otherwise PostgreSQL uses the index and reads all stays of that time for each
    case.
    """
    return type_coerce(type_coerce(at, BigInteger) + 0, Instant())


def counts(wanted: BankNumber, one: Case, guard: str) -> bool:
    """What `counted` says as SQL, for a case in some state."""
    if wanted.moved:
        first = day_of(wanted.start) if wanted.start else ""
        last = day_of(just_before(wanted.end)) if wanted.end else "9999"
        return any(
            place in wanted.mine and first <= day <= last and (source, target) == wanted.moved
            for place, day, source, target, *_ in moves(one, guard)
        )
    course = standing(one, guard).course
    if wanted.ever or wanted.in_some_time:
        return any(_shows(wanted, course, stays) for stays in _times(wanted, course))
    return _shows(wanted, course, len(course.passages))


def _times(wanted: BankNumber, course: Course) -> Iterator[int]:
    for stays in range(len(course.passages) + 1):
        at = course.passages[stays - 1].entered_at if stays else course.reported_at
        in_time = at is not None and (wanted.start or at) <= at and (wanted.end is None or at < wanted.end)
        if (stays or course.village) if wanted.ever else (in_time and entered(course, stays)):
            yield stays


def _shows(wanted: BankNumber, course: Course, stays: int) -> bool:
    tier = tier_of(course, stays)
    return wanted.bank in (None, tier) and not places(course, stays).isdisjoint(wanted.mine)
