"""The units of a district: their kinds, the three tiers they belong to, and what some of them do for all."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Tier(StrEnum):
    """The three levels on which a case can rest, the lowest first."""

    VILLAGE = "village"
    TOWN = "town"
    DISTRICT = "district"

    @property
    def above(self) -> "Tier | None":
        return {Tier.VILLAGE: Tier.TOWN, Tier.TOWN: Tier.DISTRICT}.get(self)


class UnitKind(StrEnum):
    VILLAGE = "village"
    COMMUNITY = "community"
    TOWN = "town"
    OFFICE = "office"
    DISTRICT = "district"
    DEPARTMENT = "department"
    BODY = "body"

    @property
    def tier(self) -> Tier | None:
        """Bodies (discipline, a city government) stand outside the tiers."""
        match self:
            case UnitKind.VILLAGE | UnitKind.COMMUNITY:
                return Tier.VILLAGE
            case UnitKind.TOWN | UnitKind.OFFICE:
                return Tier.TOWN
            case UnitKind.DISTRICT | UnitKind.DEPARTMENT:
                return Tier.DISTRICT
            case UnitKind.BODY:
                return None

    @property
    def parent(self) -> "UnitKind | None":
        """The kind of unit it lies in. Every kind lies in a higher one, so no unit can lie in itself."""
        match self:
            case UnitKind.VILLAGE | UnitKind.COMMUNITY | UnitKind.OFFICE:
                return UnitKind.TOWN
            case UnitKind.TOWN | UnitKind.DEPARTMENT:
                return UnitKind.DISTRICT
            case UnitKind.DISTRICT | UnitKind.BODY:
                return None


class Duty(StrEnum):
    """What one unit does for the whole district."""

    MASS_WORK = "mass_work"
    DISPATCH = "dispatch"
    FOLLOW_UP = "follow_up"
    DISCIPLINE = "discipline"
    REVIEW = "review"
    FINAL_REVIEW = "final_review"


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A village, an office, a department. Once closed it stays known, and what it held passes to its successor."""

    id: str
    name: str
    kind: UnitKind
    parent: str | None = None
    duties: frozenset[Duty] = frozenset()
    closed_on: date | None = None
    successor: str | None = None
    earlier: tuple[tuple[date, str | None], ...] = ()
    """Where it lay before, each with the day from which it lay elsewhere."""
    inhabitants: int | None = None
    """How many live there, where that was told: villages are compared by reports for each thousand."""

    @property
    def tier(self) -> Tier | None:
        return self.kind.tier

    @property
    def closed(self) -> bool:
        return self.closed_on is not None

    @property
    def above(self) -> str | None:
        """Where it lies. A merged unit lies in the one that took it over, not where it once lay."""
        return self.successor or self.parent

    def successor_on(self, day: date | None) -> str | None:
        """Which had taken it over by that day; by now, if none is named."""
        merged = day is None or (self.closed_on is not None and self.closed_on <= day)
        return self.successor if merged else None

    def parent_on(self, day: date | None) -> str | None:
        """Where it lay on that day; where it lies now, if none is named."""
        return next((parent for until, parent in self.earlier if day is not None and day < until), self.parent)
