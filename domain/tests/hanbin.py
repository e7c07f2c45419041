"""Hanbin as the tests know it: the policy that ships, and the State Council's calendars for 2025 and 2026."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from domain.decider import SYSTEM, Act
from domain.org import Org
from domain.rules import CalendarYear, Policy, Rules, WorkingCalendar
from domain.tests.organising import NoVault
from domain.zone import DISTRICT


def days(year: int, *texts: str) -> frozenset[date]:
    """Days of a year, each written `MM-DD`, or a run of them `MM-DD/MM-DD`, both ends included."""
    found: set[date] = set()
    for text in texts:
        first, _, last = text.partition("/")
        start, end = date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last or first}")
        found.update(start + timedelta(days=n) for n in range((end - start).days + 1))
    return frozenset(found)


CN_2025 = CalendarYear(
    region="cn",
    year=2025,
    version=1,
    holidays=days(2025, "01-01", "01-28/02-04", "04-04/04-06", "05-01/05-05", "05-31/06-02", "10-01/10-08"),
    makeup_workdays=days(2025, "01-26", "02-08", "04-27", "09-28", "10-11"),
    source="State Council notice for 2025",
)

CN_2026 = CalendarYear(
    region="cn",
    year=2026,
    version=1,
    holidays=days(
        2026, "01-01/01-03", "02-15/02-23", "04-04/04-06", "05-01/05-05", "06-19/06-21", "09-25/09-27", "10-01/10-07"
    ),
    makeup_workdays=days(2026, "01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
    source="State Council notice for 2026",
)

CALENDAR = WorkingCalendar(region="cn", years={2025: CN_2025, 2026: CN_2026})

RULES = Rules(policy=Policy(id="hanbin-default-1"), policy_label="hanbin-default-1.1", calendar=CALENDAR, zone=DISTRICT)


def at(text: str) -> datetime:
    """An instant, written as the wall in Hanbin shows it: `2025-03-03 09:10`."""
    return datetime.fromisoformat(text).replace(tzinfo=DISTRICT).astimezone(UTC)


def publishing(now: datetime) -> Act:
    """The moment somebody publishes rules; it needs neither organisation nor seals."""
    return Act(by=SYSTEM, at=now, rules=RULES, org=Org(), vault=NoVault())


def limited(**limits: int) -> Rules:
    """The same rules with other limits."""
    return replace(RULES, policy=replace(RULES.policy, limits=replace(RULES.policy.limits, **limits)))
