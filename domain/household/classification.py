"""The decision table of classes: the neediest class with a hit is assigned, and all hits of it are its reasons."""

from dataclasses import dataclass
from datetime import datetime

from domain.household.terms import Facts, Home, HouseholdClass, Protected
from domain.rules.helping import Helping, Row
from domain.zone import months_later

UNSAFE = frozenset({Home.C, Home.D})


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A class and the rules that gave it, in the order of the table."""

    gives: HouseholdClass
    rules: tuple[str, ...]


def classify(
    facts: Facts,
    helping: Helping,
    at: datetime,
    *,
    lost_since: datetime | None = None,
    left_priority_at: datetime | None = None,
) -> Finding:
    """A function of the facts, the ruleset and what was before; nothing else decides."""
    unsafe = facts.housing in UNSAFE or (
        facts.housing is Home.LOST
        and lost_since is not None
        and at < months_later(lost_since, helping.lost_home_months)
    )
    aftercare = left_priority_at is not None and at < months_later(left_priority_at, helping.aftercare_months)
    hits = [row for row in helping.table if _hits(row, facts, helping.line_yuan, unsafe, aftercare)]
    for one in (HouseholdClass.PRIORITY, HouseholdClass.ATTENTION):
        rules = tuple(dict.fromkeys(row.rule for row in hits if row.gives == one))
        if rules:
            return Finding(gives=one, rules=rules)
    return Finding(gives=HouseholdClass.SECURE, rules=())


def _hits(row: Row, facts: Facts, line: int, unsafe: bool, aftercare: bool) -> bool:
    income = max(facts.income_per_head * facts.members, 1)
    severe = [one for one in facts.hardships if one.severity >= (row.severity_at_least or 0)]
    return (
        (row.income_below_pct is None or _exact(facts.income_per_head * 100) < row.income_below_pct * line)
        and (row.debt_at_least_pct is None or _exact(facts.debt_total * 100) >= _exact(row.debt_at_least_pct * income))
        and (row.severity_at_least is None or len(severe) >= row.items)
        and (not row.protected or facts.protected is not Protected.NONE)
        and (not row.unsafe_home or unsafe)
        and (not row.left_priority or aftercare)
    )


def _exact(amount: float) -> float:
    """Without what is left over when fractions of a yuan are multiplied: a threshold that is just met would be missed."""
    return round(amount, 4)
