"""A case's history: every stored event with its place in the log, its hashes and a sentence that says what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from domain.case import Case
from domain.case.terms import Confidentiality
from domain.decider import Act
from domain.household import Household
from domain.streams import case_stream, household_stream
from service.record.codec import Line, hash_of, to_line
from service.record.ledger import Ledger
from service.record.recorder import Recorder
from service.telling.event_view import DecidedBy, EventView
from service.telling.names import Naming, naming
from service.telling.opened_cases import hiding_cases
from service.telling.sentences import sentence

SEALED = ("petitioner", "receipt", "identity", "told")


def history_of(
    recorder: Recorder, case: Case, act: Act, chinese: bool, after: int, limit: int
) -> tuple[list[EventView], str | None]:
    """The events after a version, and the version to go on from."""
    return _page(recorder, case_stream(case.id), case.version, Telling.of(case, act, chinese), after, limit)


def household_history(
    ledger: Ledger, household: Household, act: Act, chinese: bool, after: int, limit: int
) -> tuple[list[EventView], str | None]:
    """The same for a household; nobody is hidden in it."""
    stream, telling = household_stream(household.id), Telling(act, chinese, {})
    items, following = _page(ledger.recorder, stream, household.version, telling, after, limit)
    return hiding_cases(items, ledger, act), following


def _page(
    recorder: Recorder, stream: str, version: int, telling: Telling, after: int, limit: int
) -> tuple[list[EventView], str | None]:
    lines = recorder.select_events(stream, gt=after, lte=version, limit=limit + 1)
    positions = recorder.positions(stream)
    items = [_item(line.state, positions[line.originator_version - 1], telling) for line in lines[:limit]]
    return items, str(items[-1]["version"]) if len(lines) > limit else None


@dataclass(frozen=True)
class Telling:
    """Who reads the events, in which language, and what reporters are called who stay unknown."""

    act: Act
    chinese: bool
    hidden: Mapping[str, str]

    @classmethod
    def of(cls, case: Case, act: Act, chinese: bool) -> Telling:
        hidden = {id: name for id, name in case.hidden_names.items() if id != act.by.id}
        return cls(act, chinese, hidden)

    @cached_property
    def named(self) -> Naming:
        return naming(self.act.org, self.chinese)

    def who(self, id: str) -> str:
        return self.hidden.get(id, id)

    def sentence(self, line: Line) -> str:
        return sentence(line.type, impersonal(line.data, self.hidden), self.chinese, self.named)


def _item(state: bytes, position: int, telling: Telling) -> EventView:
    line = to_line(state)
    local = telling.act.rules.local
    official = telling.act.org.official(line.by)
    return {
        "version": line.version,
        "position": position,
        "type": line.type,
        "at": local(line.at),
        "recorded_at": local(line.recorded_at),
        "by": telling.who(line.by),
        "by_name": official.name if official and telling.who(line.by) == line.by else None,
        "data": impersonal(line.data, telling.hidden),
        "sentence": telling.sentence(line),
        "decided_by": _deciders(line.data),
        "hash": hash_of(state),
        "previous_hash": line.previous,
    }


def impersonal(data: Any, names: Mapping[str, str] | None = None) -> Any:
    """The event's data without what is sealed; of reporters only those names that are given for them."""
    if isinstance(data, list):
        return [impersonal(one, names) for one in data]
    if not isinstance(data, dict):
        return data
    return {
        name: ("sealed" if value else None)
        if name in SEALED
        else _name(value, names)
        if name == "reporter" or (name == "collector" and _unknown(data))
        else impersonal(value, names)
        for name, value in data.items()
    }


def _name(reporter: str, names: Mapping[str, str] | None) -> str:
    return "reporter" if names is None else names.get(reporter, reporter)


def _unknown(report: Mapping[str, Any]) -> bool:
    """Whether the reporter of this case also wrote it down, and is not to be known."""
    hidden: bool = report["confidentiality"] != Confidentiality.OPEN
    return hidden and report["collector"] == report["reporter"]


def _deciders(data: dict[str, Any]) -> DecidedBy | None:
    """The policy and the calendar that decided a due instant in this event, if any."""
    for change in (*data.get("starts", ()), *data.get("moves", ())):
        if change.get("due_at"):
            return {"policy": change.get("policy", ""), "calendar": change.get("calendar", "")}
    return None
