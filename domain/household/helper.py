"""A helper's stream: the households he helps. Each pair is written here, too, so that nobody is given too many."""

from dataclasses import dataclass
from typing import Self, assert_never

from domain.decider import Recorded, altered, event


@event("helper.took_on")
class TookOn:
    """He helps this household from now on."""

    household: str


@event("helper.let_go")
class LetGo:
    """He helps this household no more."""

    household: str


HelperEvent = TookOn | LetGo


@dataclass(frozen=True, kw_only=True)
class Helper:
    id: str
    version: int = 0
    households: frozenset[str] = frozenset()

    def evolve(self, recorded: Recorded[HelperEvent], /) -> Self:
        match event := recorded.event:
            case TookOn():
                households = self.households | {event.household}
            case LetGo():
                households = self.households - {event.household}
            case _:
                assert_never(event)
        return altered(self, version=recorded.version, households=households)
