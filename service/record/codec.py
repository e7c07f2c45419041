"""Events to bytes and back. The bytes are the record: hashes are over them, and they are never written again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, get_args

import msgspec
from eventsourcing.persistence import StoredEvent

from domain.assessment.events import YearEvent
from domain.assessment.sample import SampleEvent
from domain.case import CaseEvent
from domain.case.past import PAST
from domain.decider import Recorded
from domain.duties import TargetEvent
from domain.household import HelperEvent, HouseholdEvent
from domain.household.ruleset import RulesetCompared
from domain.org import OrgEvent
from domain.person import Erased
from domain.programme import ProgrammeEvent
from domain.rules import CalendarPublished, PolicyPublished

NAMES: dict[str, type] = {
    getattr(kind, "__event__"): kind
    for kind in (
        *get_args(CaseEvent),
        *get_args(HouseholdEvent),
        *get_args(HelperEvent),
        *get_args(TargetEvent),
        *get_args(ProgrammeEvent),
        *get_args(YearEvent),
        *get_args(SampleEvent),
        *get_args(OrgEvent),
        CalendarPublished,
        RulesetCompared,
        Erased,
        PolicyPublished,
    )
}


class UnknownEvent(Exception):
    """The log holds an event that this version of the service has not learned yet: it must not write after it."""


class Line(msgspec.Struct, frozen=True):
    """What is stored of an event, in this order."""

    stream: str
    version: int
    type: str
    at: datetime
    recorded_at: datetime
    by: str
    command: str
    previous: str
    data: Any


class _Unread(Line, frozen=True):
    """A line whose data are not decoded yet: their shape is known from the type."""

    data: msgspec.Raw


_encode = msgspec.json.Encoder().encode
_open = msgspec.json.Decoder(_Unread).decode
_as_line = msgspec.json.Decoder(Line).decode
_readers: dict[str, Callable[[bytes | msgspec.Raw], Any]] = {
    name: msgspec.json.Decoder(kind).decode for name, kind in NAMES.items()
}
"""Decoders, made when the module is loaded: in msgspec 0.22 two threads that make the decoder of one class at once end
the process.
"""


@cache
def _reader(name: str) -> Callable[[bytes | msgspec.Raw], Any]:
    if name in PAST:
        now, brought_up = PAST[name]
        kind = NAMES[now]
        return lambda raw: msgspec.convert(brought_up(msgspec.json.decode(raw)), kind)
    if name not in NAMES:
        raise UnknownEvent(name)
    return _readers[name]


def to_stored(recorded: Recorded[Any], command: str, previous: str) -> StoredEvent:
    """The event as it will lie in the log, holding the hash of the one before it in its stream."""
    name: str = getattr(recorded.event, "__event__")
    state = _encode(
        Line(
            stream=recorded.stream,
            version=recorded.version,
            type=name,
            at=recorded.at,
            recorded_at=recorded.recorded_at,
            by=recorded.by,
            command=command,
            previous=previous,
            data=recorded.event,
        )
    )
    return StoredEvent(recorded.stream, recorded.version, name, state)


def to_recorded(state: bytes) -> Recorded[Any]:
    """The event a stored line tells of. Raises UnknownEvent for one from a newer version of the service."""
    line = _open(state)
    return Recorded(
        stream=line.stream,
        version=line.version,
        at=line.at,
        recorded_at=line.recorded_at,
        by=line.by,
        event=_reader(line.type)(line.data),
    )


def to_line(state: bytes) -> Line:
    """The stored line with its data as plain JSON values, for those who read the log itself."""
    return _as_line(state)


def hash_of(state: bytes) -> str:
    return hashlib.sha256(state).hexdigest()
