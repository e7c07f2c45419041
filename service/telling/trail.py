"""Which event did what to a case: which brought it where it is, which started, changed and stopped each clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from domain.case import Case
from domain.case.clocks import Clock
from domain.case.pausing import standstills
from domain.case.stays import Stay
from domain.decider import Recorded
from domain.rules.deadlines import Pause


@dataclass(frozen=True)
class Traced:
    """The events of one clock, by version; `pauses` are those left out when its end was last worked out."""

    clock: Clock
    began: Clock
    """The clock as it was started, or hurried."""
    started: int
    case: Case
    """The case just after it started."""
    changed: tuple[int, ...] = ()
    hurried: int | None = None
    stopped: int | None = None
    pauses: tuple[Pause, ...] = ()


@dataclass
class Trail:
    case: Case
    came: int = 0
    """The version that brought it to the unit where it is."""
    became: int = 0
    """The version that gave it the status it has."""
    clocks: list[Traced] = field(default_factory=list)

    def follow(self, recorded: Recorded[Any]) -> None:
        before, after = self.case, self.case.evolve(recorded)
        for place, clock in enumerate(after.clocks):
            if place >= len(self.clocks):
                self.clocks.append(Traced(clock, clock, recorded.version, after))
            elif clock != before.clocks[place]:
                self.clocks[place] = _changed(self.clocks[place], clock, before, recorded)
        if _holding(after) != _holding(before):
            self.came = recorded.version
        if after.status is not before.status:
            self.became = recorded.version
        self.case = after


def trail(case: Case, events: Iterable[Recorded[Any]]) -> Trail:
    """The trail of a case from its blank state through these events."""
    found = Trail(case)
    for recorded in events:
        found.follow(recorded)
    return found


def _holding(case: Case) -> tuple[int, str | None]:
    stay: Stay | None = case.stays[-1] if case.stays else None
    return len(case.stays), stay.unit if stay else None


def _changed(traced: Traced, clock: Clock, before: Case, recorded: Recorded[Any]) -> Traced:
    if clock.stopped_at is not None:
        return replace(traced, clock=clock, stopped=recorded.version)
    if clock.span.unit != traced.clock.span.unit:
        traced = replace(traced, began=clock, hurried=recorded.version)
    reckoned = clock.due_at is not None and (clock.due_at, clock.span) != (traced.clock.due_at, traced.clock.span)
    return replace(
        traced,
        clock=clock,
        stopped=None,
        changed=(*traced.changed, recorded.version),
        pauses=standstills(before, clock.kind, recorded.at) if reckoned else traced.pauses,
    )
