"""A visit and the cases it opens are one command: either all of it is recorded or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from domain.case import Case, Report
from domain.case.terms import Channel, Kind
from domain.decider import Act, Entry
from domain.household import Household, RecordVisit
from domain.household.events import VisitRecorded
from domain.household.terms import Need
from domain.refusals import Invalid
from domain.streams import case_stream, household_stream
from service.record.drafting import as_entry
from service.record.ids import new_id


@dataclass(frozen=True)
class Visiting:
    """Decides the visit, then reports each need that was not answered at the door, for the household (代办)."""

    visit: RecordVisit

    def decide(self, household: Household, act: Act, /) -> Iterator[Any]:
        act = replace(act, others={**act.others, household_stream(household.id): household})
        for event in self.visit.decide(household, act):
            if not isinstance(event, VisitRecorded):
                yield event
                continue
            cases = tuple(None if need.answer else new_id(act.at) for need in self.visit.needs)
            yield replace(event, cases=cases)
            for need, case in zip(self.visit.needs, cases, strict=True):
                if case is not None:
                    yield from _reported(need, case, household, act)


def _reported(need: Need, case: str, household: Household, act: Act) -> Iterator[Entry[Any]]:
    if need.kind not in list(Kind):
        raise Invalid("a need has the kind of a case", "诉求类型须为事项类型")
    if need.kind == Kind.ACCUSATION:
        raise Invalid(
            "report an accusation by itself: of a visit knows whoever sees the household",
            "检举控告须单独登记：能查看该户的人员均可看到走访记录",
        )
    report = Report(
        title=need.title,
        kind=Kind(need.kind),
        village=household.village,
        channel=Channel.HOUSEHOLD_VISIT,
        household=household.id,
        proxy=True,
    )
    for item in report.decide(Case(id=case), act):
        yield replace(as_entry(item), stream=case_stream(case))
