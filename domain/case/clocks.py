"""The clocks of a case: how they start, stop and move. What the rules worked out is stored; reading only compares."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from domain.decider import Act, altered
from domain.rules.deadlines import Span
from domain.zone import just_before, midnight


class ClockKind(StrEnum):
    HOLD = "hold"
    INTAKE = "intake"
    NOTICE = "notice"
    FIRST_RESPONSE = "first_response"
    DISPUTE_WINDOW = "dispute_window"
    RULING = "ruling"
    INFORMATION_WAIT = "information_wait"
    TASK = "task"
    CALL_BACK = "call_back"
    FEEDBACK_WINDOW = "feedback_window"
    STATUTORY = "statutory"
    REVIEW_REQUEST = "review_request"
    REVIEW_DECISION = "review_decision"
    FINAL_REQUEST = "final_request"
    FINAL_DECISION = "final_decision"


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    LEFT = "left"
    VOID = "void"
    EXPIRED = "expired"


RIGHTS = frozenset(
    {
        ClockKind.DISPUTE_WINDOW,
        ClockKind.INFORMATION_WAIT,
        ClockKind.FEEDBACK_WINDOW,
        ClockKind.REVIEW_REQUEST,
        ClockKind.FINAL_REQUEST,
    }
)
"""A right that ran out unused is expired; a duty that ran out is breached."""

CITIZEN = "citizen"
"""Holder of the clocks that are the citizen's own time."""

OF_THE_HEAD = frozenset({ClockKind.FIRST_RESPONSE, ClockKind.HOLD, ClockKind.STATUTORY})
"""How soon a unit answers, and how long it holds a case, is what its head is judged by."""

OF_A_STAY = (
    ClockKind.HOLD,
    ClockKind.FIRST_RESPONSE,
    ClockKind.DISPUTE_WINDOW,
    ClockKind.RULING,
    ClockKind.INFORMATION_WAIT,
    ClockKind.TASK,
)
"""The clocks that end with the stay in a tier that started them."""


@dataclass(frozen=True, kw_only=True)
class Started:
    """A clock started; `due_at` is exclusive: at that instant it is late."""

    kind: ClockKind
    unit: str
    span: Span
    due_at: datetime
    policy: str
    calendar: str
    provisional: bool = False
    started_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Stopped:
    kind: ClockKind
    unit: str
    state: ClockState
    accountable: str | None = None
    """For the clocks a head is judged by: who headed the unit when it ended or was due; empty while it had no head."""


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A running clock changed: it pauses (no due instant), runs on, was extended, lapsed, or has a new holder.

    `restored` is the one move of a stopped clock: a report that stands on its own again has its clocks as they were.
    """

    kind: ClockKind
    unit: str
    due_at: datetime | None = None
    span: Span | None = None
    calendar: str = ""
    provisional: bool = False
    to_unit: str | None = None
    lapsed: bool = False
    paused: bool = False
    restored: bool = False
    started_at: datetime | None = None
    policy: str = ""
    """The policy that gave the span. Missing in old lines: there it is the policy the clock was started with."""
    accountable: str | None = None
    """For a clock that lapsed: as in `Stopped`."""


@dataclass(frozen=True, kw_only=True)
class ClockChanges:
    """What an event does to the clocks. Every event of a case carries this."""

    starts: tuple[Started, ...] = ()
    stops: tuple[Stopped, ...] = ()
    moves: tuple[Moved, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Clock:
    kind: ClockKind
    unit: str
    span: Span
    started_at: datetime
    due_at: datetime | None
    policy: str
    calendar: str
    provisional: bool
    state: ClockState = ClockState.RUNNING
    stopped_at: datetime | None = None
    accountable: str | None = None
    lapsed: bool = False

    @property
    def running(self) -> bool:
        return self.stopped_at is None

    def read_at(self, now: datetime) -> ClockState:
        """The state a reader sees: a running clock past its due instant is breached, a right expired."""
        if self.state is not ClockState.RUNNING or self.due_at is None or now < self.due_at:
            return self.state
        return ClockState.EXPIRED if self.kind in RIGHTS else ClockState.BREACHED


Clocks = tuple[Clock, ...]


def running(clocks: Clocks, *kinds: ClockKind) -> Iterator[Clock]:
    return (clock for clock in clocks if clock.stopped_at is None and clock.kind in kinds)


def the(clocks: Clocks, kind: ClockKind) -> Clock | None:
    """The running clock of a kind, of which there is at most one (tasks apart)."""
    return next(running(clocks, kind), None)


def start(kind: ClockKind, unit: str, span: Span, act: Act, *, since: datetime | None = None) -> Started:
    """Start a clock now, or as if it had started at `since`, with what the rules in force say of its end."""
    due = act.rules.due(since or act.at, span)
    return Started(
        kind=kind,
        unit=unit,
        span=span,
        due_at=due.at,
        policy=act.rules.policy_label,
        calendar=due.calendar,
        provisional=due.provisional,
        started_at=since,
    )


def end_of(day: date) -> datetime:
    """The instant at which a day is over in the district; as a due instant it is exclusive, like every other."""
    return midnight(day + timedelta(days=1)).astimezone(UTC)


def stop(clocks: Iterable[Clock], act: Act, state: ClockState = ClockState.MET) -> tuple[Stopped, ...]:
    """Stop these clocks: as `state` when in time, otherwise as breached (a right: expired)."""
    return tuple(
        Stopped(
            kind=clock.kind,
            unit=clock.unit,
            state=state if state is ClockState.VOID else _ended(clock, act.at, state),
            accountable=answering(clock, act),
        )
        for clock in clocks
    )


def answering(clock: Clock, act: Act) -> str | None:
    """A head who came later does not answer for what was late by then."""
    if clock.kind not in OF_THE_HEAD:
        return None
    return act.org.head_of(clock.unit, min(act.at, just_before(clock.due_at)) if clock.due_at else act.at) or ""


def _ended(clock: Clock, at: datetime, state: ClockState) -> ClockState:
    seen = clock.read_at(at)
    return state if seen in (ClockState.RUNNING, ClockState.PAUSED) else seen


def changed(clocks: Clocks, changes: ClockChanges, at: datetime) -> Clocks:
    """The clocks after an event. Nothing is computed: the event holds all due instants."""
    if changes.stops:
        ends = {
            (stop.kind, stop.unit): {"state": stop.state, "accountable": stop.accountable} for stop in changes.stops
        }
        clocks = tuple(
            altered(clock, **ends[clock.kind, clock.unit], stopped_at=at)
            if clock.stopped_at is None and (clock.kind, clock.unit) in ends
            else clock
            for clock in clocks
        )
    for move in changes.moves:
        clocks = _with(clocks, move)
    if changes.starts:
        clocks += tuple(
            Clock(
                kind=begun.kind,
                unit=begun.unit,
                span=begun.span,
                started_at=begun.started_at or at,
                due_at=begun.due_at,
                policy=begun.policy,
                calendar=begun.calendar,
                provisional=begun.provisional,
            )
            for begun in changes.starts
        )
    return clocks


def _with(clocks: Clocks, move: Moved) -> Clocks:
    """The same clocks, the last one of that kind and holder moved."""
    for place in reversed(range(len(clocks))):
        clock = clocks[place]
        if (clock.kind, clock.unit) == (move.kind, move.unit) and clock.running is not move.restored:
            return (*clocks[:place], _moved(clock, move), *clocks[place + 1 :])
    return clocks


def _moved(clock: Clock, move: Moved) -> Clock:
    if move.restored:
        state = ClockState.PAUSED if clock.due_at is None else ClockState.RUNNING
        return altered(clock, state=state, stopped_at=None, accountable=clock.accountable if clock.lapsed else None)
    if move.lapsed:
        return altered(clock, lapsed=True, accountable=move.accountable)
    if move.to_unit is not None:
        return altered(clock, unit=move.to_unit)
    if move.paused:
        return altered(clock, state=ClockState.PAUSED, due_at=None, span=move.span or clock.span)
    return altered(
        clock,
        state=ClockState.RUNNING,
        started_at=move.started_at or clock.started_at,
        due_at=move.due_at,
        span=move.span or clock.span,
        policy=move.policy or clock.policy,
        calendar=move.calendar,
        provisional=move.provisional,
        lapsed=clock.lapsed and not _later(move, clock),
    )


def _later(move: Moved, clock: Clock) -> bool:
    """Whether a clock gets more time than it had."""
    return move.due_at is not None and (clock.due_at is None or clock.due_at < move.due_at)
