"""The stays a question is about, as one tally for each group: added up from the sums that are kept.

What no sum tells is read stay by stay: stays that began in a month or day that the period holds only in part, and
clocks that fell due at its edges.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, true, union_all

from projections.cases.then import Then
from projections.following.schema import EPOCH
from projections.times.due_spans import DueSpans
from projections.times.selection import BY_TOWN, WEEKLY, By, Selection
from projections.times.singly import began, came_that_morning, rows_of, went_by
from projections.times.spans import DAY, MONTH, YEAR, beginning, cover
from projections.times.stay_counts import (
    AT_UNIT,
    CHARGED,
    EVERYWHERE,
    IN_TOWN,
    Before,
    Row,
    came_again,
    earlier,
    entered,
    fell_due,
    void,
)
from projections.times.summed import CAME, DUE, OF_ALL, held_sum
from projections.times.tally import Count, Tally

c = held_sum.c
Tallies = dict[str | None, Tally]


class Stays:
    """Adds up the tallies of a question, as the stays are or as they were then."""

    def __init__(self, db: Connection, selection: Selection, then: Then | None) -> None:
        self._db, self._selection, self._then = db, selection, then
        lengths = spans_for(selection)
        start = selection.start or (None if lengths else EPOCH)
        self._came = cover(start, None if selection.until_now and lengths else selection.end, lengths)
        self._due = DueSpans(selection.start, selection.due.end or selection.at, due_spans_for(selection, lengths))
        self.months = self._came.months()
        """The months whose durations are counted by bucket."""
        self.in_parts = self._came.by_years and not (selection.by_kind or selection.by_town or selection.by_unit)
        """Whether they are counted by part of a bucket, too."""
        self.hidden = list(self._hidden())

    def tallies(self) -> Mapping[str | None, Tally]:
        found: Tallies = defaultdict(Tally)
        self._add_sums(found)
        self._add_edges(found)
        self._add_late_comers(found)
        self._add_moved(found)
        return {group: tally for group, tally in found.items() if tally}

    def _add_sums(self, found: Tallies) -> None:
        """Sums of all stays, less the sums of those that the reader may not know of."""
        selection = self._selection
        guarded = [OF_ALL, *self.hidden]
        parts = [
            select(c.fact, c.span, c.place, c.tier, c.kind, c.grade, c.guard, c.tally).where(
                c.fact == fact, c.length == length, c.span >= first, c.span < last, c.guard.in_(guarded), *which
            )
            for fact, spans in ((CAME, self._came.spans), (DUE, self._due.spans))
            for length, first, last in spans
            for which in _sums_of(selection)
        ]
        for row in self._db.execute(union_all(*parts)) if parts else ():
            if (told := _described(selection, row)) is None:
                continue
            sign = 1 if row.guard == OF_ALL else -1
            group = selection.named(told, date.fromisoformat(f"{row.span}-01-01"[:DAY]))
            if row.fact == CAME:
                found[group].read(row.tally, sign)
            elif selection.by in WEEKLY and len(row.span) != DAY:
                self._add_by_day(found, told, row, sign)
            else:
                found[group].read_between(row.tally, *self._due.between(row.span), sign)

    def _add_by_day(self, found: Tallies, told: Mapping[str, Any], row: Any, sign: int) -> None:
        """Add what fell due in a month to the groups of its weeks."""
        first, last = self._due.between(row.span)
        month = Tally()
        month.read(row.tally)
        for name, day, n in month.counts():
            if first <= day < last:
                found[self._selection.named(told, date.fromordinal(day))].add([(name, 0, n)], sign)

    def _hidden(self) -> Iterator[str]:
        """The guards of stays that the reader may not know of."""
        of_all = or_(c.place == EVERYWHERE, _beginning_with(CHARGED))
        yearly = select(c.guard).where(c.fact == CAME, c.length == YEAR, c.guard != OF_ALL, of_all)
        return (guard for guard in self._db.scalars(yearly.distinct()) if not self._selection.known(guard))

    def _add_edges(self, found: Tallies) -> None:
        selection = self._selection
        for start, end in self._came.edges:
            for row, counts in began(self._db, selection, start, end):
                found[selection.group(row, row["entered_at"])].add(counts)
        for start, end in self._due.edges:
            for row, due, names in went_by(self._db, selection, start, end):
                found[selection.group(row, due)].add((name, 0, 1) for name in names)

    def _add_late_comers(self, found: Tallies) -> None:
        """A case that had come on the first day, but too early, comes for the first time in the period."""
        for row, count in came_that_morning(self._db, self._selection):
            found[self._selection.group(row, row["entered_at"])].add([count], -1)

    def _add_moved(self, found: Tallies) -> None:
        """Cases that moved since: what they add now is taken away, and what they added then put in its place."""
        selection = self._selection
        for case, guard, sign in self._then.both() if self._then else ():
            rows = rows_of(case, guard)
            for row, again in zip(rows, earlier(rows), strict=True):
                if not selection.counts(row):
                    continue
                if selection.period.holds(row["entered_at"]):
                    found[selection.group(row, row["entered_at"])].add(self._adds(row, again), sign)
                for due, names in () if row["void"] else fell_due(row):
                    if selection.due.holds(due):
                        found[selection.group(row, due)].add(((name, 0, 1) for name in names), sign)

    def _adds(self, row: Row, again: Mapping[str, Before]) -> list[Count]:
        if row["void"]:
            return void(row)
        before = again[self._selection.place(row)]
        return [*entered(row), *came_again(None if self._selection.too_early(at) else at for at in before)]


def spans_for(selection: Selection) -> list[int]:
    """The lengths of the spans whose sums answer the question, the longest first; none if no sums do.

    Years do not tell on which day of a month a case had come before.
    """
    if selection.by_kind:
        return [] if selection.by in WEEKLY else [MONTH]
    if selection.by in WEEKLY:
        return [] if selection.by_unit else [DAY]
    by_years = selection.by is not By.MONTH and (
        selection.start is None or selection.start == beginning(selection.start, MONTH, up=False)
    )
    return [*([YEAR] if by_years else []), MONTH, *([] if selection.by_unit else [DAY])]


def due_spans_for(selection: Selection, lengths: Sequence[int]) -> Sequence[int]:
    """The same for clocks: in a town or at a unit they are counted by month only, and there by day."""
    if not lengths or not (selection.by_town or selection.by_unit):
        return lengths
    return [length for length in lengths if length != DAY] or [MONTH]


def _sums_of(selection: Selection) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """The conditions for the sums asked for: those of places and tiers, and void stays, which are filed under whom they
    are charged to.
    """
    kind = selection.asked.kind
    same = c.kind == kind if kind else c.kind != "" if selection.by_kind else c.kind == ""
    yield same, _at_places(selection), c.tier == selection.asked.tier if selection.asked.tier else true()
    yield same, _beginning_with(CHARGED)


def _at_places(selection: Selection) -> ColumnElement[bool]:
    if selection.towns is not None:
        return c.place.in_([IN_TOWN + town for town in selection.towns])
    if selection.inside is not None:
        return c.place.in_([AT_UNIT + unit for unit in sorted(selection.inside)])
    if selection.by is By.UNIT or selection.by in BY_TOWN:
        return _beginning_with(AT_UNIT if selection.by is By.UNIT else IN_TOWN)
    return c.place == EVERYWHERE


def _beginning_with(sort: str) -> ColumnElement[bool]:
    return and_(c.place >= sort, c.place < sort[:-1] + ";")


def _described(selection: Selection, row: Any) -> Mapping[str, Any] | None:
    """The place, tier, kind and grade of a sum; None if it is not asked for."""
    told = {"unit": None, "town": None, "tier": row.tier, "kind": row.kind, "grade": row.grade}
    if row.place.startswith(CHARGED):
        told |= selection.charged(row.place.removeprefix(CHARGED))
        return told if selection.asks_for(told) else None
    if row.place.startswith(AT_UNIT):
        unit = row.place.removeprefix(AT_UNIT)
        return told | {"unit": unit, "town": selection.org.town_of(unit)}
    if row.place.startswith(IN_TOWN):
        return told | {"town": row.place.removeprefix(IN_TOWN) or None}
    return told
