"""What a projection is: its tables, how a batch of events changes them, and how far it has read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection, Table, func, select

from domain.decider import Recorded
from projections.following.schema import parked, progress

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Step:
    """One recorded event, with the state of its stream before and after."""

    position: int
    before: Any
    recorded: Recorded[Any]
    after: Any


@dataclass(frozen=True, slots=True)
class Change(Generic[S]):
    """What a batch did to one stream: its state before the first step and after the last, and where that one lies."""

    position: int
    before: S
    after: S


@dataclass(frozen=True)
class Batch:
    """Some steps in the order of the log."""

    steps: Sequence[Step]

    def changes(self, kind: type[S]) -> list[Change[S]]:
        """The streams of a kind that changed, in the order in which they began to."""
        return [change for change in self._changes if isinstance(change.after, kind)]

    @cached_property
    def _changes(self) -> list[Change[Any]]:
        first: dict[str, Step] = {}
        last: dict[str, Step] = {}
        for step in self.steps:
            first.setdefault(step.recorded.stream, step)
            last[step.recorded.stream] = step
        return [Change(last[stream].position, step.before, last[stream].after) for stream, step in first.items()]


class Projection(Protocol):
    """One answer people ask for. The same log gives the same rows, in any batch size; no clock, no chance."""

    name: str
    version: int
    tables: Sequence[Table]

    def fold(self, db: Connection, batch: Batch) -> None:
        """Bring the rows up to the last step of a batch."""
        ...


def position_of(db: Connection, projection: str) -> int:
    """How far a projection has read."""
    return db.scalar(select(progress.c.position).where(progress.c.projection == projection)) or 0


def positions_of(db: Connection, projections: Iterable[Projection]) -> dict[str, int]:
    """How far each projection has read, in one query."""
    found = {name: position for name, position in db.execute(select(progress.c.projection, progress.c.position))}
    return {one.name: found.get(one.name, 0) for one in projections}


def parked_count(db: Connection) -> int:
    """How many events could not be applied."""
    return db.scalar(select(func.count()).select_from(parked)) or 0
