"""Durations in seconds: the figures of each stay, and of the citizen's whole wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.case.state import Case
from domain.case.stays import Stay
from domain.rules import Rules
from domain.rules.deadlines import Pause


@dataclass(frozen=True, kw_only=True)
class Held:
    """Time held by a tier, and until its first response. Net leaves pauses out; work counts working hours only."""

    hold_elapsed_s: int
    hold_net_s: int
    hold_work_s: int
    first_response_elapsed_s: int | None
    first_response_work_s: int | None


@dataclass(frozen=True, kw_only=True)
class Wait:
    """What the citizen felt, from the report to the effective resolution."""

    elapsed_s: int
    net_s: int
    work_s: int


def held(stay: Stay, rules: Rules, now: datetime) -> Held:
    end = stay.left_at or now
    pauses = stay.pauses_until(end)
    responded = stay.first_response_at
    return Held(
        hold_elapsed_s=seconds(stay.entered_at, end),
        hold_net_s=seconds(stay.entered_at, end) - total(pauses),
        hold_work_s=rules.working_s(stay.entered_at, end, pauses),
        first_response_elapsed_s=seconds(stay.entered_at, responded) if responded else None,
        first_response_work_s=rules.working_s(stay.entered_at, responded) if responded else None,
    )


def waited(case: Case, rules: Rules, now: datetime) -> Wait:
    assert case.reported_at is not None
    end = case.resolved_at or case.ended_at or now
    elapsed = seconds(case.reported_at, end)
    return Wait(
        elapsed_s=elapsed,
        net_s=elapsed - paused_s(case, now) - suspended_s(case, now),
        work_s=rules.working_s(case.reported_at, end),
    )


def paused_s(case: Case, now: datetime) -> int:
    """Seconds in which the case waited for the citizen's information."""
    return sum(total(stay.pauses_until(stay.left_at or now)) for stay in case.stays)


def suspended_s(case: Case, now: datetime) -> int:
    going_on = seconds(case.suspension.since, case.ended_at or now) if case.suspension else 0
    return total(case.suspensions) + going_on


def follow_up_wait_s(case: Case) -> int:
    """Seconds between a resolution and the reopening that showed it was none."""
    return total(case.follow_up_waits)


def total(pauses: Iterable[Pause]) -> int:
    return sum(seconds(pause.start, pause.end) for pause in pauses)


def seconds(start: datetime, end: datetime) -> int:
    """Every instant is read to its whole second, as for working time: the parts add up, and none is less than was worked."""
    return int((end.replace(microsecond=0) - start.replace(microsecond=0)).total_seconds())
