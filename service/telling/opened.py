"""The cases that visits opened, as far as they may be told: one about somebody of the reader's own does not exist for him."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from domain.decider import Act, altered
from domain.household import Household
from domain.streams import case_stream
from service.record.ledger import Ledger

Event = TypeVar("Event", bound=Mapping[str, Any])

VISIT = "household.visit_recorded"


def kept_from(ledger: Ledger, act: Act, cases: Iterable[str | None]) -> set[str | None]:
    """Those of these cases that are about the reader, his colleagues or those above him."""
    states = ledger.states({case_stream(case) for case in cases if case})
    return {case.id for case in states.values() if act.org.tainted(act.by, case.subjects, act.at)}


def as_told(household: Household, ledger: Ledger, act: Act) -> Household:
    """The household without what its visits opened and the reader may not know of."""
    kept = kept_from(ledger, act, (case for visit in household.visits for case in visit.cases))
    told = (replace(visit, cases=tuple(case for case in visit.cases if case not in kept)) for visit in household.visits)
    return altered(household, visits=tuple(told)) if kept else household


def without_kept(events: list[Event], ledger: Ledger, act: Act) -> list[Event]:
    """The same events; in those of visits, such a case leaves its place as empty as a need that was answered at once."""
    visits = [one["data"] for one in events if one["type"] == VISIT]
    kept = kept_from(ledger, act, (case for data in visits for case in data["cases"]))
    for data in visits:
        data["cases"] = [None if case in kept else case for case in data["cases"]]
    return events
