"""A unit's scorecard for a year: three rates, what else it is judged on, what was left out, and the evidence for all of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from domain.assessment import Findings, Parts, Rate, Score, ranks, rate, score
from domain.assessment.rates import PLACES, satisfied, shrunk
from domain.decider import Act
from domain.org import UnitKind
from domain.rules.scheme import Scheme
from projections.case_file import case_file
from projections.scored import mark_given, totals
from projections.tallies import COUNTED, Figure
from projections.visibility import counts_for, each_visible_to

Marks = Counter[tuple[str, str]]
"""How many there are of each figure and mark."""

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
class Term:
    """What falls to the one who answered for it; none while the post was vacant."""

    official: str | None
    rates: ThreeRates
    on_time_effective: Rate


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
    on_time_effective: Rate
    tasks: Rate
    intake: Rate
    misdispatched: int
    duty: float | None
    findings: Findings
    excluded: Excluded
    score: Score
    rank: int | None
    officials: tuple[Term, ...]
    collectors: Mapping[str, int]
    """How many cases each collected: what an ordinary cadre is judged on, and not how long they took."""
    automatic_decision: bool = False


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The event that gave a mark."""

    case: str
    version: int


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The events behind a figure that the reader may see, and how many marks rest on others."""

    figure: str
    mark: str
    n: int
    events: tuple[Reference, ...]
    withheld: int


def cards(
    db: Connection, act: Act, year: int, places: Collection[str] | None, scheme: Scheme, at: datetime | None = None
) -> list[Card]:
    """The cards of the towns and departments among these units; of all without any. Peers are all of one kind."""
    known, org = counts_for(act), act.org
    marks: dict[str, Marks] = defaultdict(Counter)
    terms: dict[str, dict[str, Marks]] = defaultdict(lambda: defaultdict(Counter))
    for unit, official, figure, mark, guard, n in totals(db, year, at):
        if known(guard):
            marks[unit][figure, mark] += n
            terms[unit][official][figure, mark] += n
    found: list[Card] = []
    for kind in JUDGED_ON:
        alike = sorted(id for id, unit in org.units.items() if unit.kind is kind and (not unit.closed or id in marks))
        peers = _pooled([marks[unit] for unit in alike])
        ready = [_card(act, unit, year, marks[unit], terms[unit], peers, scheme) for unit in alike]
        enough = [
            card.rates.solved.interval if card.rates.solved.n >= scheme.fewest_answers else None for card in ready
        ]
        found += [replace(card, rank=rank) for card, rank in zip(ready, ranks(enough), strict=True)]
    return [card for card in found if places is None or card.unit in places]


def _card(
    act: Act,
    unit: str,
    year: int,
    marks: Marks,
    terms: Mapping[str, Marks],
    peers: float | None,
    scheme: Scheme,
) -> Card:
    known, three, on_time = act.org.units[unit], _three(marks, scheme), _rate(marks, Figure.ON_TIME_EFFECTIVE, scheme)
    solved, duty = shrunk(three.solved, peers, scheme), None
    found = Findings(
        false_closures=marks[Figure.FALSE_CLOSURE, COUNTED],
        rejected_disputes=marks[Figure.REJECTED_DISPUTE, COUNTED],
        assignments=marks[Figure.ASSIGNED, COUNTED],
        premature_escalations=marks[Figure.PREMATURE, COUNTED],
    )
    parts = Parts(
        solved=solved,
        satisfied=three.satisfied.raw,
        on_time_effective=on_time.raw,
        first_response=three.response.raw,
        duty=duty,
    )
    return Card(
        unit=unit,
        name=known.name,
        kind=known.kind,
        year=year,
        judged_on=JUDGED_ON[known.kind],
        rates=three,
        solved_shrunk=solved,
        peers_solved=peers,
        on_time_effective=on_time,
        tasks=_rate(marks, Figure.TASK, scheme),
        intake=_rate(marks, Figure.INTAKE, scheme),
        misdispatched=marks[Figure.MISDISPATCH, COUNTED],
        duty=duty,
        findings=found,
        excluded=_excluded(marks, scheme),
        score=score(parts, found, three.solved.n, scheme),
        rank=None,
        officials=tuple(
            _term(official, of, scheme) for official, of in sorted(terms.items()) if of[Figure.ASSIGNED, COUNTED]
        ),
        collectors={who: n for who, of in sorted(terms.items()) if (n := of[Figure.COLLECTED, COUNTED])},
    )


def _term(official: str, marks: Marks, scheme: Scheme) -> Term:
    on_time = _rate(marks, Figure.ON_TIME_EFFECTIVE, scheme)
    return Term(official=official or None, rates=_three(marks, scheme), on_time_effective=on_time)


def _three(marks: Marks, scheme: Scheme) -> ThreeRates:
    solved, asked = _rate(marks, Figure.SOLVED, scheme), marks[Figure.ASKED, COUNTED]
    said = [marks[Figure.SATISFIED, mark] for mark in ("satisfied", "basically_satisfied", "dissatisfied")]
    return ThreeRates(
        response=_rate(marks, Figure.FIRST_RESPONSE, scheme),
        solved=solved,
        satisfied=satisfied(said[0], said[1], said[2], scheme),
        asked=asked,
        answer_rate=round(solved.n / asked, PLACES) if asked else None,
    )


def _rate(marks: Marks, figure: Figure, scheme: Scheme) -> Rate:
    yes, no = marks[figure, "yes"], marks[figure, "no"]
    return rate(yes, yes + no, scheme)


def _pooled(peers: Iterable[Marks]) -> float | None:
    """The share solved of all answers in the peer group."""
    both = [(marks[Figure.SOLVED, "yes"], marks[Figure.SOLVED, "no"]) for marks in peers]
    n = sum(yes + no for yes, no in both)
    return round(sum(yes for yes, _ in both) / n, PLACES) if n else None


def _excluded(marks: Marks, scheme: Scheme) -> Excluded:
    cases = {mark: n for (figure, mark), n in sorted(marks.items()) if figure == Figure.EXCLUDED and n}
    left_out = sum(cases.values())
    of = marks[Figure.ASSIGNED, COUNTED] + cases.get("withdrawn", 0) + cases.get("merged", 0)
    share = round(left_out / of, PLACES) if of else None
    return Excluded(cases=cases, share=share, review=100 * left_out > scheme.excluded_review_pct * of)


def evidence(db: Connection, act: Act, unit: str, year: int, at: datetime | None = None) -> list[Evidence]:
    """The events behind each figure of a card. Of cases the reader may not see there is at most a number."""
    known, c = counts_for(act), mark_given.c
    of_card = [c.unit == unit, c.year == year, *([c.at <= at] if at else [])]
    columns = (c.case_id, c.item, c.version, c.n, c.figure, c.mark, c.guard)
    query = select(*columns).where(*of_card).order_by(c.case_id, c.version, c.n)
    seen_query = select(case_file.c.case_id).where(
        case_file.c.case_id.in_(select(c.case_id).where(*of_card)), each_visible_to(act)
    )
    seen = set(db.scalars(seen_query))
    standing: dict[tuple[str, str, str, str], int] = {}
    for case, item, version, n, figure, mark, guard in db.execute(query):
        if not known(guard):
            continue
        if n > 0:
            standing[case, item, figure, mark] = version
        else:
            standing.pop((case, item, figure, mark), None)
    found: dict[tuple[str, str], list[Reference]] = defaultdict(list)
    for (case, _, figure, mark), version in sorted(standing.items()):
        found[figure, mark].append(Reference(case=case, version=version))
    return [_told(figure, mark, events, seen) for (figure, mark), events in sorted(found.items())]


def _told(figure: str, mark: str, events: list[Reference], seen: set[str]) -> Evidence:
    shown = tuple(sorted((one for one in events if one.case in seen), key=lambda one: (one.case, one.version)))
    return Evidence(figure=figure, mark=mark, n=len(events), events=shown, withheld=len(events) - len(shown))
