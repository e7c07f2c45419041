"""A unit's score for a year: its parts, the deductions, and which units can be told apart at all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass

from domain.assessment.rates import Interval
from domain.rules.scheme import Scheme

PLACES, PARTS = 3, 6
"""Digits that are told of points, and of the parts they are made of."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The parts of the score, each from 0 to 1; none where there is no data."""

    solved: float | None = None
    satisfied: float | None = None
    on_time_effective: float | None = None
    first_response: float | None = None
    duty: float | None = None


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What was found to be wrong, in numbers. `vetoed`: a leak or a retaliation was adjudicated."""

    false_closures: int = 0
    rejected_disputes: int = 0
    assignments: int = 0
    premature_escalations: int = 0
    vetoed: bool = False


@dataclass(frozen=True, kw_only=True)
class Score:
    """Points out of a hundred, over the parts for which there is data.

    `missing` names the parts that have none, `weighed_pct` says how much of the whole the others are.
    """

    points: float | None
    weighed_pct: int
    missing: tuple[str, ...]
    deductions: Mapping[str, float]
    vetoed: bool
    note: str | None


NOT_ENOUGH = "not_enough_answers"
NO_DATA = "no_data"


def score(
    parts: Parts, findings: Findings, answers: int, scheme: Scheme, judged_on: Collection[str] | None = None
) -> Score:
    """The score; none below the fewest answers, and none where there is no data. Only what one is judged on weighs."""
    weights = {
        name: weight for name, weight in asdict(scheme.weights).items() if judged_on is None or name in judged_on
    }
    shares = {name: share for name, share in asdict(parts).items() if name in weights}
    known = {name: share for name, share in shares.items() if share is not None}
    weighed = sum(weights[name] for name in known)
    off = deductions(findings, scheme)
    note = NO_DATA if not weighed else NOT_ENOUGH if answers < scheme.fewest_answers else None
    points = None
    if note is None:
        reached = 100 * sum(weights[name] * share for name, share in known.items()) / weighed
        points = max(reached - sum(off.values()), 0.0)
        points = round(min(points, scheme.vetoed_at_most) if findings.vetoed else points, PLACES)
    return Score(
        points=points,
        weighed_pct=100 * weighed // max(sum(weights.values()), 1),
        missing=tuple(name for name in shares if name not in known),
        deductions=off,
        vetoed=findings.vetoed,
        note=note,
    )


def duty(shares: Collection[tuple[int, int]]) -> float | None:
    """The mean over duties of what was paid of what was owed, each at most all of it; none where nothing was owed."""
    owed = [min(verified / required, 1.0) for verified, required in shares if required]
    return round(sum(owed) / len(owed), PARTS) if owed else None


def deductions(found: Findings, scheme: Scheme) -> dict[str, float]:
    """Points taken off, by what for."""
    d = scheme.deductions
    free = found.assignments * d.rejected_disputes_free_pct // 100
    tenths = {
        "false_closures": min(found.false_closures * d.false_closure_tenths, d.false_closures_at_most_tenths),
        "rejected_disputes": max(found.rejected_disputes - free, 0) * d.rejected_dispute_tenths,
        "premature_escalations": found.premature_escalations * d.premature_escalation_tenths,
    }
    return {name: amount / 10 for name, amount in tenths.items()}


def ranks(intervals: Sequence[Interval | None]) -> list[int | None]:
    """The place of each among its peers; none for one that cannot be told apart from another, or has no interval."""
    known = [one for one in intervals if one is not None]

    def place(one: Interval | None) -> int | None:
        if one is None or sum(one.overlaps(other) for other in known) > 1:
            return None
        return 1 + sum(other.low > one.high for other in known)

    return [place(one) for one in intervals]
