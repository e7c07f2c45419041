"""What a sample is drawn from: the cases that a unit said were settled in a quarter, and those of key-support households."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from domain.household.terms import HouseholdClass
from projections.cards.given import mark_given, stands
from projections.cards.tallies import Figure
from projections.cases.case_file import case_file
from projections.following.bulk import chunks
from projections.register.households import household_file

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
    """Those of the cases that are about a household of key support."""
    c, h = case_file.c, household_file.c
    found: list[str] = []
    for some in chunks(cases):
        query = select(c.case_id).join(household_file, h.household_id == c.household).where(c.case_id.in_(some))
        found += db.scalars(query.where(h["class"] == HouseholdClass.PRIORITY))
    return sorted(found)
