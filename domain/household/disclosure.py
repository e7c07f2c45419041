"""Who may read whose household it is, and for what purpose: names, addresses and what was said there lie sealed."""

from collections.abc import Iterator
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.decider import Act, command
from domain.household import events as e
from domain.household.gate import VISIT, HouseholdCommand
from domain.household.state import Household


@command
class DiscloseHousehold(HouseholdCommand):
    """Read who lives there, and what was told there. It is recorded who did and why; the household does not change."""

    verb = "disclose-identity"
    right = VISIT
    of_the_past = True

    purpose: Annotated[str, MinLen(2), MaxLen(500)]

    def rule(self, _household: Household, _act: Act, /) -> Iterator[e.Happening]:
        yield from ()
