"""The state of a household, folded from its events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from domain.decider import Recorded, Sealed, altered
from domain.household import events as e
from domain.household.changes import changes_of
from domain.household.parts import UNASSESSED, Assessment, Grant, Member, Notice, Override, Proposal, Visit
from domain.household.terms import Benefit, BenefitState, ClassBasis, Facts, HouseholdClass


@dataclass(frozen=True, kw_only=True)
class Household:
    id: str
    version: int = 0
    village: str = ""
    town: str | None = None
    identity: Sealed | None = None
    registered_at: datetime | None = None
    updated_at: datetime | None = None
    members: Mapping[str, Member] = field(default_factory=dict)
    merged_into: str | None = None
    relatives: Mapping[str, bool | None] = field(default_factory=dict)
    """Officials who are relatives, and whether the district found its class fair: nothing while it is to be checked."""
    facts: Facts | None = None
    facts_version: int = 0
    facts_as_of: datetime | None = None
    """When it lived like this: as it was written down at the door, or else as it was recorded."""
    lost_since: datetime | None = None
    klass: HouseholdClass = HouseholdClass.SECURE
    rules: tuple[str, ...] = ()
    basis: ClassBasis | None = None
    since: datetime | None = None
    """Since when it has its class."""
    weighed_since: datetime | None = None
    """Since when assessments may lead it out of need: it came into its class, or another household joined it."""
    assessments: tuple[Assessment, ...] = ()
    left_priority_at: datetime | None = None
    aftercare_until: datetime | None = None
    lost_until: datetime | None = None
    proposed: Proposal | None = None
    override: Override | None = None
    decided_on: Assessment | None = None
    """What the table found when people decided its class themselves, as long as that stands."""
    contested: bool = False
    notice: Notice | None = None
    helper: str | None = None
    helped_since: datetime | None = None
    unhelped_since: datetime | None = None
    """When its last helper ended, as long as it has no other."""
    visits: tuple[Visit, ...] = ()
    benefits: Mapping[Benefit, Grant] = field(default_factory=dict)
    posted: Mapping[Benefit, datetime] = field(default_factory=dict)
    """Until when the village is told of an application."""

    @property
    def next_deadline(self) -> datetime | None:
        """When something happens to it by itself: a notice ends, an override, the aftercare, what a lost home counts, the
        time to decide on a benefit.
        """
        if self.merged_into is not None:
            return None
        ends: tuple[datetime | None, ...] = (
            self.notice.ends if self.notice else None,
            self.override.until if self.override else None,
            self.aftercare_until,
            self.lost_until,
            *self.posted.values(),
            *(grant.runs_out for grant in self.benefits.values()),
        )
        return min(filter(None, ends), default=None)

    @property
    def unsigned(self) -> bool:
        """Whether another class waits for a second signature, and can still be signed for."""
        return self.proposed is not None and self.override is None and self.proposed.to is not self.klass

    @property
    def visited_at(self) -> datetime | None:
        """When the last visit was that counts."""
        return max((visit.seen_at for visit in self.visits if visit.counts), default=None)

    @property
    def found(self) -> Assessment:
        """What the table found last; before it was asked, nothing."""
        return self.assessments[-1] if self.assessments else UNASSESSED

    @property
    def ruleset(self) -> str | None:
        return self.assessments[-1].ruleset if self.assessments else None

    def evolve(self, recorded: Recorded[e.HouseholdEvent], /) -> Self:
        changes = changes_of(self, recorded)
        return altered(self, version=recorded.version, updated_at=recorded.at, **changes)

    def with_benefit(self, benefit: Benefit, state: BenefitState, at: datetime) -> Self:
        return altered(self, benefits={**self.benefits, benefit: Grant(state=state, since=at)})
