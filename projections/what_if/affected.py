"""The clocks that another policy would have moved, case by case, in pages, of the cases that a reader sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from domain.decider import Act
from domain.org import Tier
from projections.cases.case_file import case_file
from projections.cases.visibility import each_visible_to
from projections.following.schema import EPOCH

MOST = 2000
"""Clocks that are looked at for a page. Whoever sees few of them gets a short page, and a cursor."""


@dataclass(frozen=True, kw_only=True)
class Affected:
    """A clock of a case: when it was due by its rule, and would have been. `late_then` is null where nobody knows."""

    case: str
    number: str
    clock: str
    rule: str
    tier: Tier
    unit: str
    due_at: datetime
    due_then: datetime
    late: bool
    late_then: bool | None


MovedClock = tuple[str, int, str, str, str, str, int, int, bool, bool | None]
"""Case, stay, clock, rule, tier, unit, due, due then (in microseconds), late, late then."""


class Gathered:
    """Collects the first clocks after a case, by case id, in whatever order they come."""

    def __init__(self, after: str = "") -> None:
        self._after, self._upto = after, ""
        self._found: list[MovedClock] = []

    def add(self, moved: MovedClock) -> None:
        if moved[0] <= self._after or (self._upto and moved[0] > self._upto):
            return
        self._found.append(moved)
        if len(self._found) > 2 * MOST:
            self._cut()

    def _cut(self) -> None:
        """Keep whole cases only."""
        self._found.sort(key=lambda one: one[:3])
        self._upto = self._found[MOST][0]
        self._found = [one for one in self._found if one[0] <= self._upto]

    def page(self, db: Connection, act: Act, limit: int) -> tuple[list[Affected], str | None]:
        """Of so many cases, and the case after which to go on."""
        c, cases = case_file.c, sorted({one[0] for one in self._found})
        query = select(c.case_id, c.number).where(c.case_id.in_(cases), each_visible_to(act))
        numbers = {case: number for case, number in db.execute(query)}
        seen = [case for case in cases if case in numbers]
        shown = set(seen[:limit])
        more = seen[limit - 1] if len(seen) > limit else self._upto or None
        chosen = sorted((one for one in self._found if one[0] in shown), key=lambda one: one[:3])
        return [_affected(one, numbers[one[0]]) for one in chosen], more


def _affected(moved: MovedClock, number: str) -> Affected:
    case, _, clock, rule, tier, unit, due, due_then, late, late_then = moved
    return Affected(
        case=case,
        number=number,
        clock=clock,
        rule=rule,
        tier=Tier(tier),
        unit=unit,
        due_at=EPOCH + timedelta(microseconds=due),
        due_then=EPOCH + timedelta(microseconds=due_then),
        late=late,
        late_then=late_then,
    )
