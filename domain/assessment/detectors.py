"""What gaming leaves behind (domain.md section 6): each detector looks at a unit's stays and names those that show it.

A finding is a reason to look, not a verdict. Thresholds are [P].
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

FEWEST = 5
"""Of fewer stays nothing can be said."""
SHARE = 0.2
"""So many of them are a pattern."""


@dataclass(frozen=True, kw_only=True)
class Stayed:
    """One stay of a case at a unit, as far as a detector looks at it."""

    case: str
    entered_at: datetime
    due_at: datetime | None
    left_at: datetime | None
    resolved: bool
    reopened: bool
    suspended: bool
    paused: timedelta
    rejected_disputes: int


Detector = Callable[[Sequence[Stayed], datetime], Sequence[Stayed]]


def closing_without_solving(stays: Sequence[Stayed], _now: datetime) -> Sequence[Stayed]:
    """Many of what was resolved had to be opened again."""
    return pattern([one for one in stays if one.reopened], of=sum(one.resolved for one in stays))


def returning_cases(stays: Sequence[Stayed], _now: datetime) -> Sequence[Stayed]:
    """Many were disputed, and the ruling said in vain."""
    return pattern([one for one in stays if one.rejected_disputes], of=len(stays))


def parking(stays: Sequence[Stayed], now: datetime) -> Sequence[Stayed]:
    """Many went to the pending list, or spent more than half of their time waiting for the citizen."""
    parked = [one for one in stays if one.suspended or one.paused * 2 > (one.left_at or now) - one.entered_at]
    return pattern(parked, of=len(stays))


def cherry_picking(stays: Sequence[Stayed], now: datetime) -> Sequence[Stayed]:
    """Many are late and still there, though what typically was resolved meanwhile came in after them."""
    resolved = [one.entered_at.timestamp() for one in stays if one.resolved]
    if not resolved:
        return ()
    typical = median(resolved)
    late = [one for one in stays if one.left_at is None and one.due_at is not None and one.due_at <= now]
    return pattern([one for one in late if one.entered_at.timestamp() < typical], of=len(stays))


def pattern(shown: Sequence[Stayed], *, of: int) -> Sequence[Stayed]:
    """These, where they are many of enough."""
    return shown if of >= FEWEST and len(shown) >= SHARE * of else ()


DETECTORS: Mapping[str, Detector] = {
    detector.__name__: detector for detector in (closing_without_solving, returning_cases, parking, cherry_picking)
}
