"""The events behind the figures of a card, page by page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, select

from domain.decider import Act
from projections.cards.given import mark_given, stands
from projections.cards.marks import CONTACT, Figure
from projections.cards.sums import mark_sum, totals
from projections.cases.guard import counts_for
from projections.cases.visibility import visible_among
from projections.following.bulk import chunks
from projections.following.pages import cursor, key_of

g = mark_given.c
FIRST = 20
"""Events behind each figure that come with the card."""


class Line(NamedTuple):
    """A line of a card: one figure and mark of a unit's year."""

    unit: str
    year: int
    figure: str
    mark: str

    @property
    def condition(self) -> ColumnElement[bool]:
        return and_(*(g[name] == value for name, value in self._asdict().items()))


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The event that gave a mark: its position in the log, and its version where it is one of the case's own."""

    event: int
    case: str | None
    version: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """How many marks a figure has, and the first of the events behind them that the reader may see.

    `withheld` of the first ones rest on cases that he may not see.
    """

    figure: str
    mark: str
    n: int
    events: list[Reference]
    withheld: int
    next: str | None


def evidence(db: Connection, act: Act, unit: str, year: int, at: datetime | None = None) -> list[Evidence]:
    """Every figure and mark of a card, each with the first of its events."""
    known, sums = counts_for(act), dict[tuple[str, str], int]()
    for whose, _, figure, mark, _, guard, n in totals(db, year, at, unit):
        if whose == unit and known(guard):
            sums[figure, mark] = sums.get((figure, mark), 0) + n
    found, hidden = list[Evidence](), unknown(db, act, unit, year)
    for (figure, mark), n in sorted(sums.items()):
        if n:
            events, withheld, following = behind(db, act, Line(unit, year, figure, mark), at, FIRST, hidden=hidden)
            one = Evidence(figure=figure, mark=mark, n=n, events=events, withheld=withheld, next=following)
            found.append(one)
    return found


def behind(
    db: Connection,
    act: Act,
    line: Line,
    at: datetime | None = None,
    limit: int = 50,
    after: str | None = None,
    hidden: Collection[str] | None = None,
) -> tuple[list[Reference], int, str | None]:
    """A page of the events behind a figure, in the order of the log; how many of the page are withheld; where it goes on."""
    list_of = ":".join(map(str, ("marks", *line)))
    place = key_of(list_of, (int, str), after) if after is not None else None
    query = _standing(at).where(line.condition)
    query = query.where(g.guard.not_in(unknown(db, act, line.unit, line.year) if hidden is None else hidden))
    if place is not None:
        query = query.where((g.position > place[0]) | and_(g.position == place[0], g.item > place[1]))
    rows = db.execute(query.order_by(g.position, g.item).limit(limit + 1)).all()
    shown, following = rows[:limit], None
    if len(rows) > limit:
        following = cursor(list_of, (shown[-1].position, shown[-1].item))
    cases = {row.source for row in shown if row.version}
    cases |= {row.source for row in shown if row.figure == Figure.EXCLUDED}
    seen = visible_among(db, act, cases)
    events = [_reference(row, cases) for row in shown if row.source in seen or row.source not in cases]
    return events, len(shown) - len(events), following


def unknown(db: Connection, act: Act, unit: str, year: int) -> list[str]:
    """The guards in a unit's year of which the reader may not even know that there is something."""
    known, c = counts_for(act), mark_sum.c
    guards = select(c.guard).distinct().where(c.year == year, c.unit == unit, c.guard != "")
    return sorted(guard for guard in db.scalars(guards) if not known(guard))


def _standing(at: datetime | None) -> Select[Any]:
    """Marks that were given and not taken back by then."""
    columns = (g.source, g.item, g.position, g.version, g.at, g.figure, g.guard)
    return select(*columns).where(stands(at))


@dataclass(frozen=True, kw_only=True)
class Given:
    """A mark that stands: of which case, none where it follows from the year itself."""

    case: str | None


def mark_at(db: Connection, act: Act, line: Line, event: int) -> Given | None:
    """The mark that an event gave a unit, if it stands and the reader may see what it rests on."""
    row = db.execute(_standing(None).where(line.condition, g.position == event).limit(1)).first()
    if row is None:
        return None
    of_case = row.source != f"{line.unit}:{line.year}"
    if of_case and not visible_among(db, act, {row.source}):
        return None
    return Given(case=row.source if of_case else None)


def counts_in(db: Connection, act: Act, unit: str, year: int, case: str) -> bool:
    """Whether a case has given this unit's year anything that the reader may know of."""
    query = select(g.guard).where(g.source == case, g.unit == unit, g.year == year, g.figure.not_in(sorted(CONTACT)))
    return any(counts_for(act)(guard) for guard in db.scalars(query.distinct()))


def known_cases(db: Connection, act: Act, cases: Collection[str]) -> tuple[set[str], set[str]]:
    """Of these cases, those the reader may see, and those he may know of at all."""
    known, told = counts_for(act), set[str]()
    for some in chunks(sorted(cases)):
        guards = db.execute(select(g.source, g.guard).where(g.source.in_(some)).distinct())
        told |= {source for source, guard in guards if known(guard)}
    return visible_among(db, act, cases), told


def _reference(row: Any, cases: Collection[str]) -> Reference:
    case = row.source if row.source in cases else None
    return Reference(event=row.position, case=case, version=row.version or None, at=row.at)
