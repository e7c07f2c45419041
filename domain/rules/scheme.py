"""What the assessment weighs: weights, thresholds and deductions, as values that are published with the policy.

All of them are whole numbers, so that the same log gives the same score on every machine. Names say the unit: `_pct`
of a hundred, `_tenths` of a point, `_wd` working days. All values are our proposal until a district sets its own.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """How much of the score each part makes; what citizens say makes more than half of it. Out of their sum."""

    solved: int = 35
    satisfied: int = 20
    on_time_effective: int = 20
    first_response: int = 10
    duty: int = 15


@dataclass(frozen=True, kw_only=True, slots=True)
class Deductions:
    """Points taken off for what was found to be wrong."""

    false_closure_tenths: int = 20
    false_closures_at_most_tenths: int = 100
    rejected_disputes_free_pct: int = 5
    """So many of a hundred assignments may be disputed in vain for nothing."""
    rejected_dispute_tenths: int = 5
    premature_escalation_tenths: int = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Thresholds:
    """From when on a detector says something: so many of a hundred stays are a pattern."""

    fewest_stays: int = 5
    """Of fewer nothing can be said."""
    closing_without_solving_pct: int = 20
    returning_cases_pct: int = 20
    parking_pct: int = 20
    parked_for_pct: int = 50
    """A stay that spent more of its time than this waiting for the citizen was parked."""
    cherry_picking_pct: int = 20
    pressing_pct: int = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Scheme:
    """How a year is weighed up."""

    weights: Weights = field(default=Weights())
    deductions: Deductions = field(default=Deductions())
    basically_satisfied_pct: int = 60
    """What "basically satisfied" counts for."""
    shrinkage: int = 20
    """With how many answers of the peer group's mean a rate is joined, so that few answers do not decide."""
    confidence_pct: int = 90
    fewest_answers: int = 30
    excluded_review_pct: int = 10
    """More cases left out than this calls for a review."""
    vetoed_at_most: int = 59
    appeal_wd: int = 10
    """In which a unit may appeal, from when the event that gave the mark was recorded."""
    appeal_decision_wd: int = 10
    panel_agreeing: int = 2
    """So many members of a panel must find the same."""
    duty_grace_hours: int = 72
    """How long after a quarter its visits may still be entered; then it is closed."""
    sample_size: int = 30
    """How many cases of a unit and quarter are drawn for an independent question; those of priority households besides."""
    sample_open_nd: int = 30
    """How long after the quarter those who were drawn are asked; until then the unit does not know who was."""
    detectors: Thresholds = field(default=Thresholds())
