"""A unit's scorecard for a year, beside its peers, and what falls to each who headed it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from domain.assessment import Findings, Rate, Score, ranks
from domain.assessment.rates import PLACES
from domain.decider import Act
from domain.org import Org, Unit, UnitKind
from domain.rules.scheme import Scheme
from projections.cards.marks import COUNTED, OF_A_HEAD, Figure
from projections.cards.sums import totals
from projections.cards.weighing import DutyShare, Excluded, Marks, ThreeRates, exclusions, rate_of, weighed
from projections.cases.guard import counts_for

Mix = dict[str, list[int]]
"""For each kind, grade and tier: how many answers said that it is solved, and how many there were."""

JUDGED_ON: Mapping[UnitKind, tuple[str, ...]] = {
    UnitKind.TOWN: ("solved", "satisfied", "on_time_effective", "first_response", "duty"),
    UnitKind.DEPARTMENT: (
        "solved",
        "satisfied",
        "on_time_effective",
        "first_response",
        "task",
        "intake",
        "misdispatch",
    ),
}
"""Who is judged on what. Villages and offices are their town's, whose head answers for them."""


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """What those say who were drawn by the system and asked by somebody else; it stands beside the rates, to compare."""

    asked: int
    answered: int
    solved: Rate


@dataclass(frozen=True, kw_only=True)
class Term:
    """What falls to one head of the unit; none while the post was vacant.

    A case falls to who answered for the unit when it came, a clock to who did when it ended or was to end, what is said
    of a solution to who signed it, and duties to who was there at the end of the quarter.
    """

    official: str | None
    rates: ThreeRates
    on_time_effective: Rate
    duty: float | None
    score: Score


@dataclass(frozen=True, kw_only=True)
class Card:
    """A unit's year. It is evidence for people to weigh; nothing about a person follows from it by itself."""

    unit: str
    name: str
    kind: UnitKind
    year: int
    judged_on: tuple[str, ...]
    rates: ThreeRates
    solved_shrunk: float | None
    peers_solved: float | None
    expected_solved: float | None
    """What the peers solve of cases of the same kinds, grades and tiers: hard cases are not held against anybody."""
    on_time_effective: Rate
    tasks: Rate
    intake: Rate
    misdispatched: int
    duty: float | None
    duties: tuple[DutyShare, ...]
    findings: Findings
    sample: Sampled
    excluded: Excluded
    score: Score
    rank: int | None
    officials: tuple[Term, ...]
    automatic_decision: bool = False


def cards(
    db: Connection,
    act: Act,
    year: int,
    places: Collection[str] | None,
    scheme: Scheme,
    at: datetime | None = None,
    org: Org | None = None,
) -> list[Card]:
    """The cards of the towns and departments among these units; of all without any. Peers are all of one kind.

    `org` is the organisation as it stood then; that of now if not said otherwise.
    """
    known, org = counts_for(act), org or act.org
    years: dict[str, _Year] = defaultdict(_Year)
    for unit, official, figure, mark, mix, guard, n in totals(db, year, at):
        if known(guard):
            one = years[unit]
            one.marks[figure, mark] += n
            one.terms[official][figure, mark] += n
            if figure == Figure.SOLVED:
                one.mix[mix][0] += n if mark == "yes" else 0
                one.mix[mix][1] += n
    found: list[Card] = []
    for kind in JUDGED_ON:
        alike = sorted(id for id, unit in org.units.items() if unit.kind is kind and (not unit.closed or id in years))
        peers = _Peers([years[unit] for unit in alike])
        ready = [_card(org.units[unit], year, years[unit], peers, scheme) for unit in alike]
        enough = [
            card.rates.solved.interval if card.rates.solved.n >= scheme.fewest_answers else None for card in ready
        ]
        found += [replace(card, rank=rank) for card, rank in zip(ready, ranks(enough), strict=True)]
    return [card for card in found if places is None or card.unit in places]


class _Year:
    """The marks of a unit's year: all of them, those of each official, and the mix of what was asked about."""

    def __init__(self) -> None:
        self.marks = Marks()
        self.terms: dict[str, Marks] = defaultdict(Counter)
        self.mix: Mix = defaultdict(lambda: [0, 0])


class _Peers:
    """What the units of a kind have in common, to compare each with."""

    def __init__(self, years: Collection[_Year]) -> None:
        self.mix: Mix = defaultdict(lambda: [0, 0])
        for one in years:
            for mix, (yes, n) in one.mix.items():
                self.mix[mix][0] += yes
                self.mix[mix][1] += n
        both = [(one.marks[Figure.SOLVED, "yes"], one.marks[Figure.SOLVED, "no"]) for one in years]
        n = sum(yes + no for yes, no in both)
        self.solved = round(sum(yes for yes, _ in both) / n, PLACES) if n else None

    def expect(self, of: Mix) -> float | None:
        """The rate they would solve of such a mix of cases."""
        n = sum(n for _, n in of.values())
        likely = sum(n * self.mix[mix][0] / self.mix[mix][1] for mix, (_, n) in sorted(of.items()) if n)
        return round(likely / n, PLACES) if n else None


def _card(unit: Unit, year: int, of_year: _Year, peers: _Peers, scheme: Scheme) -> Card:
    marks, judged_on = of_year.marks, JUDGED_ON[unit.kind]
    whole = weighed(marks, peers.solved, scheme, judged_on)
    return Card(
        unit=unit.id,
        name=unit.name,
        kind=unit.kind,
        year=year,
        judged_on=judged_on,
        rates=whole.rates,
        solved_shrunk=whole.solved,
        peers_solved=peers.solved,
        expected_solved=peers.expect(of_year.mix),
        on_time_effective=whole.on_time,
        tasks=rate_of(marks, Figure.TASK, scheme),
        intake=rate_of(marks, Figure.INTAKE, scheme),
        misdispatched=marks[Figure.MISDISPATCH, COUNTED],
        duty=whole.duty,
        duties=whole.duties,
        findings=whole.findings,
        sample=Sampled(
            asked=marks[Figure.SAMPLED, "drawn"],
            answered=sum(marks[Figure.SAMPLE_SOLVED, mark] for mark in ("yes", "no")),
            solved=rate_of(marks, Figure.SAMPLE_SOLVED, scheme),
        ),
        excluded=exclusions(marks, scheme),
        score=whole.score,
        rank=None,
        officials=tuple(
            _term(official, of, peers.solved, scheme, judged_on)
            for official, of in sorted(of_year.terms.items())
            if any(n and figure in OF_A_HEAD for (figure, _), n in of.items())
        ),
    )


def _term(official: str, marks: Marks, peers: float | None, scheme: Scheme, judged_on: Collection[str]) -> Term:
    own = weighed(marks, peers, scheme, judged_on)
    return Term(
        official=official or None, rates=own.rates, on_time_effective=own.on_time, duty=own.duty, score=own.score
    )
