"""The past under another policy: which clocks would have been due at another instant, and late or no longer late.

Only clocks that got their time from the policy by its plain rules can be counted anew. Those that were extended, paused,
or given a time of their own keep what they had, and are counted apart. What was taken away at its due instant would have
been kept longer; whether it would have been solved in that time, nobody knows: that is counted apart as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from domain.case.terms import Exit
from domain.decider import Act
from domain.org import Tier
from domain.rules import Policy, Rules
from domain.rules.deadlines import MIDNIGHT, Span
from projections.held import held
from projections.visibility import counts_for

c = held.c
COLUMNS = (c.guard, c.void, c.tier, c.kind, c.grade, c.entered_at, c.exit, c.paused_s, c.paused_since)
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
    """Due instants under one policy. Days are counted once for all clocks that start on the same day."""

    def __init__(self, rules: Rules, policy: Policy) -> None:
        self._rules = rules
        self.policy = policy
        self._known: dict[tuple[Any, ...], datetime] = {}

    def due(self, start: datetime, span: Span) -> datetime:
        if span.unit in ("hours", "minutes"):
            return self._rules.due(start, span).at
        key = (start.astimezone(self._rules.zone).date(), span)
        if key not in self._known:
            noon = datetime.combine(key[0], MIDNIGHT, self._rules.zone)
            self._known[key] = self._rules.due(noon, span).at
        return self._known[key]

    def spans(self, clock: str, row: Row[Any]) -> Iterator[Span]:
        """What a clock may have got by the plain rules: as a first stay, after a reopening, after a remand."""
        policy = self.policy
        if clock == "first_response":
            yield policy.first_response(row.grade)
            return
        yield policy.hold(row.tier, row.kind, row.grade)
        yield policy.reopen(row.tier, row.grade)
        yield policy.remand(row.grade)


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
    columns = (*COLUMNS, *(one for pair in CLOCKS.values() for one in pair))
    query = select(*columns).where(c.entered_at >= start, c.entered_at < end)
    for row in db.execute(query.execution_options(yield_per=2000)):
        if row.void or not counted(row.guard):
            continue
        policy = in_force(row.entered_at)
        if id(policy) not in reckonings:
            reckonings[id(policy)] = Reckoning(act.rules, policy)
        for clock, (due, stopped) in CLOCKS.items():
            due_at = getattr(row, due.name)
            if due_at is not None:
                one = found[clock, Tier(row.tier)]
                one.clocks += 1
                _count(one, row, due_at, getattr(row, stopped.name), reckonings[id(policy)], new, act.at)
    return [one for one in found.values() if one.clocks]


def _count(
    one: ClockDifference,
    row: Row[Any],
    due: datetime,
    stopped: datetime | None,
    old: Reckoning,
    new: Reckoning,
    now: datetime,
) -> None:
    due_then = None if row.paused_s or row.paused_since else _anew(one.clock, row, due, old, new)
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


def _anew(clock: str, row: Row[Any], due: datetime, old: Reckoning, new: Reckoning) -> datetime | None:
    """When it would have been due: by the same rule that gave it its time. None if no plain rule did."""
    for before, after in zip(old.spans(clock, row), new.spans(clock, row), strict=True):
        if old.due(row.entered_at, before) == due:
            return new.due(row.entered_at, after)
    return None


def _late(due: datetime, stopped: datetime | None, now: datetime) -> bool:
    return (stopped or now.astimezone(UTC)) >= due
