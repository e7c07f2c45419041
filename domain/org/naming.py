"""Units known only from an imported log: opened under the names found there, with nobody in them."""

from collections.abc import Iterator
from typing import Annotated

from annotated_types import MaxLen

from domain.decider import Act, command
from domain.org.events import UnitOpened
from domain.org.state import Org
from domain.org.units import Tier, UnitKind

KINDS = {Tier.VILLAGE: UnitKind.VILLAGE, Tier.TOWN: UnitKind.TOWN, Tier.DISTRICT: UnitKind.DEPARTMENT}


@command
class NameUnits:
    """Open the units of a log that are not known yet: id, name and tier of each. They lie in no other unit."""

    units: Annotated[tuple[tuple[str, str, Tier], ...], MaxLen(100_000)]

    def decide(self, org: Org, _act: Act, /) -> Iterator[UnitOpened]:
        for id, name, tier in self.units:
            if org.unit(id) is None:
                yield UnitOpened(unit=id, name=name, kind=KINDS[tier], parent=None, duties=())
