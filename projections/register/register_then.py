"""The register as it stood: rows of today, but for the households that changed since, which are folded up to the instant.

Who may see a household is decided by today, as everywhere. The work grows with the households that changed since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from domain.decider import Act
from domain.household import Household
from projections.following.pages import Page, key_of, paged
from projections.register.households import HouseholdFilter, household_file, listed_place, listed_row, row, visible_to
from projections.register.pairs import PairsBoard, begin, deserted, going_on, helper_of, place_of, unpaired_of

c = household_file.c

Recall = Callable[[Collection[str]], Mapping[str, Household]]
"""Folds households up to the instant; those that were not there yet are blank."""

TOGETHER = 500


def rows_at(
    db: Connection, at: datetime, recall: Recall, *among: ColumnElement[bool], after: str = ""
) -> Iterator[Mapping[str, Any]]:
    """The rows as they stood, by id."""
    while True:
        query = select(household_file).where(c.household_id > after, *among).order_by(c.household_id).limit(TOGETHER)
        found = db.execute(query).mappings().all()
        if not found:
            return
        then = recall([one["household_id"] for one in found if one["updated_at"] > at])
        for one in found:
            state = then.get(one["household_id"])
            if state is None:
                yield dict(one)
            elif state.version:
                yield row(state, 0)
        after = found[-1]["household_id"]


def listed_at(
    db: Connection,
    act: Act,
    at: datetime,
    recall: Recall,
    sought: HouseholdFilter,
    *,
    limit: int = 50,
    after: str | None = None,
) -> Page[dict[str, Any]]:
    """The list of households at an instant: the same filters, on what was true then. Raises Invalid for a strange cursor."""
    places = None if sought.unit is None else act.org.within(sought.unit)
    last = str(key_of("households", (str,), after)[0]) if after is not None else ""
    same = [c[name] == value for name, value in sought.columns.items()]
    rows = rows_at(db, at, recall, visible_to(act), or_(c.updated_at > at, and_(~c.gone, *same)), after=last)
    found = (
        one
        for one in rows
        if not one["gone"]
        and (places is None or one["village"] in places)
        and all(one[name] == value for name, value in sought.columns.items())
    )
    return paged([*islice(found, limit + 1)], limit, listed_row, listed_place)


def board_at(
    db: Connection,
    act: Act,
    at: datetime,
    recall: Recall,
    unit: str | None = None,
    limit: int = 200,
    after: str | None = None,
) -> PairsBoard:
    """The board at an instant. Of conflicts it tells nothing: what one may know of them is a thing of today."""
    then, places = replace(act, at=at), None if unit is None else act.org.within(unit)
    seen = {*db.scalars(select(c.household_id).where(visible_to(act)))}
    helped: Counter[str] = Counter()
    near: list[Mapping[str, Any]] = []
    for one in rows_at(db, at, recall):
        if one["helper"]:
            helped[one["helper"]] += 1
        if one["household_id"] in seen and not one["gone"] and (places is None or one["village"] in places):
            near.append(one)
    last = None if after is None else begin(after)
    waiting = sorted((one for one in near if one["unpaired"] and (last is None or place_of(one) > last)), key=place_of)
    unpaired = paged(waiting, limit, lambda one: unpaired_of(one, then), going_on)
    if after is not None:
        return PairsBoard(unpaired=unpaired.items, helpers=(), conflicts=(), next=unpaired.next)
    here = sorted({one["helper"] for one in near if one["helper"]}, key=lambda who: (-helped[who], who))
    helpers = [helper_of(who, helped[who], then) for who in here]
    without_helper = [*deserted(near, helpers), *unpaired.items]
    return PairsBoard(unpaired=without_helper, helpers=helpers, conflicts=(), next=unpaired.next)
