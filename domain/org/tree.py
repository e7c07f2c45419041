"""The tree of units: what is above and below, whose village it is, which unit took over from which."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import chain

from domain.org.units import Duty, Tier, Unit, UnitKind


@dataclass(frozen=True, kw_only=True)
class Tree:
    """Units by id, closed ones included. A merged unit lies in its successor, with all that lay in it."""

    units: Mapping[str, Unit] = field(default_factory=dict)

    def unit(self, unit_id: str) -> Unit | None:
        return self.units.get(unit_id)

    def ancestors(self, unit_id: str) -> tuple[str, ...]:
        """The units it lies in, the nearest first."""
        return tuple(self._above(unit_id))

    def below(self, unit_id: str) -> frozenset[str]:
        """Every unit that lies in it, at any depth."""
        found: list[str] = list(self._children.get(unit_id, ()))
        for child in found:
            found.extend(self._children.get(child, ()))
        return frozenset(found)

    def within(self, unit_id: str) -> frozenset[str]:
        """The unit itself, and every one that lies in it."""
        return self.below(unit_id) | {unit_id}

    def successor(self, unit_id: str, on: date | None = None) -> str:
        """The unit that stands in its place today, or stood on that day: itself, unless it was merged into another."""
        while (unit := self.units.get(unit_id)) and (after := unit.successor_on(on)):
            unit_id = after
        return unit_id

    def town_of(self, unit_id: str, on: date | None = None) -> str | None:
        """The town of a village or an office, or the town itself; None at the district and outside the tiers.

        A town that was merged after that day still was one.
        """
        return self._nearest(unit_id, UnitKind.TOWN, on)

    def district_of(self, unit_id: str) -> str | None:
        return self._nearest(unit_id, UnitKind.DISTRICT)

    def acts_for(self, unit_id: str) -> str:
        """In whose name it works: an office in its town's, everybody else in their own."""
        unit_id = self.successor(unit_id)
        unit = self.units.get(unit_id)
        if unit and unit.kind is UnitKind.OFFICE:
            return self.town_of(unit_id) or unit_id
        return unit_id

    def same_house(self, one: str, other: str) -> bool:
        """Whether the two work in the same name, as a town and all its offices do."""
        return self.acts_for(one) == self.acts_for(other)

    def territory(self, unit_id: str) -> str:
        """The unit for whose villages it is there: an office for its town's, a department for its district's."""
        unit_id = self.acts_for(unit_id)
        unit = self.units.get(unit_id)
        if unit and unit.kind is UnitKind.DEPARTMENT:
            return self.district_of(unit_id) or unit_id
        return unit_id

    def lies_in(self, village: str, unit_id: str) -> bool:
        """Whether the village is in the unit's territory."""
        territory = self.territory(unit_id)
        return territory == village or territory in self._above(village)

    def area(self, unit_id: str) -> frozenset[str]:
        """The places of a village or a town, or of an office of one; a unit of the district has none of its own."""
        place = self.units.get(self.acts_for(unit_id))
        if place is None or place.tier not in (Tier.VILLAGE, Tier.TOWN):
            return frozenset()
        return self.within(place.id)

    def with_duty(self, duty: Duty) -> str | None:
        """The unit that does this for all; of several, the first by id."""
        return self._on_duty.get(duty)

    def has_duty(self, unit_id: str, duty: Duty) -> bool:
        unit = self.units.get(unit_id)
        return unit is not None and not unit.closed and duty in unit.duties

    def _above(self, unit_id: str, on: date | None = None) -> Iterator[str]:
        unit = self.units.get(unit_id)
        while unit and (above := unit.successor_on(on) or unit.parent_on(on)):
            yield above
            unit = self.units.get(above)

    def _nearest(self, unit_id: str, kind: UnitKind, on: date | None = None) -> str | None:
        for place in chain((unit_id,), self._above(unit_id, on)):
            unit = self.units.get(place)
            if unit and unit.kind is kind and not unit.successor_on(on):
                return unit.id
        return None

    @cached_property
    def _children(self) -> Mapping[str, list[str]]:
        children: dict[str, list[str]] = {}
        for unit in self.units.values():
            if unit.above:
                children.setdefault(unit.above, []).append(unit.id)
        return children

    @cached_property
    def _on_duty(self) -> Mapping[Duty, str]:
        units = sorted(
            (unit for unit in self.units.values() if not unit.closed), key=lambda unit: unit.id, reverse=True
        )
        return {duty: unit.id for unit in units for duty in unit.duties}
