"""What an answer about response times is made of: a tally of each group, from the sums that are kept.

What no sum tells is looked at one by one: what began in the months or days that a period does not hold whole, and what
fell due at its edges.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, true, union_all

from projections.cases.then import Then
from projections.following.schema import EPOCH
from projections.times.asked import BY_TOWN, WEEKLY, By, Scope
from projections.times.due_spans import DueSpans
from projections.times.held import row as row_of
from projections.times.held import spells
from projections.times.singly import began, came_that_morning, went_by
from projections.times.spans import DAY, MONTH, YEAR, beginning, cover
from projections.times.stay_counts import (
    AT_UNIT,
    CHARGED,
    EVERYWHERE,
    IN_TOWN,
    came_again,
    earlier,
    entered,
    fell_due,
    void,
)
from projections.times.summed import CAME, DUE, OF_ALL, held_sum
from projections.times.tally import Tally

c = held_sum.c
Tallies = dict[str | None, Tally]
NEVER = (None, None)


class Stays:
    """The stays that are asked for, as they are or were then."""

    def __init__(self, db: Connection, scope: Scope, then: Then | None) -> None:
        self._db, self._scope, self._then = db, scope, then
        lengths = spans_for(scope)
        start = scope.start or (None if lengths else EPOCH)
        self._came = cover(start, None if scope.until_now and lengths else scope.end, lengths)
        self._due = DueSpans(scope.start, scope.due.end or scope.at, due_spans_for(scope, lengths))
        self.months = self._came.months()
        """Those of which durations are told by buckets."""

    def tallies(self) -> Mapping[str | None, Tally]:
        found: Tallies = defaultdict(Tally)
        self._add_sums(found)
        self._add_edges(found)
        self._let_in(found)
        self._put_right(found)
        return {group: tally for group, tally in found.items() if tally}

    def _add_sums(self, found: Tallies) -> None:
        """Those of all, less those that the reader may not know of."""
        scope = self._scope
        guarded = [OF_ALL, *self._hidden()]
        parts = [
            select(c.fact, c.span, c.place, c.tier, c.kind, c.grade, c.guard, c.tally).where(
                c.fact == fact, c.length == length, c.span >= first, c.span < last, c.guard.in_(guarded), *which
            )
            for fact, spans in ((CAME, self._came.spans), (DUE, self._due.spans))
            for length, first, last in spans
            for which in _sums_of(scope)
        ]
        for row in self._db.execute(union_all(*parts)) if parts else ():
            if (told := _told(scope, row)) is not None:
                sign = 1 if row.guard == OF_ALL else -1
                if row.fact == CAME:
                    found[scope.named(told, _day(scope, row.span))].read(row.tally, sign)
                elif scope.by in WEEKLY and len(row.span) != DAY:
                    _add_by_day(found, scope, told, row.tally, *self._due.between(row.span), sign)
                else:
                    group = scope.named(told, _day(scope, row.span))
                    found[group].read_between(row.tally, *self._due.between(row.span), sign)

    def _hidden(self) -> Iterator[str]:
        """The guards of what the reader may not know of."""
        yearly = select(c.guard).where(c.fact == CAME, c.length == YEAR, c.guard != OF_ALL)
        of_all = or_(c.place == EVERYWHERE, _beginning_with(CHARGED))
        return (guard for guard in self._db.scalars(yearly.where(of_all).distinct()) if not self._scope.known(guard))

    def _add_edges(self, found: Tallies) -> None:
        scope = self._scope
        for start, end in self._came.edges:
            for row, counts in began(self._db, scope, start, end):
                found[scope.group(row, row["entered_at"])].add(counts)
        for start, end in self._due.edges:
            for row, due, names in went_by(self._db, scope, start, end):
                found[scope.group(row, due)].add((name, 0, 1) for name in names)

    def _let_in(self, found: Tallies) -> None:
        """Who had come too early comes for the first time in the period."""
        for row, count in came_that_morning(self._db, self._scope):
            found[self._scope.group(row, row["entered_at"])].add([count], -1)

    def _put_right(self, found: Tallies) -> None:
        """What moved since then counts as it stood, wherever it counts."""
        scope = self._scope
        for each in self._then.moved if self._then else ():
            for case, sign in ((each.now, -1), (each.then, 1)):
                rows = [{**row_of(one), "guard": each.guard} for one in spells(case)]
                for row, again in zip(rows, earlier(rows), strict=True):
                    if not scope.counts(row):
                        continue
                    if scope.period.holds(row["entered_at"]):
                        since = (None if scope.too_early(at) else at for at in again.get(scope.place(row), NEVER))
                        came = [*entered(row), *came_again(since)]
                        found[scope.group(row, row["entered_at"])].add(void(row) if row["void"] else came, sign)
                    for due, names in () if row["void"] else fell_due(row):
                        if scope.due.holds(due):
                            found[scope.group(row, due)].add(((name, 0, 1) for name in names), sign)


def spans_for(scope: Scope) -> list[int]:
    """By which spans the sums tell what is asked, the longest first; none if they do not.

    Years do not tell who had come before on a day in the middle of a month.
    """
    if scope.by_kind:
        return [] if scope.by_unit or scope.by_town or scope.by in WEEKLY else [MONTH]
    if scope.by in WEEKLY:
        return [] if scope.by_unit else [DAY]
    by_years = scope.by is not By.MONTH and (
        scope.start is None or scope.start == beginning(scope.start, MONTH, up=False)
    )
    return [*([YEAR] if by_years else []), MONTH, *([] if scope.by_unit else [DAY])]


def due_spans_for(scope: Scope, lengths: Sequence[int]) -> Sequence[int]:
    """What falls due in a town or at a unit is told by no single days, but months tell it by the day."""
    if not lengths or not (scope.by_town or scope.by_unit):
        return lengths
    return [length for length in lengths if length != DAY] or [MONTH]


def _add_by_day(
    found: Tallies, scope: Scope, told: Mapping[str, Any], text: str, first: float, last: float, sign: int
) -> None:
    """Where what fell due in a month belongs to its weeks."""
    month = Tally()
    month.read(text)
    for name, day, n in month.counts():
        if first <= day < last:
            found[scope.named(told, date.fromordinal(day))].add([(name, 0, n)], sign)


def _sums_of(scope: Scope) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """Of the places and tiers asked for; and what was void, as that is told by whom it is charged to."""
    kind = scope.asked.kind
    same = c.kind == kind if kind else c.kind != "" if scope.by_kind else c.kind == ""
    yield same, _at_places(scope), c.tier == scope.asked.tier if scope.asked.tier else true()
    yield same, _beginning_with(CHARGED)


def _at_places(scope: Scope) -> ColumnElement[bool]:
    if scope.towns is not None:
        return c.place.in_([IN_TOWN + town for town in scope.towns])
    if scope.inside is not None:
        return c.place.in_([AT_UNIT + unit for unit in sorted(scope.inside)])
    if scope.by is By.UNIT or scope.by in BY_TOWN:
        return _beginning_with(AT_UNIT if scope.by is By.UNIT else IN_TOWN)
    return c.place == EVERYWHERE


def _beginning_with(sort: str) -> ColumnElement[bool]:
    return and_(c.place >= sort, c.place < sort[:-1] + ";")


def _told(scope: Scope, row: Any) -> Mapping[str, Any] | None:
    """What a sum says of its stays; none if it is not asked for."""
    told = {"unit": None, "town": None, "tier": row.tier, "kind": row.kind, "grade": row.grade}
    if row.place.startswith(CHARGED):
        told |= scope.charged(row.place.removeprefix(CHARGED))
        return told if scope.asks_for(told) else None
    if row.place.startswith(AT_UNIT):
        unit = row.place.removeprefix(AT_UNIT)
        return told | {"unit": unit, "town": scope.org.town_of(unit)}
    if row.place.startswith(IN_TOWN):
        return told | {"town": row.place.removeprefix(IN_TOWN) or None}
    return told


def _day(scope: Scope, span: str) -> date | None:
    """A day in a span that is told apart by weeks or months."""
    if scope.by in WEEKLY:
        return date.fromisoformat(span)
    return date.fromisoformat(f"{span[:MONTH]}-01") if scope.by is By.MONTH else None
