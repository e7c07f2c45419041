"""The past under another policy: which clocks would have been due at another instant, and late or no longer late.

Only clocks that got their time from the policy, by the rule for their kind and for how the stay began, can be counted
anew. Those that were extended, paused, or given a time of their own keep what they had, and are counted apart. What was
taken away at its due instant would have been kept longer; whether it would have been solved in that time, nobody knows:
that is counted apart as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, and_, select, type_coerce

from domain.case.terms import Exit
from domain.decider import Act
from domain.org import Tier
from domain.rules import Policy, Rules
from domain.rules.deadlines import MIDNIGHT, Span
from projections.cases.guard import counts_for
from projections.following.schema import to_microseconds
from projections.times.held import held
from projections.what_if.affected import Gathered

c = held.c
before = held.alias("before")
COLUMNS = (
    *(c.case_id, c.stay, c.unit, c.guard, c.void, c.tier, c.kind, c.grade, c.entered_at, c.exit, c.paused_s),
    before.c.exit.label("came_by"),
    before.c.tier.label("came_from"),
)
CLOCKS = {
    "first_response": (c.response_due_at, c.response_stopped_at),
    "hold": (c.hold_due_at, c.hold_stopped_at),
}


@dataclass(kw_only=True)
class ClockDifference:
    """The clocks of a kind in a tier that started in the period. `late` and `late_then` are of those counted anew.

    `undecided`: taken away at the due instant, and would have had longer.
    """

    clock: str
    tier: Tier
    clocks: int = 0
    kept: int = 0
    moved: int = 0
    late: int = 0
    late_then: int = 0
    newly_late: int = 0
    no_longer_late: int = 0
    undecided: int = 0

    def count(self, moved: bool, late: bool, late_then: bool | None) -> None:
        """A clock counted anew; `late_then` is None where nobody knows."""
        self.moved += moved
        self.late += late
        if late_then is None:
            self.undecided += 1
            return
        self.late_then += late_then
        self.newly_late += late_then and not late
        self.no_longer_late += late and not late_then


class Reckoning:
    """Due instants under one policy, in microseconds as the tables keep them; a year has millions.

    Days are counted once for all clocks of a sort that start on the same day.
    """

    def __init__(self, rules: Rules, policy: Policy) -> None:
        self._rules = rules
        self._policy = policy
        self._known: dict[tuple[Any, ...], int] = {}

    def due(self, rule: str, row: Row[Any], day: date) -> int:
        """When it is due by a rule that starts on that day."""
        sort = (day, rule, row.tier, row.kind, row.grade)
        if sort not in self._known:
            span = self._span(rule, row)
            if span.unit in ("hours", "minutes"):
                return to_microseconds(self._rules.due(row.entered_at, span).at)
            midnight = datetime.combine(day, MIDNIGHT, self._rules.zone)
            self._known[sort] = to_microseconds(self._rules.due(midnight, span).at)
        return self._known[sort]

    def _span(self, rule: str, row: Row[Any]) -> Span:
        match rule:
            case "first_response":
                return self._policy.first_response(row.grade)
            case "reopen":
                return self._policy.reopen(row.tier, row.grade)
            case "remand":
                return self._policy.remand(row.grade)
            case _:
                return self._policy.hold(row.tier, row.kind, row.grade)


def rule_of(clock: str, row: Row[Any]) -> str:
    """Which figure of the policy gave a clock its time: a stay after a resolution or a remand has its own.

    What was resolved and rose when it was reopened has the ordinary time of the tier above.
    """
    if clock == "first_response":
        return clock
    if row.came_by == Exit.RESOLVED and row.came_from == row.tier:
        return "reopen"
    return "remand" if row.came_by == Exit.REMANDED else "hold"


def clocks_then(
    db: Connection,
    act: Act,
    then: Policy,
    in_force: Callable[[datetime], Policy],
    start: datetime,
    end: datetime,
    gathered: Gathered,
) -> list[ClockDifference]:
    """Every clock of a stay entered in the period, as it was and as it would have been.

    Those that would have been due at another instant are added to what is gathered.
    """
    found = {(clock, tier): ClockDifference(clock=clock, tier=tier) for tier in Tier for clock in CLOCKS}
    counted, reckonings, new = counts_for(act), dict[int, Reckoning](), Reckoning(act.rules, then)
    now = to_microseconds(act.at)
    for row in _entered(db, start, end):
        if row.void or not counted(row.guard):
            continue
        policy = in_force(row.entered_at)
        if id(policy) not in reckonings:
            reckonings[id(policy)] = Reckoning(act.rules, policy)
        old = reckonings[id(policy)]
        day = row.entered_at.astimezone(act.rules.zone).date()
        for clock, (due, stopped) in CLOCKS.items():
            if (due_at := getattr(row, due.name)) is None:
                continue
            one, rule = found[clock, Tier(row.tier)], rule_of(clock, row)
            one.clocks += 1
            if row.paused_s or row.paused_since or old.due(rule, row, day) != due_at:
                one.kept += 1
                continue
            due_then, stopped_at = new.due(rule, row, day), getattr(row, stopped.name)
            ended = now if stopped_at is None else stopped_at
            taken_away = clock == "hold" and row.exit == Exit.ESCALATED_DEADLINE and due_then > due_at
            late, late_then = ended >= due_at, None if taken_away else ended >= due_then
            one.count(due_then != due_at, late, late_then)
            if due_then != due_at:
                gathered.add(
                    (row.case_id, row.stay, clock, rule, row.tier, row.unit, due_at, due_then, late, late_then)
                )
    return [one for one in found.values() if one.clocks]


def _entered(db: Connection, start: datetime, end: datetime) -> Iterable[Row[Any]]:
    """The stays entered in a time, each with how the one before ended; the instants of clocks in microseconds."""
    instants = (c.paused_since, *(one for pair in CLOCKS.values() for one in pair))
    columns = (*COLUMNS, *(type_coerce(one, BigInteger).label(one.name) for one in instants))
    follows = and_(before.c.case_id == c.case_id, before.c.stay == c.stay - 1)
    query = select(*columns).select_from(held.outerjoin(before, follows))
    within = query.where(c.entered_at >= start, c.entered_at < end)
    return db.execute(within.execution_options(yield_per=2000))
