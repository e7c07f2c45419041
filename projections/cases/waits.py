"""Which units a case waits for, why, and until when: worked out from the case alone. The queues are kept by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.case import Case
from domain.case.clocks import CITIZEN, RIGHTS, Clock, ClockKind
from domain.case.stays import Stay
from domain.case.terms import HELD, WORKABLE, Exit, Status
from domain.org import Tier


class Why(StrEnum):
    """The reason a case stands in a queue. Where there are several, the first of this list is given."""

    LAPSED_INTAKE = "lapsed_intake"
    """Nobody accepted and assigned it in time; the mass-work department sees to that."""
    TO_DECIDE = "to_decide"
    """Somebody asked for more time, proposes the pending list, objects to a refusal, or takes his report back."""
    TRIAGE = "triage"
    DISPUTED = "disputed"
    """The unit gave it back; until the ruling its time runs on."""
    AWAITING_INFORMATION = "awaiting_information"
    REOPENED = "reopened"
    REMANDED = "remanded"
    ESCALATED = "escalated"
    REACTIVATED = "reactivated"
    TO_HANDLE = "to_handle"
    ANSWERS_FOR_VILLAGE = "answers_for_village"
    """One of its villages has the case; the town head answers for it."""
    TO_RULE = "to_rule"
    TO_REVIEW = "to_review"
    TO_CALL_BACK = "to_call_back"
    TASK = "task"
    TO_NOTIFY = "to_notify"
    DIVERTED = "diverted"
    """It was sent to this body, which has not yet told what it made of it."""


ORDER = {why: place for place, why in enumerate(Why)}

CAME_BY = {
    Exit.RESOLVED: Why.REOPENED,
    Exit.REMANDED: Why.REMANDED,
    Exit.ESCALATED_MANUAL: Why.ESCALATED,
    Exit.ESCALATED_DEADLINE: Why.ESCALATED,
    Exit.SUSPENDED: Why.REACTIVATED,
}
"""Why a case came to a unit, by how the stay before ended."""

WAITING_FOR = {
    ClockKind.INTAKE: Why.TRIAGE,
    ClockKind.RULING: Why.TO_RULE,
    ClockKind.REVIEW_DECISION: Why.TO_REVIEW,
    ClockKind.FINAL_DECISION: Why.TO_REVIEW,
    ClockKind.CALL_BACK: Why.TO_CALL_BACK,
    ClockKind.TASK: Why.TASK,
    ClockKind.NOTICE: Why.TO_NOTIFY,
}
"""Why a case waits for the unit of such a clock. Every other clock is the holder's, for whom it waits anyway."""


@dataclass(frozen=True, slots=True)
class Wait:
    why: Why
    due_at: datetime | None

    def and_also(self, other: Wait) -> Wait:
        due = min((at for at in (self.due_at, other.due_at) if at), default=None)
        return Wait(min(self.why, other.why, key=ORDER.__getitem__), due)


def duties(case: Case) -> Iterator[Clock]:
    """The running clocks that an office answers for. A right that it may use or not is none."""
    return (
        clock
        for clock in case.clocks
        if clock.stopped_at is None and clock.kind not in RIGHTS and clock.unit != CITIZEN
    )


def next_due(case: Case) -> datetime | None:
    """The earliest instant at which an office will be late."""
    return min((clock.due_at for clock in duties(case) if clock.due_at), default=None)


def waits(case: Case) -> dict[str, Wait]:
    """The units for which a case waits. What is on the pending list waits for nobody."""
    found: dict[str, Wait] = {}
    for unit, wait in _all(case):
        if unit:
            found[unit] = found[unit].and_also(wait) if unit in found else wait
    return found


def _all(case: Case) -> Iterator[tuple[str | None, Wait]]:
    yield from ((unit, Wait(Why.TO_DECIDE, None)) for unit in _asked(case))
    if case.status is Status.SUSPENDED:
        return
    if case.status is Status.DIVERTED:
        yield case.diverted_to, Wait(Why.DIVERTED, None)
    stay = case.stay if case.status in HELD else None
    if stay is not None:
        yield from _held(case, stay)
    for clock in duties(case):
        if clock.kind in WAITING_FOR:
            yield _house(clock.unit, case), Wait(WAITING_FOR[clock.kind], clock.due_at)
            if clock.kind is ClockKind.INTAKE and clock.lapsed:
                yield case.supervisor, Wait(Why.LAPSED_INTAKE, clock.due_at)


def _asked(case: Case) -> Iterator[str | None]:
    """The units that have something to decide for which no clock runs."""
    if case.extension_asked is not None:
        yield case.extension_asked.to
    if case.suspension_asked is not None and case.tier is Tier.DISTRICT and case.status in WORKABLE:
        yield case.unit
    if case.challenge_pending:
        yield case.challenge_to
    if case.withdrawal_asked and case.open:
        yield case.withdrawal_to


def _held(case: Case, stay: Stay) -> Iterator[tuple[str | None, Wait]]:
    due = min((clock.due_at for clock in duties(case) if clock.kind not in WAITING_FOR and clock.due_at), default=None)
    wait = Wait(_came_by(case), due)
    if stay.tier is Tier.TOWN:
        yield stay.town or stay.unit, wait
        return
    yield stay.unit, wait
    if stay.tier is Tier.VILLAGE:
        yield stay.town, Wait(Why.ANSWERS_FOR_VILLAGE, due)


def _came_by(case: Case) -> Why:
    match case.status:
        case Status.DISPUTED:
            return Why.DISPUTED
        case Status.AWAITING_INFORMATION:
            return Why.AWAITING_INFORMATION
    before = case.stays[-2].exit if len(case.stays) > 1 else None
    return CAME_BY.get(before, Why.TO_HANDLE) if before else Why.TO_HANDLE


def _house(unit: str, case: Case) -> str:
    """In whose name a unit works that has a task: an office in its town's. Every other clock is a whole house's."""
    return next((task.house for task in case.tasks if task.unit == unit and task.house), unit)
