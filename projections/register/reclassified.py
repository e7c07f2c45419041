"""What another ruleset would change: the households that would have another class. It changes nothing itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, select

from domain.decider import Act
from domain.household.classification import classify
from domain.household.terms import Facts, Hardship, HardshipKind, Home, HouseholdClass, Protected
from domain.rules.helping import Helping
from projections.register.households import household_file, visible_to

c = household_file.c
SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class Reclassified:
    household: str
    was: HouseholdClass
    now: HouseholdClass
    rules: list[str]


@dataclass(kw_only=True)
class Shadow:
    """How many would move from which class to which, and some of them. Overrides and notices are left out of it.

    Whom the table in force finds in the same class already does not move by this one.
    """

    households: int = 0
    moved: dict[str, int] = field(default_factory=dict)
    """`secure>priority`: how many."""
    some: list[Reclassified] = field(default_factory=list)


def in_shadow(db: Connection, act: Act, helping: Helping) -> Shadow:
    """Every household one may see, assessed on its facts of today under another table."""
    return register_in_shadow(db, act.at, act.rules.policy.helping, helping, visible_to(act))


def register_in_shadow(db: Connection, at: datetime, old: Helping, new: Helping, *among: ColumnElement[bool]) -> Shadow:
    """Every household, or those among them that a condition leaves."""
    shadow, moved = Shadow(), Counter[str]()
    columns = (c.household_id, c["class"], c.facts, c.lost_since, c.left_priority_at)
    query = select(*columns).where(c.facts.is_not(None), ~c.gone, *among).order_by(c.household_id)
    for id, was, facts, lost, left in db.execute(query.execution_options(yield_per=2000)):
        shadow.households += 1
        known, before = facts_of(facts), {"lost_since": lost, "left_priority_at": left}
        found = classify(known, new, at, **before)
        if found.gives != was and found.gives is not classify(known, old, at, **before).gives:
            moved[f"{was}>{found.gives}"] += 1
            if len(shadow.some) < SHOWN:
                shadow.some.append(
                    Reclassified(household=id, was=HouseholdClass(was), now=found.gives, rules=list(found.rules))
                )
    shadow.moved = dict(sorted(moved.items()))
    return shadow


def facts_of(text: str) -> Facts:
    """The facts as the register keeps them."""
    stored: dict[str, Any] = orjson.loads(text)
    hardships = (Hardship(kind=HardshipKind(one["kind"]), severity=one["severity"]) for one in stored["hardships"])
    return Facts(
        members=stored["members"],
        income_per_head=stored["income_per_head"],
        debt_total=stored["debt_total"],
        hardships=tuple(hardships),
        housing=Home(stored["housing"]),
        protected=Protected(stored["protected"]),
    )
