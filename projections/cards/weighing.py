"""What marks come to: the three rates, visits owed, what was found, what was left out, and the score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from domain.assessment import Findings, Parts, Rate, Score, duty, rate, score
from domain.assessment.events import Exclusion
from domain.assessment.rates import PLACES, satisfied, shrunk
from domain.duties import TargetKind
from domain.rules.scheme import Scheme
from projections.cards.marks import AGAIN, COUNTED, DIVERTED, Figure

Marks = Counter[tuple[str, str]]
"""How many marks there are of each figure and kind of mark."""

NOT_ASSIGNED = ("withdrawn", "merged", DIVERTED, Exclusion.FORCE_MAJEURE)
"""Reasons to leave out a case as if it had never been given to the unit."""


@dataclass(frozen=True, kw_only=True)
class ThreeRates:
    """Response, solved, satisfied (三率), and how many of those who were asked have answered."""

    response: Rate
    solved: Rate
    satisfied: Rate
    asked: int
    answer_rate: float | None


@dataclass(frozen=True, kw_only=True)
class Excluded:
    """Cases left out of the rates, and whether they are so many that somebody must look."""

    cases: Mapping[str, int]
    share: float | None
    review: bool


@dataclass(frozen=True, kw_only=True)
class DutyShare:
    """Of those owed a visit in quarters that are closed, how many were paid one that counts."""

    kind: TargetKind
    required: int
    verified: int


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """What the marks of a unit, or of one term of office, come to."""

    rates: ThreeRates
    on_time: Rate
    solved: float | None
    duty: float | None
    duties: tuple[DutyShare, ...]
    findings: Findings
    score: Score


def weighed(marks: Marks, peers: float | None, scheme: Scheme, judged_on: Collection[str]) -> Weighed:
    """Weigh them. `peers` is the share that units of the kind have solved, towards which few answers are moved."""
    three, on_time = _three(marks, scheme), rate_of(marks, Figure.ON_TIME_EFFECTIVE, scheme)
    solved, duties = shrunk(three.solved, peers, scheme), _duties(marks)
    paid = duty([(one.verified, one.required) for one in duties])
    found = Findings(
        false_closures=marks[Figure.FALSE_CLOSURE, COUNTED],
        rejected_disputes=marks[Figure.REJECTED_DISPUTE, COUNTED],
        assignments=marks[Figure.ASSIGNED, COUNTED] + marks[Figure.ASSIGNED, AGAIN],
        premature_escalations=marks[Figure.PREMATURE, COUNTED],
        vetoed=any(n > 0 for (figure, _), n in marks.items() if figure == Figure.VETO),
    )
    parts = Parts(
        solved=solved,
        satisfied=three.satisfied.raw,
        on_time_effective=on_time.raw,
        first_response=three.response.raw,
        duty=paid,
    )
    return Weighed(
        rates=three,
        on_time=on_time,
        solved=solved,
        duty=paid,
        duties=duties,
        findings=found,
        score=score(parts, found, three.solved.n, scheme, judged_on),
    )


def _duties(marks: Marks) -> tuple[DutyShare, ...]:
    return tuple(
        DutyShare(kind=kind, required=marks[Figure.DUTY_REQUIRED, kind], verified=marks[Figure.DUTY_VERIFIED, kind])
        for kind in TargetKind
        if marks[Figure.DUTY_REQUIRED, kind]
    )


def _three(marks: Marks, scheme: Scheme) -> ThreeRates:
    solved, asked = rate_of(marks, Figure.SOLVED, scheme), marks[Figure.ASKED, COUNTED]
    said = [marks[Figure.SATISFIED, mark] for mark in ("satisfied", "basically_satisfied", "dissatisfied")]
    return ThreeRates(
        response=rate_of(marks, Figure.FIRST_RESPONSE, scheme),
        solved=solved,
        satisfied=satisfied(said[0], said[1], said[2], scheme),
        asked=asked,
        answer_rate=round(solved.n / asked, PLACES) if asked else None,
    )


def rate_of(marks: Marks, figure: Figure, scheme: Scheme) -> Rate:
    yes, no = marks[figure, "yes"], marks[figure, "no"]
    return rate(yes, yes + no, scheme)


def exclusions(marks: Marks, scheme: Scheme) -> Excluded:
    cases = {mark: n for (figure, mark), n in sorted(marks.items()) if figure == Figure.EXCLUDED and n}
    together = sum(cases.values())
    of = marks[Figure.ASSIGNED, COUNTED] + sum(cases.get(mark, 0) for mark in NOT_ASSIGNED)
    share = round(together / of, PLACES) if of else None
    return Excluded(cases=cases, share=share, review=100 * together > scheme.excluded_review_pct * of)
