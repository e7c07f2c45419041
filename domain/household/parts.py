"""What a household is made of: assessments, decisions about its class, members, visits, benefits."""

from dataclasses import dataclass
from datetime import UTC, datetime

from domain.decider import Sealed
from domain.household.terms import BenefitState, HouseholdClass


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
