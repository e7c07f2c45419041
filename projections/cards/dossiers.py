"""What is known of an official's year: contact and collection, with the events behind it; it decides on nobody.

How long cases took is not in it: a cadre collects, to solve is the duty of the number-one leader.
For whoever answered for a unit, his terms of office stand beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from domain.assessment import Rate, rate
from domain.assessment.rates import satisfied
from domain.decider import Act
from domain.org import Org, Role
from domain.rules.scheme import Scheme
from projections.cards.given import mark_given, stands
from projections.cards.marks import CONTACT, Figure
from projections.cards.other_marks import COUNTING
from projections.cards.scorecards import Term, cards
from projections.cases.guard import counts_for
from projections.cases.visibility import visible_among
from projections.following.bulk import chunks
from projections.register.households import household_file
from projections.register.households import visible_to as household_visible_to

g = mark_given.c
FIRST = 50
"""So many of the latest events are named."""


@dataclass(frozen=True, kw_only=True)
class PostHeld:
    """A post he held."""

    unit: str
    role: Role
    since: date
    until: date | None


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One thing he did: a visit, a need that he found, a case that he brought in. `about` only where one may see it."""

    figure: str
    mark: str
    event: int
    at: datetime
    about: str | None


@dataclass(frozen=True, kw_only=True)
class TermAt(Term):
    """A term of office, with the unit."""

    unit: str


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """Evidence for people to weigh; nothing follows from it by itself."""

    official: str
    name: str
    year: int
    posts: list[PostHeld]
    visits: Rate
    """Visits he paid, and those that count: signed for, or confirmed on the telephone, and not denied there."""
    needs_found: dict[str, int]
    """What they led to: `case`, or `answered` at the door."""
    collected: int
    opinion: Rate
    """How satisfied those are whose matters he brought in, or whose needs he found."""
    latest: list[Deed]
    withheld: int
    terms: list[TermAt]
    automatic_decision: bool = False


def dossier(
    db: Connection, act: Act, org: Org, who: str, year: int, scheme: Scheme, at: datetime | None = None
) -> Dossier | None:
    """The dossier of an official; none of somebody who was none then."""
    official = org.official(who)
    if official is None:
        return None
    known = counts_for(act)
    rows = [row for row in _standing(db, who, year, at) if known(row.guard)]
    counted = Counter((row.figure, row.mark) for row in rows)
    visits = sum(n for (figure, _), n in counted.items() if figure == Figure.VISITED)
    brought = {row.source for row in rows if row.figure == Figure.COLLECTED}
    latest = rows[-FIRST:]
    seen = _seen(db, act, {row.source for row in latest})
    return Dossier(
        official=who,
        name=official.name,
        year=year,
        posts=[PostHeld(unit=one.unit, role=one.role, since=one.since, until=one.until) for one in official.posts],
        visits=rate(sum(counted[Figure.VISITED, mark] for mark in COUNTING), visits, scheme),
        needs_found={mark: n for (figure, mark), n in sorted(counted.items()) if figure == Figure.NEED},
        collected=len(brought),
        opinion=_opinion(db, act, brought, at, scheme),
        latest=[
            Deed(
                figure=row.figure,
                mark=row.mark,
                event=row.position,
                at=row.at,
                about=row.source if row.source in seen else None,
            )
            for row in latest
        ],
        withheld=sum(row.source not in seen for row in latest),
        terms=[
            TermAt(unit=card.unit, **vars(term))
            for card in cards(db, act, year, None, scheme, at, org)
            for term in card.officials
            if term.official == who
        ],
    )


def _standing(db: Connection, who: str, year: int, at: datetime | None) -> list[Any]:
    """His marks of contact and collection that stand, in the order of the log."""
    query = select(g.source, g.position, g.at, g.figure, g.mark, g.guard).where(stands(at))
    theirs = query.where(g.official == who, g.year == year, g.figure.in_(sorted(CONTACT)))
    return [*db.execute(theirs.order_by(g.position, g.item))]


def _opinion(db: Connection, act: Act, brought: Collection[str], at: datetime | None, scheme: Scheme) -> Rate:
    known, said = counts_for(act), Counter[str]()
    for some in chunks(sorted(brought)):
        query = select(g.mark, g.guard).where(g.source.in_(some), g.figure == Figure.SATISFIED, stands(at))
        said.update(mark for mark, guard in db.execute(query) if known(guard))
    return satisfied(said["satisfied"], said["basically_satisfied"], said["dissatisfied"], scheme)


def _seen(db: Connection, act: Act, sources: Collection[str]) -> set[str]:
    """Those cases and households that the reader may see; a place that must be visited is no secret."""
    seen, homes = visible_among(db, act, sources), household_file.c.household_id
    for some in chunks(sorted(sources)):
        seen |= set(db.scalars(select(homes).where(homes.in_(some), household_visible_to(act))))
    return seen | {one for one in sources if act.org.unit(one) is not None}
