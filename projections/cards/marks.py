"""What one case adds to the scorecards: each mark, in whose favour or against whom, and to which year it belongs.

A mark follows from the case alone and changes only with an event: a clock that nobody stopped counts as late from the
first event after its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain.case import Case
from domain.case.clocks import Clock, ClockKind, ClockState
from domain.case.stays import Stay
from domain.case.terms import Exit, Status
from domain.org import Tier
from domain.zone import just_before
from projections.following.days import year_of
from projections.times.held import Spell, spells


class Figure(StrEnum):
    """What a scorecard counts. The marks of a rate are `yes` and `no`."""

    SOLVED = "solved"
    SATISFIED = "satisfied"
    ASKED = "asked"
    ON_TIME_EFFECTIVE = "on_time_effective"
    FIRST_RESPONSE = "first_response"
    INTAKE = "intake"
    TASK = "task"
    ASSIGNED = "assigned"
    COLLECTED = "collected"
    FALSE_CLOSURE = "false_closure"
    REJECTED_DISPUTE = "rejected_dispute"
    PREMATURE = "premature_escalation"
    MISDISPATCH = "misdispatch"
    EXCLUDED = "excluded"
    DUTY_REQUIRED = "duty_required"
    DUTY_VERIFIED = "duty_verified"
    VETO = "veto"
    SAMPLED = "sampled"
    SAMPLE_SOLVED = "sample_solved"
    VISITED = "visited"
    NEED = "need_found"


CONTACT = frozenset({Figure.COLLECTED, Figure.VISITED, Figure.NEED})
"""What an ordinary cadre is judged on: contact and collection. It is in no unit's score."""

OF_A_HEAD = frozenset(
    {Figure.ASSIGNED, Figure.FIRST_RESPONSE, Figure.ON_TIME_EFFECTIVE, Figure.SOLVED, Figure.DUTY_REQUIRED}
)
"""Figures by which somebody has a term of office on the card, where any of these marks falls to him."""


class Mark(NamedTuple):
    """A mark for one item of a case, such as a clock of a stay. `official` answered for it; empty while the post was
    vacant.
    """

    item: str
    figure: Figure
    mark: str
    unit: str
    official: str
    year: int
    mix: str = ""
    """Kind, grade and tier of the case, where they are needed to compare with peers: `request:III:town`."""


COUNTED, AGAIN = "counted", "again"
"""A case comes to a unit, and perhaps once more in the same year: up from a village of it, reopened, sent back."""
EXCLUDED = {Status.WITHDRAWN: "withdrawn", Status.MERGED: "merged"}
"""Cases that are left out as a whole."""
DIVERTED = "diverted"
DONE_OR_NOT = frozenset({Figure.FIRST_RESPONSE, Figure.TASK})
"""What is done or not. A hold is different: it is kept by leaving the tier in time, too."""


def marks_of(case: Case) -> Mapping[str, Mark]:
    """Everything a case adds, by item. A history imported from elsewhere adds nothing: nobody's clocks ran in it."""
    if case.report is None or case.imported:
        return {}
    return {mark.item: mark for mark in _all(case)}


def _all(case: Case) -> Iterator[Mark]:
    yield from _intake(case)
    if case.status is Status.DIVERTED:
        yield from _diverted(case)
        return
    if case.status in EXCLUDED:
        if case.stays and case.ended_at:
            yield _of(case.stays[-1], "excluded", Figure.EXCLUDED, EXCLUDED[case.status], case.ended_at)
        for number, stay in enumerate(case.stays):
            yield from _found(stay, number)
        return
    there: set[tuple[str, int]] = set()
    for spell in spells(case):
        number, stay = spell.number, spell.stay
        yield from _found(stay, number)
        if stay.void:
            continue
        came = _of(stay, f"assigned:{number}", Figure.ASSIGNED, COUNTED, stay.entered_at)
        yield came._replace(mark=AGAIN) if (came.unit, came.year) in there else came
        there.add((came.unit, came.year))
        yield from _clocks(case, spell)
    yield from _judged(case)
    yield from _tasks(case)


def _diverted(case: Case) -> Iterator[Mark]:
    """The town of its village lists a diverted case as left out; not one about a person, of which nobody may learn
    there.
    """
    if case.town and case.reported_at and not case.sealed and not case.subjects:
        yield Mark("excluded", Figure.EXCLUDED, DIVERTED, case.town, "", year_of(case.reported_at))


def _intake(case: Case) -> Iterator[Mark]:
    assert case.report is not None
    assert case.reported_at is not None
    if case.collector and case.town:
        year = year_of(case.reported_at)
        yield Mark("collected", Figure.COLLECTED, COUNTED, case.town, case.collector, year)
    for number, clock in enumerate(one for one in case.clocks if one.kind is ClockKind.INTAKE):
        yield from _clock(case, f"intake:{number}", Figure.INTAKE, clock, clock.unit, "")


def _clocks(case: Case, spell: Spell) -> Iterator[Mark]:
    stay, unit = spell.stay, judged(spell.stay)
    if response := spell.response:
        official = _answered_for(response, stay)
        yield from _clock(case, f"response:{spell.number}", Figure.FIRST_RESPONSE, response, unit, official)
    if hold := spell.hold:
        spoilt = spell.reopened or stay.premature
        official = _answered_for(hold, stay)
        yield from _clock(case, f"hold:{spell.number}", Figure.ON_TIME_EFFECTIVE, hold, unit, official, spoilt=spoilt)


def _answered_for(clock: Clock, stay: Stay) -> str:
    """Who headed the unit when the clock ended; while it has not, and in old lines, who did when the case came."""
    return (stay.accountable if clock.accountable is None else clock.accountable) or ""


def _clock(
    case: Case, item: str, figure: Figure, clock: Clock, unit: str, official: str, *, spoilt: bool = False
) -> Iterator[Mark]:
    """A `yes` or `no` for a clock, once an event shows which. None for one that ended undone before it was due."""
    due, stopped, seen = clock.due_at, clock.stopped_at, case.updated_at
    if due is None or clock.state is ClockState.VOID or (stopped is None and (seen is None or seen < due)):
        return
    if clock.state is ClockState.LEFT and figure in DONE_OR_NOT:
        return
    in_time = stopped is not None and stopped < due and not spoilt
    yield Mark(item, figure, "yes" if in_time else "no", unit, official, year_of(just_before(due)))


def _found(stay: Stay, number: int) -> Iterator[Mark]:
    """What was found of a stay; it stands though the case is withdrawn or merged afterwards."""
    if stay.void:
        if stay.charged_to and stay.left_at:
            year = year_of(stay.left_at)
            yield Mark(f"misdispatch:{number}", Figure.MISDISPATCH, COUNTED, stay.charged_to, "", year)
        return
    for dispute in range(stay.rejected_disputes):
        yield _of(stay, f"dispute:{number}:{dispute}", Figure.REJECTED_DISPUTE, COUNTED, stay.entered_at)
    if stay.premature:
        yield _of(stay, f"premature:{number}", Figure.PREMATURE, COUNTED, stay.left_at or stay.entered_at)
    if stay.refuted and stay.left_at:
        yield _of(stay, f"false:{number}", Figure.FALSE_CLOSURE, COUNTED, stay.left_at)


def _judged(case: Case) -> Iterator[Mark]:
    """What those who brought it said of each resolution; of a reasoned refusal they are not asked whether it is solved."""
    if not case.stays:
        return
    last = len(case.stays) - 1
    brought = {one.id for one in case.reporters}
    for number, stay in enumerate(case.stays):
        if stay.exit is not Exit.RESOLVED or stay.left_at is None:
            continue
        if number == last and case.refused:
            yield _of(stay, "excluded", Figure.EXCLUDED, "not_supported", stay.left_at)
            continue
        given = [one for one in case.answers if one.stay == number and one.reporter in brought]
        asked = {one.reporter for one in given} | (brought if number == last else set())
        if number == last and not given and case.unreachable:
            yield _of(stay, "excluded", Figure.EXCLUDED, "unreachable", stay.left_at)
        for reporter in sorted(asked):
            yield _of(stay, f"asked:{number}:{reporter}", Figure.ASKED, COUNTED, stay.left_at)
        for one in given:
            mark = "yes" if one.solved else "no"
            solved = _of(stay, f"solved:{number}:{one.reporter}", Figure.SOLVED, mark, stay.left_at)
            yield solved._replace(mix=f"{one.kind}:{one.grade}:{stay.tier}")
            if one.satisfaction:
                item = f"satisfied:{number}:{one.reporter}"
                yield _of(stay, item, Figure.SATISFIED, one.satisfaction, stay.left_at)


def _tasks(case: Case) -> Iterator[Mark]:
    for number, clock in enumerate(one for one in case.clocks if one.kind is ClockKind.TASK):
        yield from _clock(case, f"task:{number}", Figure.TASK, clock, clock.unit, "")


def _of(stay: Stay, item: str, figure: Figure, mark: str, at: datetime) -> Mark:
    """A mark of a stay. One about its end falls to who signed the resolution, any other to who answered when it began."""
    its_end = stay.exit is Exit.RESOLVED and at == stay.left_at
    official = stay.signed_by if its_end else stay.accountable
    return Mark(item, figure, mark, judged(stay), official or "", year_of(at))


def judged(stay: Stay) -> str:
    """The unit judged by a stay: up to the town the town, whose head answers for it; at the district the department."""
    return stay.unit if stay.tier is Tier.DISTRICT else stay.town or stay.unit
