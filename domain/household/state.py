"""A household: what its history adds up to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Self, assert_never

from domain.decider import Recorded, Sealed, altered
from domain.household import events as e
from domain.household.terms import Benefit, BenefitState, ClassBasis, Facts, HouseholdClass


@dataclass(frozen=True, kw_only=True)
class Assessment:
    at: datetime
    result: HouseholdClass
    rules: tuple[str, ...]
    ruleset: str


UNASSESSED = Assessment(at=datetime.min.replace(tzinfo=UTC), result=HouseholdClass.SECURE, rules=(), ruleset="")


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Another class that one person has signed for."""

    to: HouseholdClass
    minutes: str
    by: str


@dataclass(frozen=True, kw_only=True)
class Override:
    to: HouseholdClass
    until: datetime
    minutes: str
    signed_by: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Notice:
    to: HouseholdClass
    ends: datetime


@dataclass(frozen=True, kw_only=True)
class Member:
    id: str
    relation: str
    since: datetime
    identity: Sealed
    sealed_at: str | None = None


@dataclass(frozen=True, kw_only=True)
class Visit:
    """It counts if the household signed for it too, or said so on the telephone; not if it denied it there."""

    version: int
    at: datetime
    visitor: str
    countersigned: bool
    captured_at: datetime | None
    needs: int
    cases: tuple[str, ...]
    to_audit: bool = False
    confirmed: bool | None = None

    @property
    def counts(self) -> bool:
        return self.countersigned if self.confirmed is None else self.confirmed

    @property
    def seen_at(self) -> datetime:
        return self.captured_at or self.at


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Where a benefit stands; `due_at` while it is applied for, and by whom."""

    state: BenefitState
    since: datetime
    due_at: datetime | None = None
    by: str = ""
    overdue: bool = False

    @property
    def stands(self) -> bool:
        """Whether it is granted, or waits for a decision."""
        return self.state in (BenefitState.APPLIED, BenefitState.GRANTED)

    @property
    def runs_out(self) -> datetime | None:
        """When the time to decide is over, as long as it is not."""
        return None if self.overdue else self.due_at


STANDING = frozenset({ClassBasis.OVERRIDE, ClassBasis.CONTEST, ClassBasis.AFTERCARE_ENDED})
"""Changes of class that leave a decision of people as it is."""


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
        return altered(self._after(recorded), version=recorded.version, updated_at=recorded.at)

    def _after(self, recorded: Recorded[e.HouseholdEvent]) -> Self:
        at = recorded.at
        match event := recorded.event:
            case e.Registered():
                place = {"village": event.village, "town": event.town, "identity": event.identity}
                return altered(self, registered_at=at, since=at, weighed_since=at, **place)
            case e.MemberJoined():
                member = Member(
                    id=event.member,
                    relation=event.relation,
                    since=at,
                    identity=event.identity,
                    sealed_at=event.sealed_at,
                )
                return altered(self, members={**self.members, event.member: member})
            case e.MemberLeft():
                return altered(self, members={id: one for id, one in self.members.items() if id != event.member})
            case e.SplitOff():
                gone = set(event.members)
                return altered(self, members={id: one for id, one in self.members.items() if id not in gone})
            case e.MergedInto():
                kept = {one: grant for one, grant in self.benefits.items() if one not in event.benefits}
                return altered(self, merged_into=event.household, members={}, notice=None, benefits=kept)
            case e.Moved():
                return altered(self, village=event.village, town=event.town)
            case e.RelationDeclared():
                return altered(self, relatives={**self.relatives, event.official: None})
            case e.RelationChecked():
                return altered(self, relatives={**self.relatives, event.official: event.fair})
            case e.FactsRecorded():
                until = self.lost_until if event.lost_since else None
                known = {"facts": event.facts, "lost_since": event.lost_since, "lost_until": until}
                as_of = event.captured_at or at
                return altered(self, facts_version=recorded.version, facts_as_of=as_of, **known)
            case e.EarlierFactsRecorded():
                return self
            case e.LostHomeCounts():
                return altered(self, lost_until=event.counts_until)
            case e.Assessed():
                one = Assessment(at=at, result=event.result, rules=event.rules, ruleset=event.ruleset)
                rules = event.rules if event.result is self.klass else self.rules
                return altered(self, assessments=(*self.assessments, one), rules=rules)
            case e.Classified():
                leaves = event.basis is ClassBasis.ASSESSMENTS and event.was is HouseholdClass.PRIORITY
                same = event.now is event.was
                needy = event.now is HouseholdClass.PRIORITY and not same
                return altered(
                    self,
                    klass=event.now,
                    rules=event.rules,
                    basis=event.basis,
                    since=self.since if same else at,
                    weighed_since=self.weighed_since if same and event.basis is not ClassBasis.MERGE else at,
                    aftercare_until=event.aftercare_until,
                    left_priority_at=at if leaves else self.left_priority_at,
                    decided_on=self.decided_on if same or event.basis in STANDING else None,
                    relatives=dict.fromkeys(self.relatives) if needy else self.relatives,
                )
            case e.OverrideProposed():
                return altered(self, proposed=Proposal(to=event.now, minutes=event.minutes, by=recorded.by))
            case e.ClassOverridden():
                override = Override(to=event.now, until=event.until, minutes=event.minutes, signed_by=event.signed_by)
                return altered(self, override=override, proposed=None, decided_on=self.found)
            case e.OverrideEnded():
                return altered(self, override=None, decided_on=None)
            case e.ClassContested():
                return altered(self, contested=True)
            case e.ContestDecided():
                knew = self.decided_on if event.now is None else self.found
                return altered(self, contested=False, decided_on=knew)
            case e.NoticePosted():
                return altered(self, notice=Notice(to=event.now, ends=event.ends))
            case e.NoticeEnded():
                return altered(self, notice=None)
            case e.PairingStarted():
                return altered(self, helper=event.helper, helped_since=at, unhelped_since=None)
            case e.PairingEnded():
                return altered(self, helper=None, helped_since=None, unhelped_since=at)
            case e.PairingHandedOver():
                return altered(self, helper=event.next_helper, helped_since=at)
            case e.VisitRecorded():
                visit = Visit(
                    version=recorded.version,
                    to_audit=event.to_audit,
                    at=at,
                    visitor=event.visitor,
                    countersigned=event.countersigned,
                    captured_at=event.captured_at,
                    needs=len(event.cases),
                    cases=tuple(filter(None, event.cases)),
                )
                return altered(self, visits=(*self.visits, visit))
            case e.VisitAudited():
                asked = (
                    replace(one, confirmed=event.happened) if one.version == event.visit else one for one in self.visits
                )
                return altered(self, visits=tuple(asked))
            case e.BenefitApplied():
                applied = Grant(state=BenefitState.APPLIED, since=at, due_at=event.due_at, by=recorded.by)
                return altered(self, benefits={**self.benefits, event.benefit: applied})
            case e.BenefitOverdue():
                late = altered(self.benefits[event.benefit], overdue=True)
                return altered(self, benefits={**self.benefits, event.benefit: late})
            case e.BenefitBrought():
                brought = Grant(
                    state=event.state,
                    since=event.since,
                    due_at=event.due_at,
                    by=event.applied_by,
                    overdue=event.overdue,
                )
                return altered(self, benefits={**self.benefits, event.benefit: brought})
            case e.BenefitPosted():
                return altered(self, posted={**self.posted, event.benefit: event.ends})
            case e.BenefitNoticeEnded():
                return altered(self, posted={one: ends for one, ends in self.posted.items() if one != event.benefit})
            case e.BenefitGranted():
                return self.with_benefit(event.benefit, BenefitState.GRANTED, at)
            case e.BenefitRefused():
                return self.with_benefit(event.benefit, BenefitState.REFUSED, at)
            case e.BenefitEnded():
                return self.with_benefit(event.benefit, BenefitState.ENDED, at)
            case _:
                assert_never(event)

    def with_benefit(self, benefit: Benefit, state: BenefitState, at: datetime) -> Self:
        return altered(self, benefits={**self.benefits, benefit: Grant(state=state, since=at)})
