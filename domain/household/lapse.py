"""Deadlines of a household that pass (`Household.next_deadline` names the next)."""

from collections.abc import Iterator

from domain.decider import Act
from domain.household import events as e
from domain.household.benefits import lapsed
from domain.household.classes import ended
from domain.household.state import Household


class LapseHousehold:
    """The first of its deadlines that has passed takes effect."""

    def decide(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        yield from tuple(ended(household, act)) or lapsed(household, act)
