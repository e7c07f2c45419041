"""Marks that no case gives: duties of a quarter, vetoes, and the visits that cadres pay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain.assessment.events import QuarterClosed, VetoAdjudicated
from domain.assessment.sample import Answered, Drawn, Sample
from domain.assessment.year import UnitYear
from domain.duties import PLACES, CameAs, Target, Visited
from domain.household import Household
from domain.household.events import VisitAudited, VisitRecorded
from domain.streams import household_stream
from projections.cards.marks import Figure, Mark
from projections.duties.targets import stood
from projections.following.days import year_of
from projections.following.projection import Step

SIGNED, UNSIGNED, CONFIRMED, DENIED, PLACE = "signed", "unsigned", "confirmed", "denied", "place"
COUNTING = (SIGNED, CONFIRMED, PLACE)
"""Marks of visits that count. At a place nobody signs: one from elsewhere counts, as it does for its coverage."""


def of_year(step: Step) -> Iterator[dict[str, Any]]:
    """What is recorded of a unit's year itself."""
    year: UnitYear = step.after
    match step.recorded.event:
        case QuarterClosed() as closed:
            for duty in closed.duties:
                for figure, n in ((Figure.DUTY_REQUIRED, duty.required), (Figure.DUTY_VERIFIED, duty.verified)):
                    item = f"{figure}:{closed.quarter}:{duty.kind}"
                    given = Mark(item, figure, duty.kind, year.unit, closed.accountable or "", year.year)
                    yield from _row(step, given, n)
        case VetoAdjudicated() as veto:
            item = f"veto:{step.recorded.version}"
            yield from _row(step, Mark(item, Figure.VETO, veto.kind, year.unit, veto.accountable or "", year.year))
        case _:
            pass


def of_sample(step: Step) -> Iterator[dict[str, Any]]:
    """How many were drawn, and what those said who were asked. Which case it was is in no mark."""
    sample: Sample = step.after
    match step.recorded.event:
        case Drawn() as drawn:
            given = Mark("drawn", Figure.SAMPLED, "drawn", sample.unit, "", sample.year)
            yield from _row(step, given, len(drawn.cases))
        case Answered(solved=bool()) as answered:
            item, mark = f"answered:{answered.case}", "yes" if answered.solved else "no"
            yield from _row(step, Mark(item, Figure.SAMPLE_SOLVED, mark, sample.unit, "", sample.year))
        case _:
            pass


def of_visit(step: Step) -> Iterator[dict[str, Any]]:
    """A household that was visited, and each need that was found there; and what it says of a visit when it is asked."""
    version, home = step.recorded.version, _place(step.after)
    match step.recorded.event:
        case VisitRecorded() as visit:
            yield from _row(step, _visited(step.after, version))
            for number, case in enumerate(visit.cases):
                item, mark = f"need:{version}:{number}", "case" if case else "answered"
                yield from _row(step, Mark(item, Figure.NEED, mark, home, visit.visitor, year_of(step.recorded.at)))
        case VisitAudited(visit=version):
            yield from _row(step, _visited(step.before, version), -1)
            yield from _row(step, _visited(step.after, version))
        case _:
            pass


def _visited(household: Household, version: int) -> Mark:
    """The mark of the visit of this version, as it stands."""
    visit = next(one for one in household.visits if one.version == version)
    mark = SIGNED if visit.countersigned else UNSIGNED
    if visit.confirmed is not None:
        mark = CONFIRMED if visit.confirmed else DENIED
    item = _visit(household_stream(household.id), version)
    return Mark(item, Figure.VISITED, mark, _place(household), visit.visitor, year_of(visit.at))


def _place(household: Household) -> str:
    return household.town or household.village


def of_target(step: Step) -> Iterator[dict[str, Any]]:
    """A place or person that must be visited, and was."""
    match step.recorded.event:
        case Visited() as visit:
            mark, year = _paid(visit, step.after), year_of(step.recorded.at)
            item = _visit(step.recorded.stream, step.recorded.version)
            yield from _row(step, Mark(item, Figure.VISITED, mark, step.after.village, visit.visitor, year))
        case _:
            pass


def _paid(visit: Visited, target: Target) -> str:
    if visit.village == target.id or target.flags & PLACES:
        return UNSIGNED if stood(visit, CameAs.LOCAL) else PLACE
    return SIGNED if visit.countersigned else UNSIGNED


def _visit(stream: str, version: int) -> str:
    return f"visit:{stream}:{version}"[:96]


def _row(step: Step, mark: Mark, n: int = 1) -> Iterator[dict[str, Any]]:
    """Nothing, for none of it."""
    if n:
        yield {
            "source": step.after.id,
            "position": step.position,
            "n": n,
            "version": 0,
            "at": step.recorded.at,
            "guard": "",
            **mark._asdict(),
        }
