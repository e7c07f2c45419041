"""The past under another policy: which clocks would have been due at another instant, and late or no longer late.

Only clocks that got their time from the policy by its plain rules can be counted anew. Those that were extended, paused,
or given a time of their own keep what they had, and are counted apart. What was taken away at its due instant would have
been kept longer; whether it would have been solved in that time, nobody knows: that is counted apart as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, select, type_coerce

from domain.case.terms import Exit
from domain.decider import Act
from domain.org import Tier
from domain.rules import Policy, Rules
from domain.rules.deadlines import MIDNIGHT, Span
from projections.held import held
from projections.schema import to_microseconds
from projections.visibility import counts_for

c = held.c
COLUMNS = (c.guard, c.void, c.tier, c.kind, c.grade, c.entered_at, c.exit, c.paused_s)
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
        self._known: dict[tuple[Any, ...], tuple[int, ...]] = {}

    def dues(self, clock: str, row: Row[Any], day: date) -> tuple[int, ...]:
        """When it may have been due by the plain rules: as a first stay, after a reopening, after a remand."""
        sort = (day, clock, row.tier, row.kind, row.grade)
        if sort not in self._known:
            spans = tuple(self._spans(clock, row))
            if any(span.unit in ("hours", "minutes") for span in spans):
                return tuple(to_microseconds(self._rules.due(row.entered_at, span).at) for span in spans)
            midnight = datetime.combine(day, MIDNIGHT, self._rules.zone)
            self._known[sort] = tuple(to_microseconds(self._rules.due(midnight, span).at) for span in spans)
        return self._known[sort]

    def _spans(self, clock: str, row: Row[Any]) -> Iterator[Span]:
        if clock == "first_response":
            yield self._policy.first_response(row.grade)
            return
        yield self._policy.hold(row.tier, row.kind, row.grade)
        yield self._policy.reopen(row.tier, row.grade)
        yield self._policy.remand(row.grade)


def clocks_then(
    db: Connection,
    act: Act,
    then: Policy,
    in_force: Callable[[datetime], Policy],
    start: datetime,
    end: datetime,
) -> list[ClockDifference]:
    """Every clock of a stay that was entered in the period, as it was and as it would have been."""
    found = {(clock, tier): ClockDifference(clock=clock, tier=tier) for tier in Tier for clock in CLOCKS}
    counted, reckonings = counts_for(act), {}
    new = Reckoning(act.rules, then)
    instants = (c.paused_since, *(one for pair in CLOCKS.values() for one in pair))
    columns = (*COLUMNS, *(type_coerce(one, BigInteger).label(one.name) for one in instants))
    now = to_microseconds(act.at)
    query = select(*columns).where(c.entered_at >= start, c.entered_at < end)
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
                _count(one, row, day, due_at, getattr(row, stopped.name), reckonings[id(policy)], new, now)
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
) -> None:
    due_then = None if row.paused_s or row.paused_since else _anew(one.clock, row, day, due, old, new)
    if due_then is None:
        one.kept += 1
        return
    late, late_then = _late(due, stopped, now), _late(due_then, stopped, now)
    one.moved += due_then != due
    one.late += late
    if one.clock == "hold" and row.exit == Exit.ESCALATED_DEADLINE and due_then > due:
        one.undecided += 1
        return
    one.late_then += late_then
    one.newly_late += late_then and not late
    one.no_longer_late += late and not late_then


def _anew(clock: str, row: Row[Any], day: date, due: int, old: Reckoning, new: Reckoning) -> int | None:
    """When it would have been due: by the same rule that gave it its time. None if no plain rule did."""
    for before, after in zip(old.dues(clock, row, day), new.dues(clock, row, day), strict=True):
        if before == due:
            return after
    return None


def _late(due: int, stopped: int | None, now: int) -> bool:
    return (now if stopped is None else stopped) >= due
