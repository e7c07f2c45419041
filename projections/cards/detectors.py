"""What the detectors find at a unit in a period, with the cases that show it, as far as the reader sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from domain.assessment.detectors import DETECTORS, Stayed
from domain.case.terms import Exit
from domain.decider import Act
from projections.cases.guard import counts_for
from projections.cases.visibility import visible_among
from projections.times.held import held


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A reason to look: how many stays show it, of how many, and in which cases."""

    detector: str
    n: int
    of: int
    cases: tuple[str, ...]
    withheld: int


def findings(db: Connection, act: Act, unit: str, since: datetime, until: datetime) -> list[Finding]:
    """What every detector finds, in order; nothing where there is nothing to find."""
    known, c = counts_for(act), held.c
    query = select(held).where(or_(c.unit == unit, c.town == unit), c.entered_at >= since, c.entered_at < until)
    rows = db.execute(query.order_by(c.case_id, c.stay))
    stays = [_stayed(row, act.at) for row in rows if known(row.guard) and not row.void]
    when = act.rules.policy.assessment.detectors
    shown = {name: sorted({one.case for one in detect(stays, when, act.at)}) for name, detect in DETECTORS.items()}
    seen = visible_among(db, act, {case for cases in shown.values() for case in cases})
    return [_finding(name, cases, len(stays), seen) for name, cases in shown.items() if cases]


def _finding(name: str, cases: list[str], of: int, seen: set[str]) -> Finding:
    visible = tuple(case for case in cases if case in seen)
    return Finding(detector=name, n=len(cases), of=of, cases=visible, withheld=len(cases) - len(visible))


def _stayed(row: Row[Any], now: datetime) -> Stayed:
    waiting = now - row.paused_since if row.paused_since else timedelta()
    return Stayed(
        case=row.case_id,
        entered_at=row.entered_at,
        due_at=row.hold_due_at,
        left_at=row.left_at,
        resolved=row.exit == Exit.RESOLVED,
        reopened=row.reopened,
        suspended=row.exit == Exit.SUSPENDED,
        paused=timedelta(seconds=row.paused_s) + waiting,
        rejected_disputes=row.rejected_disputes,
        withdrawn=row.exit == Exit.WITHDRAWN,
        pressed=row.pressed,
    )
