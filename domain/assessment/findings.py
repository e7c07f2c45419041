"""Findings of other bodies about a unit's year: an adjudicated veto, and cases left out as nobody's fault."""

from collections.abc import Iterator
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.assessment.events import CaseExcluded, Exclusion, VetoAdjudicated, VetoKind
from domain.assessment.gate import YearCommand
from domain.assessment.year import UnitYear
from domain.decider import Act, command
from domain.duties import Quarter
from domain.ids import Id
from domain.refusals import WrongStatus
from domain.zone import just_before


def answering(year: UnitYear, act: Act) -> str | None:
    """Who answers for what is found about a year: the head of now, or, once it is over, the last it had."""
    last = just_before(Quarter(year=year.year, number=4).ends())
    return act.org.head_of(year.unit, min(act.at, last))


@command
class Veto(YearCommand):
    """A leak of who reported, or a retaliation, was adjudicated. `basis` says where.

    No score of this year is above 59, if the policy says nothing else.
    """

    verb = "veto"

    kind: VetoKind
    basis: Annotated[str, MinLen(5), MaxLen(2000)]

    def rule(self, year: UnitYear, act: Act, /) -> Iterator[VetoAdjudicated]:
        accountable = answering(year, act)
        yield VetoAdjudicated(kind=self.kind, basis=self.basis, accountable=accountable)


@command
class Exclude(YearCommand):
    """Leave a case out of this unit's year, where nobody could have done better. It is listed and counted as such."""

    verb = "exclude"

    case: Id
    reason: Annotated[str, MinLen(5), MaxLen(2000)]
    ground: Exclusion = Exclusion.FORCE_MAJEURE

    def rule(self, year: UnitYear, act: Act, /) -> Iterator[CaseExcluded]:
        if self.case in year.excluded:
            raise WrongStatus("it is left out already", "该事项已不计入考核")
        accountable = answering(year, act)
        yield CaseExcluded(case=self.case, ground=self.ground, reason=self.reason, accountable=accountable)
