"""A case's history: every stored event with its place in the log, its hashes and a sentence that says what happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.case import Case
from domain.case.terms import Confidentiality
from domain.decider import Act
from service.aggregates import case_stream
from service.codec import hash_of, to_line
from service.recorder import Recorder
from service.sentences import sentence

SEALED = ("petitioner", "receipt")


def history_of(
    recorder: Recorder, case: Case, act: Act, chinese: bool, after: int, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """The events after a version, and the version to go on from."""
    stream = case_stream(case.id)
    lines = recorder.select_events(stream, gt=after, lte=case.version, limit=limit + 1)
    positions = recorder.positions(stream)
    hidden = {one.id: f"hidden-{number}" for number, one in enumerate(case.reporters, start=1)}
    if case.confidentiality is Confidentiality.OPEN:
        hidden = {}
    hidden.pop(act.by.id, None)
    items = [_item(line.state, positions[line.originator_version - 1], act, chinese, hidden) for line in lines[:limit]]
    return items, str(items[-1]["version"]) if len(lines) > limit else None


def _item(state: bytes, position: int, act: Act, chinese: bool, hidden: dict[str, str]) -> dict[str, Any]:
    line = to_line(state)
    local = act.rules.local
    data = impersonal(line.data, hidden)
    return {
        "version": line.version,
        "position": position,
        "type": line.type,
        "at": local(line.at),
        "recorded_at": local(line.recorded_at),
        "by": hidden.get(line.by, line.by),
        "data": data,
        "sentence": sentence(line.type, data, chinese),
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
        if name == "reporter"
        else impersonal(value, names)
        for name, value in data.items()
    }


def _name(reporter: str, names: Mapping[str, str] | None) -> str:
    return "reporter" if names is None else names.get(reporter, reporter)


def _deciders(data: dict[str, Any]) -> dict[str, str] | None:
    """The policy and the calendar that decided a due instant in this event, if any."""
    for change in (*data.get("starts", ()), *data.get("moves", ())):
        if change.get("due_at"):
            return {"policy": change.get("policy", ""), "calendar": change.get("calendar", "")}
    return None
