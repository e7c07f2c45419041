"""The log as it is read: its events in order, and what streams added up to, at a position, a version or an instant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import MsgspecError

from domain.decider import Recorded
from projections.following.follower import Read
from service.record.aggregates import blank
from service.record.codec import UnknownEvent, hash_of, to_recorded
from service.record.recorder import Recorder


def folded(stream: str, lines: Iterable[bytes], *, version: int | None = None, at: datetime | None = None) -> Any:
    """The state of a stream after these lines of it, up to a version or an instant; blank where none of them is that
    old.
    """
    state = blank(stream)
    for recorded in map(to_recorded, lines):
        if (version is not None and recorded.version > version) or (at is not None and recorded.at > at):
            break
        state = state.evolve(recorded)
    return state


def states_of(
    recorder: Recorder, streams: Iterable[str], *, upto: int | None = None, at: datetime | None = None
) -> dict[str, Any]:
    """The states of several streams, up to a position and an instant; blank where nothing had happened yet."""
    wanted = list(streams)
    lines = recorder.select_streams(wanted, upto=upto)
    return {stream: folded(stream, lines.get(stream, ()), at=at) for stream in wanted}


class Reading:
    """The log as a follower reads it."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def after(self, position: int, limit: int) -> Sequence[Read]:
        """The events after a position. In the place of one that cannot be read stands its error."""
        page = self._recorder.select_notifications(position, limit, inclusive_of_start=False)
        return [(line.id, _read(line.state), str(line.originator_id)) for line in page]

    def states(self, streams: Iterable[str], upto: int) -> dict[str, Any]:
        """The states of these streams at a position."""
        return states_of(self._recorder, streams, upto=upto)

    def blank(self, stream: str) -> Any:
        return blank(stream)

    def mark(self, position: int) -> str | None:
        """A position with the hash of the line there, by which another log is told from this one. None: it has no line
        there.
        """
        found = self._recorder.at([position])
        if not found:
            return None
        state: object = found[0].state
        return f"{position} {hash_of(state if isinstance(state, bytes) else str(state).encode())}"

    def has(self, mark: str) -> bool:
        return self.mark(int(mark.split()[0])) == mark


def _read(state: object) -> Recorded[Any] | Exception:
    """An event, or why it cannot be read. SQLite also keeps a text or a number in a column of bytes, if somebody puts
    it there.
    """
    if not isinstance(state, bytes):
        return TypeError(f"{type(state).__name__} instead of a line")
    try:
        return to_recorded(state)
    except (UnknownEvent, MsgspecError) as error:
        return error
