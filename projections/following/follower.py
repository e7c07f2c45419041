"""Keeps read models true: reads the log in order, folds a batch, and commits its rows with the position reached."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, delete, exc, select, update

from domain.decider import Recorded
from projections.following.bulk import upsert
from projections.following.projection import Batch, Projection, Step
from projections.following.schema import parked, progress

log = logging.getLogger("sanji.follower")

BATCH = 2000
REMEMBERED = 5_000
"""States of streams that are kept at hand; others are read again when they are needed."""


Read = tuple[int, Recorded[Any] | Exception, str]
"""A position, the event that lies there or why it cannot be read, and its stream."""

Stride = tuple[int, int, str | None]
"""From which position to which, and the mark of the latter: what `Log.mark` answers for it."""


class Log(Protocol):
    """What a follower needs of the ledger."""

    def after(self, position: int, limit: int) -> Sequence[Read]: ...
    def states(self, streams: Iterable[str], upto: int) -> dict[str, Any]: ...
    def blank(self, stream: str) -> Any: ...

    def mark(self, position: int) -> str | None:
        """A fingerprint of the line at a position, different in any other log; None where this log has no line there."""
        ...

    def has(self, mark: str) -> bool:
        """Whether this log has the line that this mark was made of."""
        ...


@dataclass(frozen=True, slots=True)
class Broken:
    """An event that cannot be applied, and why."""

    position: int
    stream: str
    error: str


class MovedOn(Exception):
    """Another follower has moved a projection on; what was read for it is thrown away."""


class Superseded(Exception):
    """A newer version of the service follows this projection."""


TRANSIENT = (exc.OperationalError, exc.InterfaceError)
"""The database failed, not the event: the batch is read again."""

AFTER_PARKED = "an earlier event of this stream is parked"


class Follower:
    """Brings projections up to the log. Only one follower of a database may run at a time; the caller sees to it."""

    def __init__(
        self,
        engine: Engine,
        ledger: Log,
        projections: Sequence[Projection],
        *,
        batch: int = BATCH,
        writer: Engine | None = None,
    ) -> None:
        self.engine = engine
        self.writer = writer or engine
        self.ledger = ledger
        self.projections = projections
        self.batch = batch
        self.waiting: frozenset[str] = frozenset()
        """Names of projections that are being built elsewhere; they are left alone."""
        self._states: OrderedDict[str, Any] = OrderedDict()
        self._at: int | None = None

    def catch_up(self) -> int:
        """Read to the end of the log; answers the position reached."""
        while self.advance():
            pass
        return self._at or 0

    def advance(self) -> bool:
        """Apply one batch to the projections that are furthest behind. False when all have read everything."""
        places, lost = self._stand()
        if not places:
            return False
        position = min(places.values())
        behind = [projection for projection in self._followed if places[projection.name] == position]
        ahead = [place for place in places.values() if place > position]
        read = self.ledger.after(position, min([self.batch, *(place - position for place in ahead)]))
        known, self._at = self._at, None
        if known != position:
            self._states.clear()
        if read:
            unreadable = set.intersection(*(lost[projection.name] for projection in behind))
            steps, broken = self._steps(position, read, unreadable)
            batch, reached = Batch(steps), read[-1][0]
            stride = position, reached, self.ledger.mark(reached)
            well = not broken and not any(lost.values())
            try:
                if not (well and self._all_fold(behind, batch, stride)):
                    with self.writer.begin() as db:
                        _move_on(db, behind, stride)
                        for projection in behind:
                            self._apply(db, projection, batch, broken, lost[projection.name])
            except MovedOn:
                return True
        while len(self._states) > REMEMBERED:
            self._states.popitem(last=False)
        self._at = read[-1][0] if read else position
        return bool(read)

    def begin(self) -> None:
        """Give projections whose version has changed empty tables, to be read from the beginning."""
        self._stand()

    def places(self) -> dict[str, int]:
        """How far each projection has read. One of another version starts from the beginning, with empty tables."""
        return self._stand()[0]

    @property
    def _followed(self) -> list[Projection]:
        return [projection for projection in self.projections if projection.name not in self.waiting]

    def _stand(self) -> tuple[dict[str, int], dict[str, set[str]]]:
        """The position of each projection, and for each the streams of which an event is parked.

        Later events of such a stream have nothing to build on, and are parked too.
        """
        lost: dict[str, set[str]] = {projection.name: set() for projection in self.projections}
        with self.engine.connect() as db:
            found = {row.projection: row for row in db.execute(select(progress))}
            for one in db.execute(select(parked.c.projection, parked.c.stream).distinct()):
                lost.get(one.projection, set()).add(one.stream)
        places: dict[str, int] = {}
        read = cache(partial(read_from, self.ledger))
        for projection in self._followed:
            row = found.get(projection.name)
            must_be_as_new(projection, row.version if row else 0)
            if row is not None and self._at is None and not read(row.position, row.mark):
                log.error("%s was made from another log: it begins again", projection.name)
                row = None
            if row is None or row.version != projection.version:
                self.begin_again(projection)
                lost[projection.name] = set()
            places[projection.name] = row.position if row and row.version == projection.version else 0
        return places, lost

    def begin_again(self, projection: Projection) -> None:
        """Forget everything a projection has read, and what its tables looked like."""
        with self.writer.begin() as db:
            for table in projection.tables:
                table.drop(db, checkfirst=True)
                table.create(db)
            begun = {"projection": projection.name, "version": projection.version, "position": 0, "mark": None}
            upsert(db, progress, [begun])
            db.execute(delete(parked).where(parked.c.projection == projection.name))

    def _steps(self, position: int, read: Sequence[Read], unreadable: set[str]) -> tuple[list[Step], list[Broken]]:
        """What each event did to its stream. After an event that cannot be read, the rest of its stream is broken too."""
        self._recall(position, read, unreadable)
        steps: list[Step] = []
        broken: list[Broken] = []
        for where, recorded, stream in read:
            if stream in unreadable:
                broken.append(Broken(where, stream, AFTER_PARKED))
                continue
            try:
                steps.append(self._step(where, recorded, stream))
            except Exception as error:
                log.exception("cannot follow position %d", where)
                broken.append(Broken(where, stream, repr(error)))
                unreadable.add(stream)
        return steps, broken

    def _step(self, where: int, recorded: Recorded[Any] | Exception, stream: str) -> Step:
        if isinstance(recorded, Exception):
            raise recorded
        before = self._states.get(stream)
        if before is None:
            before = self.ledger.blank(stream)
        after = self._states[stream] = before.evolve(recorded)
        self._states.move_to_end(stream)
        return Step(where, before, recorded, after)

    def _recall(self, position: int, read: Sequence[Read], unreadable: set[str]) -> None:
        """Read the states of all streams in the batch that began before it, unless they are at hand."""
        begun = {stream for _, one, stream in read if isinstance(one, Recorded) and one.version == 1}
        older = {stream for _, _, stream in read} - begun - unreadable - self._states.keys()
        if older:
            self._states.update(self.ledger.states(older, position))

    def _all_fold(self, behind: Sequence[Projection], batch: Batch, stride: Stride) -> bool:
        """Fold a batch into all projections in one transaction, as it nearly always goes. False: one of them failed,
        and none has it.
        """
        try:
            with self.writer.begin() as db:
                _move_on(db, behind, stride)
                for projection in behind:
                    projection.fold(db, batch)
        except (*TRANSIENT, MovedOn):
            raise
        except Exception:
            log.exception("a batch of %d cannot be applied to all, trying one after the other", len(batch.steps))
            return False
        return True

    def _apply(
        self, db: Connection, projection: Projection, batch: Batch, broken: Sequence[Broken], lost: set[str]
    ) -> None:
        """Fold the batch; if that fails, one by one, and park what cannot be applied. Nothing is skipped silently."""
        _park(db, projection, broken)
        if lost:
            waiting = [step for step in batch.steps if step.recorded.stream in lost]
            _park(db, projection, [Broken(step.position, step.recorded.stream, AFTER_PARKED) for step in waiting])
            batch = Batch([step for step in batch.steps if step.recorded.stream not in lost])
        try:
            with db.begin_nested():
                projection.fold(db, batch)
        except TRANSIENT:
            raise
        except Exception:
            log.exception("%s: a batch of %d cannot be applied, trying one by one", projection.name, len(batch.steps))
            self._apply_singly(db, projection, batch.steps)

    def _apply_singly(self, db: Connection, projection: Projection, steps: Sequence[Step]) -> None:
        lost: set[str] = set()
        for step in steps:
            stream = step.recorded.stream
            if stream in lost:
                _park(db, projection, [Broken(step.position, stream, AFTER_PARKED)])
                continue
            try:
                with db.begin_nested():
                    projection.fold(db, Batch([step]))
            except TRANSIENT:
                raise
            except Exception as error:
                log.exception("%s: parked position %d", projection.name, step.position)
                _park(db, projection, [Broken(step.position, stream, repr(error))])
                lost.add(stream)


def must_be_as_new(projection: Projection, kept: int) -> None:
    """Raises Superseded where the version that is kept is a newer one."""
    if kept > projection.version:
        raise Superseded(f"{projection.name} is at version {kept}, not {projection.version}")


def read_from(ledger: Log, position: int, mark: str | None) -> bool:
    """Whether a projection was made from this log, and not from one that has been replaced by an older backup since."""
    if position and ledger.mark(position) is None:
        return False
    return mark is None or ledger.has(mark)


def _move_on(db: Connection, projections: Sequence[Projection], stride: Stride) -> None:
    """Move projections on from one position to another. Raises MovedOn if somebody else has moved one of them."""
    names = [one.name for one in projections]
    there = update(progress).where(progress.c.projection.in_(names), progress.c.position == stride[0])
    if db.execute(there.values(position=stride[1], mark=stride[2])).rowcount != len(names):
        raise MovedOn


def _park(db: Connection, projection: Projection, broken: Sequence[Broken]) -> None:
    rows = [
        {"projection": projection.name, "position": one.position, "stream": one.stream, "error": one.error[:2000]}
        for one in broken
    ]
    upsert(db, parked, rows)
