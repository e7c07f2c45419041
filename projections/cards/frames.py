"""What a sample is drawn from: the cases that a unit said were settled in a quarter, and those of key-support households."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from domain.household.terms import HouseholdClass
from projections.cards.given import mark_given, stands
from projections.cards.marks import Figure
from projections.cases.case_file import case_file
from projections.following.bulk import chunks
from projections.register.households import household_file
from projections.register.mergers import standing_in

g = mark_given.c


def frame(db: Connection, unit: str, begin: datetime, end: datetime) -> list[str]:
    """Cases whose result was there to be judged; none that is sealed or about somebody, so that the list betrays nobody."""
    asked = select(g.source).where(
        g.unit == unit,
        g.figure == Figure.ASKED,
        g.guard == "",
        g.at >= begin,
        g.at < end,
        g.year.in_([begin.year, end.year]),
        stands(),
    )
    return sorted(set(db.scalars(asked)))


def mandatory(db: Connection, cases: list[str]) -> list[str]:
    """Those of the cases that are about a household of key support, or one that joined it."""
    c, h = case_file.c, household_file.c
    theirs = select(c.case_id, c.household).where(c.household.is_not(None))
    about = {case: home for some in chunks(cases) for case, home in db.execute(theirs.where(c.case_id.in_(some)))}
    homes = standing_in(db, set(about.values()))
    needy = select(h.household_id).where(h["class"] == HouseholdClass.PRIORITY)
    known = {id for some in chunks(set(homes.values())) for id in db.scalars(needy.where(h.household_id.in_(some)))}
    return sorted(case for case, home in about.items() if homes[home] in known)
