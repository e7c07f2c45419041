"""The past under another policy: which clocks would have been due at another instant, and late or no longer late.

Only clocks that got their time from the policy, by the rule for their kind and for how the stay began, can be counted
anew. Those that were extended, paused, or given a time of their own keep what they had, and are counted apart. What was
taken away at its due instant would have been kept longer; whether it would have been solved in that time, nobody knows:
that is counted apart as well.
"""

from __future__ import annotations

from collections.abc import Callable
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
from projections.what_if.affected import Gathered, Moved

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
    """Every clock of a stay that was entered in the period, as it was and as it would have been.

    Those that would have been due at another instant are added to what is gathered.
    """
    found = {(clock, tier): ClockDifference(clock=clock, tier=tier) for tier in Tier for clock in CLOCKS}
    counted, reckonings = counts_for(act), {}
    new = Reckoning(act.rules, then)
    instants = (c.paused_since, *(one for pair in CLOCKS.values() for one in pair))
    columns = (*COLUMNS, *(type_coerce(one, BigInteger).label(one.name) for one in instants))
    now = to_microseconds(act.at)
    follows = and_(before.c.case_id == c.case_id, before.c.stay == c.stay - 1)
    query = (
        select(*columns).select_from(held.outerjoin(before, follows)).where(c.entered_at >= start, c.entered_at < end)
    )
    for row in db.execute(query.execution_options(yield_per=2000)):
        if row.void or not counted(row.guard):
            continue
        policy = in_force(row.entered_at)
        if id(policy) not in reckonings:
            reckonings[id(policy)] = Reckoning(act.rules, policy)
        day = row.entered_at.astimezone(act.rules.zone).date()
        for clock, (due, stopped) in CLOCKS.items():
            due_at = getattr(row, due.name)
            if due_at is not None:
                one = found[clock, Tier(row.tier)]
                one.clocks += 1
                old, stopped_at = reckonings[id(policy)], getattr(row, stopped.name)
                moved = _count(one, row, day, due_at, stopped_at, old, new, now)
                if moved:
                    gathered.add(moved)
    return [one for one in found.values() if one.clocks]


def _count(
    one: ClockDifference,
    row: Row[Any],
    day: date,
    due: int,
    stopped: int | None,
    old: Reckoning,
    new: Reckoning,
    now: int,
) -> Moved | None:
    """Answers what is to be told of it, if it moves."""
    rule = rule_of(one.clock, row)
    if row.paused_s or row.paused_since or old.due(rule, row, day) != due:
        one.kept += 1
        return None
    due_then = new.due(rule, row, day)
    late, late_then = _late(due, stopped, now), _late(due_then, stopped, now)
    undecided = one.clock == "hold" and row.exit == Exit.ESCALATED_DEADLINE and due_then > due
    one.moved += due_then != due
    one.late += late
    one.undecided += undecided
    if not undecided:
        one.late_then += late_then
        one.newly_late += late_then and not late
        one.no_longer_late += late and not late_then
    known = None if undecided else late_then
    told = (row.case_id, row.stay, one.clock, rule, row.tier, row.unit, due, due_then, late, known)
    return told if due_then != due else None


def _late(due: int, stopped: int | None, now: int) -> bool:
    return (now if stopped is None else stopped) >= due
