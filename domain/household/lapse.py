"""What happens to a household by itself, when one of its deadlines passes (`Household.next_deadline` names them)."""

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
