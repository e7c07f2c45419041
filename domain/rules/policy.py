"""A policy: how much time everybody has and how often things may be done, as values that can be published anew.

Field names say the unit: `_wd` working days, `_nd` natural days. Values come from the district's clock policy and
petition law; those marked [P] are our proposal, where both say nothing.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from domain.rules.deadlines import Span
from domain.rules.helping import Helping
from domain.rules.must_visits import MustVisits
from domain.rules.scheme import Scheme
from domain.rules.working_time import Hours
from domain.zone import DISTRICT


@dataclass(frozen=True, kw_only=True, slots=True)
class PerTier:
    """One figure for each tier: village, town, district."""

    V: int
    T: int
    D: int

    def at(self, tier: str) -> int:
        return {"village": self.V, "town": self.T, "district": self.D}[tier]


@dataclass(frozen=True, kw_only=True, slots=True)
class UrgentHours:
    """Grade I, in natural hours that never pause. A remand is always this short, whatever days are stated."""

    first_response: int = 2
    hold: PerTier = field(default=PerTier(V=4, T=24, D=72))
    reopen: PerTier = field(default=PerTier(V=4, T=12, D=24))
    remand: int = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class UrgentMinutes:
    """Grade I, in minutes."""

    intake: int = 30
    dispute_window: int = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class PetitionDays:
    """The statutory clocks of a petition (信访工作条例, articles 22, 23 and 34 to 36)."""

    notice_nd: int = 15
    handle_nd: int = 60
    extend_nd: int = 30
    review_request_nd: int = 30
    review_nd: int = 30
    final_request_nd: int = 30
    final_nd: int = 30
    dispute_window_wd: int = 5
    information_wait_nd: int = 15


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How often, how many, how long at most; zero of what one may ask for forbids it."""

    decline_challenges: int = 1
    disputes_per_assignment: int = 1
    extension_percent: int = 100
    """How long an extension may be, measured by the budget it extends."""
    extensions_per_entry: int = 1
    feedback_tries: int = 3
    information_requests_per_custody: int = 2
    late_entry_hours: int = 72
    merge_reopening_nd: int = 90
    """How long ago a case may have closed for another to be merged into it."""
    proofs: int = 1
    """The fewest proofs a resolution needs."""
    remands_before_leader: int = 1
    """After so many, a remand needs a district leader."""
    reopening_window_nd: int = 30
    reopenings_before_escalation: int = 1
    """After so many, a reopened case goes to the next tier."""
    reopenings_before_leader: int = 2
    """After so many, a leader takes the reopened case himself."""
    repeat_report_nd: int = 90
    """How far back a matter may have been reported for another to be shown as perhaps the same."""
    suspension_review_nd: int = 90
    suspension_total_nd: int = 365
    transfers_per_entry: int = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """Everything about clocks and limits that a district may set for itself.

    Which budget a case has: a petition is statutory; otherwise grade I is urgent; otherwise a benefit has its own;
    otherwise it is ordinary. Tiers are `village`, `town`, `district`; grades `I`, `II`, `III`.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    id: str
    tz: str = DISTRICT.key
    region: str = "cn"
    """Whose working calendar counts [P]."""
    hours: Hours = (("08:00", "12:00"), ("14:00", "18:00"))
    hold_wd: PerTier = field(default=PerTier(V=3, T=7, D=15))
    urgent_hours: UrgentHours = field(default=UrgentHours())
    urgent_minutes: UrgentMinutes = field(default=UrgentMinutes())
    intake_wd: int = 1
    first_response_wd: int = 1
    dispute_window_wd: int = 2
    ruling_wd: int = 2
    """The adjudicator's own clock, whatever the kind and grade [P]."""
    information_wait_wd: int = 10
    reopen_wd: PerTier = field(default=PerTier(V=3, T=5, D=10))
    remand_default_wd: int = 5
    call_back_wd: int = 3
    urgent_call_back_wd: int = 1
    feedback_window_nd: int = 15
    benefit_wd: int = 30
    due_soon_wd: int = 1
    """So much before it is due, a clock counts as due soon."""
    petition: PetitionDays = field(default=PetitionDays())
    limits: Limits = field(default=Limits())
    assessment: Scheme = field(default=Scheme())
    helping: Helping = field(default=Helping())
    must_visits: MustVisits = field(default=MustVisits())

    def intake(self, kind: str, grade: str) -> Span:
        """Until a report is assigned, declined or diverted. For a petition the law's time of notice is enough [P]."""
        if kind == "petition":
            return self.notice()
        return minutes(self.urgent_minutes.intake) if grade == "I" else working_days(self.intake_wd)

    def notice(self) -> Span:
        """Until the petitioner is told in writing what becomes of the report."""
        return natural_days(self.petition.notice_nd)

    def first_response(self, grade: str) -> Span:
        """Until the holder has reached the citizen. A petition has none: there the notice counts."""
        return hours(self.urgent_hours.first_response) if grade == "I" else working_days(self.first_response_wd)

    def dispute_window(self, kind: str, grade: str) -> Span:
        """In which a unit may say that a case is not its own."""
        if kind == "petition":
            return working_days(self.petition.dispute_window_wd)
        return minutes(self.urgent_minutes.dispute_window) if grade == "I" else working_days(self.dispute_window_wd)

    def ruling(self) -> Span:
        """Until the adjudicator has ruled on a dispute."""
        return working_days(self.ruling_wd)

    def hold(self, tier: str, kind: str, grade: str) -> Span:
        """How long a tier may keep a case. For a petition that is its statutory time, in whatever tier it is."""
        if kind == "petition":
            return self.statutory()
        if grade == "I":
            return hours(self.urgent_hours.hold.at(tier))
        return working_days(self.benefit_wd if kind == "benefit" else self.hold_wd.at(tier))

    def statutory(self) -> Span:
        """Until a petition is answered in writing, from its acceptance on."""
        return natural_days(self.petition.handle_nd)

    def longest_extension(self, base: Span) -> int:
        """By how much a budget may be extended, in its own days. Hours are never extended [P]."""
        if base.unit == "natural_days":
            return self.petition.extend_nd
        return base.amount * self.limits.extension_percent // 100 if base.unit == "working_days" else 0

    def remand(self, grade: str, stated_wd: int | None = None) -> Span:
        """How long the lower tier may keep a case that was sent back to it."""
        return hours(self.urgent_hours.remand) if grade == "I" else working_days(stated_wd or self.remand_default_wd)

    def reopen(self, tier: str, grade: str) -> Span:
        """How long a tier may keep a case that the citizen did not find solved."""
        return hours(self.urgent_hours.reopen.at(tier)) if grade == "I" else working_days(self.reopen_wd.at(tier))

    def information_wait(self, kind: str) -> Span:
        """In which the citizen answers a request for information."""
        return (
            natural_days(self.petition.information_wait_nd)
            if kind == "petition"
            else working_days(self.information_wait_wd)
        )

    def call_back(self, grade: str) -> Span:
        """Until the follow-up centre has asked the citizen."""
        return working_days(self.urgent_call_back_wd if grade == "I" else self.call_back_wd)

    def feedback_window(self) -> Span:
        """In which the citizen may judge; after it the case closes."""
        return natural_days(self.feedback_window_nd)

    def reopening(self) -> Span:
        """In which what was closed may be taken up again."""
        return natural_days(self.limits.reopening_window_nd)

    def merge_reopening(self) -> Span:
        """In which what was closed is taken up again when the same matter is reported once more."""
        return natural_days(self.limits.merge_reopening_nd)

    def review_request(self) -> Span:
        """In which a petitioner may ask for a review (复查)."""
        return natural_days(self.petition.review_request_nd)

    def review_decision(self) -> Span:
        """Until the review is decided."""
        return natural_days(self.petition.review_nd)

    def final_request(self) -> Span:
        """In which a petitioner may ask for the final review (复核)."""
        return natural_days(self.petition.final_request_nd)

    def final_decision(self) -> Span:
        """Until the final review is decided; days of a hearing do not count."""
        return natural_days(self.petition.final_nd)


def working_days(amount: int) -> Span:
    return Span(amount=amount, unit="working_days")


def natural_days(amount: int) -> Span:
    return Span(amount=amount, unit="natural_days")


def hours(amount: int) -> Span:
    return Span(amount=amount, unit="hours")


def minutes(amount: int) -> Span:
    return Span(amount=amount, unit="minutes")
