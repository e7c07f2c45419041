"""What happened, as one may see it: lines of the log as CloudEvents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from eventsourcing.persistence import Notification
from typing_extensions import TypedDict

from domain import duties, household, programme
from domain.assessment.sample import Sample
from domain.assessment.year import UnitYear
from domain.case import sees
from domain.decider import Act
from domain.household.ruleset import Register
from domain.org import Role
from domain.person import Person
from domain.streams import (
    ASSESSMENT,
    CASE,
    HELPER,
    HOUSEHOLD,
    PERSON,
    PROGRAMME,
    REGISTER,
    SAMPLE,
    TARGET,
    case_stream,
    household_stream,
)
from service.record.codec import Line, to_line
from service.record.ledger import Ledger
from service.telling.history import impersonal
from service.telling.opened_cases import hiding_cases

KEPT = (ASSESSMENT, CASE, HELPER, HOUSEHOLD, PERSON, PROGRAMME, REGISTER, SAMPLE, TARGET)
"""Kinds of streams that not everybody may see."""
SPAN, PAGE = 1000, 200
"""Positions that are searched at once for events of some types; and lines that are read together."""


class CloudEvent(TypedDict):
    """What happened, as CloudEvents 1.0 has it: `time` is when it took effect, `subject` the case, household or other.

    `data` is its own, without what is sealed. A webhook sends one of these.
    """

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: str
    sanjiposition: int
    sanjiversion: int
    sanjirecordedat: datetime
    data: dict[str, Any]


def events_after(
    ledger: Ledger, act: Act, after: int, limit: int, types: tuple[str, ...]
) -> tuple[list[CloudEvent], int]:
    """The events after a position that this actor may see, and the position to go on from, which tells nothing of those
    he may not.

    Whoever asks from beyond the end, since the log was restored from an older copy, goes on from there.
    """
    recorder = ledger.recorder
    last = recorder.max_notification_id() or 0
    end = min(last, after + (SPAN if types else limit))
    shown, read = list[CloudEvent](), min(after, last)
    while read < end and len(shown) < limit:
        page = recorder.select_notifications(read, PAGE, end, types, inclusive_of_start=False)
        shown += events_in(page, ledger, act)
        read = page[-1].id if len(page) == PAGE else end
    return shown[:limit], shown[limit - 1]["sanjiposition"] if len(shown) >= limit else end


def events_in(page: Sequence[Notification], ledger: Ledger, act: Act) -> list[CloudEvent]:
    """The events of these lines that this actor may see now."""
    streams = {str(line.originator_id) for line in page if str(line.originator_id).startswith(KEPT)}
    seen = {stream for stream, state in ledger.states(streams).items() if shows(state, act)}
    shown = {
        line.id: to_line(line.state) for line in page if line.originator_id in seen or line.originator_id not in streams
    }
    named = ledger.states({stream for line in shown.values() for stream in joined(line)})
    known = {stream for stream, state in named.items() if shows(state, act)}
    events = [cloud_event(position, line, act) for position, line in shown.items() if known.issuperset(joined(line))]
    return hiding_cases(events, ledger, act)


def joined(line: Line) -> Iterator[str]:
    """The stream of the case or household that joined a programme: only who sees that is told."""
    if line.stream.startswith(PROGRAMME):
        for name, stream in (("case", case_stream), ("household", household_stream)):
            if name in line.data:
                yield stream(line.data[name])


def shows(state: Any, act: Act) -> bool:
    """Whether somebody may see the stream.

    Of who was erased know the auditors and the privacy officer. What is said against a card may name cases that the
    unit itself may not know of, so that it is read from the card.
    """
    match state:
        case UnitYear():
            return any(post.role is Role.AUDITOR for post in act.by.posts)
        case Sample():
            return any(post.role in (Role.AUDITOR, Role.FOLLOW_UP) for post in act.by.posts)
        case Person():
            return any(post.role in (Role.AUDITOR, Role.PRIVACY_OFFICER) for post in act.by.posts)
        case programme.Programme():
            return programme.sees(state, act)
        case duties.Target():
            return duties.sees(state, act)
        case household.Helper() | Register():
            return household.everywhere(act, household.gate.READ)
        case household.Household():
            return household.sees(state, act)
        case _:
            return sees(state, act)


def cloud_event(position: int, line: Line, act: Act) -> CloudEvent:
    return {
        "specversion": "1.0",
        "id": str(position),
        "source": "/v1/events",
        "type": line.type,
        "subject": line.stream.partition(":")[2] or line.stream,
        "time": act.rules.local(line.at),
        "datacontenttype": "application/json",
        "sanjiposition": position,
        "sanjiversion": line.version,
        "sanjirecordedat": act.rules.local(line.recorded_at),
        "data": impersonal(line.data),
    }
