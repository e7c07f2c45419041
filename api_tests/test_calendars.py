"""The calendars that ship, against the State Council's own lists and against the package they come from."""

from datetime import date, timedelta
from functools import reduce

import pytest
from chinese_calendar import is_workday

from domain.decider import Recorded
from domain.rules import CalendarPublished, Calendars, PublishCalendar
from domain.tests.hanbin import CALENDAR, at, publishing
from service.record.calendars import missing, shipped

NOW = at("2025-11-10 09:00")


def publish(calendars: Calendars, command: PublishCalendar) -> Calendars:
    def evolve(calendars: Calendars, event: CalendarPublished) -> Calendars:
        recorded = Recorded(
            stream="calendars", version=calendars.version + 1, at=NOW, recorded_at=NOW, by="system", event=event
        )
        return calendars.evolve(recorded)

    return reduce(evolve, command.decide(calendars, publishing(NOW)), calendars)


@pytest.fixture(scope="module")
def everything() -> Calendars:
    return reduce(publish, shipped(), Calendars())


def test_the_years_2004_to_2026_ship(everything: Calendars) -> None:
    assert sorted(everything.working("cn").years) == list(range(2004, 2027))
    assert everything.working("cn").known_until() == date(2026, 12, 31)


def test_every_day_of_2025_and_2026_is_as_the_state_council_announced(everything: Calendars) -> None:
    calendar, new_year = everything.working("cn"), date(2025, 1, 1)
    two_years = [new_year + timedelta(days=n) for n in range(730)]
    assert two_years[-1] == date(2026, 12, 31)
    assert [day for day in two_years if calendar.is_working_day(day) != CALENDAR.is_working_day(day)] == []


def test_every_day_since_2004_is_as_the_package_says(everything: Calendars) -> None:
    calendar, new_year = everything.working("cn"), date(2004, 1, 1)
    all_days = [new_year + timedelta(days=n) for n in range((date(2027, 1, 1) - new_year).days)]
    assert [day for day in all_days if calendar.is_working_day(day) != is_workday(day)] == []


def test_only_years_nobody_has_published_are_missing(everything: Calendars) -> None:
    assert list(missing(everything)) == []
    own_2025 = PublishCalendar(region="cn", year=2025, holidays=(date(2025, 1, 1),), makeup_workdays=())
    years = [notice.year for notice in missing(publish(Calendars(), own_2025))]
    assert years == [year for year in range(2004, 2027) if year != 2025]
