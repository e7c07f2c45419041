"""The cases that visits opened: those about the reader, his colleagues or those above him are hidden from him."""

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


def hidden_among(ledger: Ledger, act: Act, cases: Iterable[str | None]) -> set[str | None]:
    """The cases that are about the reader, his colleagues or those above him."""
    states = ledger.states({case_stream(case) for case in cases if case})
    return {case.id for case in states.values() if act.org.tainted(act.by, case.subjects, act.at)}


def without_hidden_cases(household: Household, ledger: Ledger, act: Act) -> Household:
    """The household without the cases that its visits opened and that are hidden from the reader."""
    hidden = hidden_among(ledger, act, (case for visit in household.visits for case in visit.cases))
    visits = (
        replace(visit, cases=tuple(case for case in visit.cases if case not in hidden)) for visit in household.visits
    )
    return altered(household, visits=tuple(visits)) if hidden else household


def hiding_cases(events: list[Event], ledger: Ledger, act: Act) -> list[Event]:
    """The events with None in the place of each hidden case, as for a need that was answered at the door."""
    visits = [one["data"] for one in events if one["type"] == VISIT]
    hidden = hidden_among(ledger, act, (case for data in visits for case in data["cases"]))
    for data in visits:
        data["cases"] = [None if case in hidden else case for case in data["cases"]]
    return events
