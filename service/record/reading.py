"""The log as projections read it: decoded in order, and the states that streams had at a position."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import MsgspecError

from domain.decider import Recorded
from service.record.aggregates import blank
from service.record.codec import UnknownEvent, to_recorded
from service.record.recorder import Recorder


class Reading:
    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def after(self, position: int, limit: int) -> Sequence[tuple[int, Recorded[Any] | Exception, str]]:
        """The events after a position; one that cannot be read is answered as its error."""
        page = self._recorder.select_notifications(position, limit, inclusive_of_start=False)
        return [(line.id, _read(line.state), str(line.originator_id)) for line in page]

    def states(self, streams: Iterable[str], upto: int) -> dict[str, Any]:
        """What these streams added up to at a position."""
        states: dict[str, Any] = {}
        for stream, lines in self._recorder.select_streams(streams, upto=upto).items():
            state = blank(stream)
            for line in lines:
                state = state.evolve(to_recorded(line))
            states[stream] = state
        return states

    def blank(self, stream: str) -> Any:
        return blank(stream)


def _read(state: bytes) -> Recorded[Any] | Exception:
    try:
        return to_recorded(state)
    except (UnknownEvent, MsgspecError) as error:
        return error
