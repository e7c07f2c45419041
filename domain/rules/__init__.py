"""The rules in force when somebody acts: how long he has, and what counts as working time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.rules.calendar import CalendarYear, WorkingCalendar
from domain.rules.calendars import CalendarPublished, Calendars, PublishCalendar
from domain.rules.deadlines import Due, Pause, Span, due
from domain.rules.policies import Policies, PolicyPublished, PublishPolicy
from domain.rules.policy import Policy, working_days
from domain.rules.working_time import Hours, WorkingHours, working_seconds

__all__ = [
    "CalendarPublished",
    "CalendarYear",
    "Calendars",
    "Policies",
    "Policy",
    "PolicyPublished",
    "PublishCalendar",
    "PublishPolicy",
    "Rules",
    "WorkingCalendar",
]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """One policy with one calendar, in one time zone. Events remember the labels of what decided."""

    policy: Policy
    policy_label: str
    calendar: WorkingCalendar
    zone: ZoneInfo
    earlier: Sequence[tuple[datetime, Hours]] = ()
    """Office hours that are no longer in force, each with the instant until which they were; the oldest first."""

    @classmethod
    def in_force(cls, policies: Policies, calendars: Calendars, at: datetime) -> "Rules":
        policy, label = policies.in_force(at)
        return cls(
            policy=policy,
            policy_label=label,
            calendar=calendars.working(policy.region),
            zone=ZoneInfo(policy.tz),
            earlier=policies.hours_before(at),
        )

    def due(self, start: datetime, span: Span, pauses: Sequence[Pause] = ()) -> Due:
        """When a clock of that span, started then, is too late."""
        return due(self.calendar, self.zone, start, span, pauses)

    def due_soon_until(self, now: datetime) -> datetime:
        """Clocks due up to this instant are due soon."""
        return self.due(now, working_days(self.policy.due_soon_wd)).at

    def working_s(self, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> int:
        """Working seconds from `start` up to `end`, pauses left out: at all times by the office hours of then."""
        worked = 0
        for until, hours in self.earlier:
            if start < until:
                worked += self._worked(hours, start, min(until, end), pauses)
                start = until
        return worked + self._worked(self.policy.hours, start, end, pauses)

    def remaining_working_s(self, now: datetime, due_at: datetime) -> int:
        """Working seconds left; below zero when late."""
        return self.working_s(now, due_at) if now <= due_at else -self.working_s(due_at, now)

    def local(self, at: datetime) -> datetime:
        """The same instant by the clock on the district's wall."""
        return at.astimezone(self.zone)

    def _worked(self, hours: Hours, start: datetime, end: datetime, pauses: Sequence[Pause]) -> int:
        return working_seconds(self.calendar, WorkingHours.of(hours), self.zone, start, end, pauses)
