"""Signs of gaming: each detector is given a unit's stays and returns those that show its pattern (docs/rules.md).

A finding is a reason to look, not a verdict. Thresholds are published with the policy.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from domain.rules.scheme import Thresholds


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
    withdrawn: bool
    pressed: bool
    """The citizen did not mean a withdrawal made in his name, or thought better of a verdict he had given."""


Detector = Callable[[Sequence[Stayed], Thresholds, datetime], Sequence[Stayed]]


def closing_without_solving(stays: Sequence[Stayed], when: Thresholds, _now: datetime) -> Sequence[Stayed]:
    """Many of what was resolved had to be opened again."""
    of = sum(one.resolved for one in stays)
    return pattern([one for one in stays if one.reopened], of, when.closing_without_solving_pct, when)


def returning_cases(stays: Sequence[Stayed], when: Thresholds, _now: datetime) -> Sequence[Stayed]:
    """Many were disputed, and the ruling said in vain."""
    return pattern([one for one in stays if one.rejected_disputes], len(stays), when.returning_cases_pct, when)


def parking(stays: Sequence[Stayed], when: Thresholds, now: datetime) -> Sequence[Stayed]:
    """Many went to the pending list, or spent too much of their time waiting for the citizen."""

    def waited(one: Stayed) -> bool:
        return one.paused * 100 > ((one.left_at or now) - one.entered_at) * when.parked_for_pct

    return pattern([one for one in stays if one.suspended or waited(one)], len(stays), when.parking_pct, when)


def cherry_picking(stays: Sequence[Stayed], when: Thresholds, now: datetime) -> Sequence[Stayed]:
    """Many are late and still there, though what typically was resolved meanwhile came in after them."""
    resolved = [one.entered_at.timestamp() for one in stays if one.resolved]
    if not resolved:
        return ()
    typical = median(resolved)
    late = [one for one in stays if one.left_at is None and one.due_at is not None and one.due_at <= now]
    left = [one for one in late if one.entered_at.timestamp() < typical]
    return pattern(left, len(stays), when.cherry_picking_pct, when)


def pressing(stays: Sequence[Stayed], when: Thresholds, _now: datetime) -> Sequence[Stayed]:
    """Many were withdrawn, or it looks as if the citizen had been talked into it, or into being satisfied."""
    return pattern([one for one in stays if one.withdrawn or one.pressed], len(stays), when.pressing_pct, when)


def pattern(shown: Sequence[Stayed], of: int, pct: int, when: Thresholds) -> Sequence[Stayed]:
    """These, where they are many of enough."""
    return shown if of >= max(when.fewest_stays, 1) and len(shown) * 100 >= pct * of else ()


DETECTORS: Mapping[str, Detector] = {
    detector.__name__: detector
    for detector in (closing_without_solving, returning_cases, parking, cherry_picking, pressing)
}
