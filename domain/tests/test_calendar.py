"""Which days are working days, and how a year's notice becomes known."""

from dataclasses import replace
from datetime import date, timedelta
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.decider import Recorded
from domain.refusals import Invalid
from domain.rules import CalendarPublished, Calendars, CalendarYear, PublishCalendar, WorkingCalendar
from domain.tests.hanbin import CALENDAR, CN_2025, CN_2026, at, days, publishing

ACT = publishing(at("2025-11-04 10:00"))


def notice(of: CalendarYear = CN_2025, /, **changes: Any) -> PublishCalendar:
    as_published = PublishCalendar(
        region=of.region,
        year=of.year,
        holidays=tuple(of.holidays),
        makeup_workdays=tuple(of.makeup_workdays),
        source=of.source,
    )
    return replace(as_published, **changes)


def decide(calendars: Calendars, *commands: PublishCalendar) -> Calendars:
    """Publish one after the other."""

    def evolve(calendars: Calendars, event: CalendarPublished) -> Calendars:
        now = ACT.at
        recorded = Recorded(
            stream="calendars", version=calendars.version + 1, at=now, recorded_at=now, by="admin", event=event
        )
        return calendars.evolve(recorded)

    for command in commands:
        calendars = reduce(evolve, command.decide(calendars, ACT), calendars)
    return calendars


def test_a_sunday_of_makeup_work_is_a_working_day() -> None:
    assert date(2025, 4, 27).isoweekday() == 7
    assert CALENDAR.is_working_day(date(2025, 4, 27))


def test_a_weekday_of_rest_is_no_working_day() -> None:
    assert not CALENDAR.is_working_day(date(2025, 10, 8))


def test_each_of_the_two_years_has_248_working_days() -> None:
    for year in (2025, 2026):
        assert CALENDAR.working_days(date(year, 1, 1), date(year + 1, 1, 1)) == 248


def test_a_year_without_a_notice_has_plain_weeks() -> None:
    assert CALENDAR.is_working_day(date(2027, 1, 1))
    assert not CALENDAR.is_working_day(date(2027, 1, 2))
    assert CALENDAR.working_days(date(2027, 1, 1), date(2028, 1, 1)) == 261


def test_the_calendar_says_which_years_it_knows_and_until_when() -> None:
    assert CALENDAR.knows(2026)
    assert CALENDAR.knows(date(2026, 12, 31))
    assert not CALENDAR.knows(date(2027, 1, 1))
    assert CALENDAR.known_until() == date(2026, 12, 31)


def test_a_gap_in_the_years_ends_what_is_known() -> None:
    far = replace(CN_2026, year=2028)
    assert replace(CALENDAR, years={**CALENDAR.years, 2028: far}).known_until() == date(2026, 12, 31)
    assert WorkingCalendar(region="cn", years={}).known_until() is None


def test_the_label_names_the_version_of_every_year_and_zero_where_there_is_no_notice() -> None:
    assert CALENDAR.label(2025, 2025) == "cn-2025.1"
    assert CALENDAR.label(2025, 2026) == "cn-2025.1+cn-2026.1"
    assert CALENDAR.label(2026, 2027) == "cn-2026.1+cn-2027.0"


@given(st.dates(date(2023, 1, 1), date(2029, 12, 31)), st.integers(1, 700))
def test_the_nth_working_day_is_found_by_walking(day: date, count: int) -> None:
    walked = day
    for _ in range(count):
        walked += timedelta(days=1)
        while not CALENDAR.is_working_day(walked):
            walked += timedelta(days=1)
    assert CALENDAR.working_day_after(day, count) == walked


@given(st.dates(date(2023, 1, 1), date(2029, 12, 31)), st.integers(0, 1500))
def test_working_days_between_two_days_are_counted_by_walking(first: date, length: int) -> None:
    walked = sum(CALENDAR.is_working_day(first + timedelta(days=n)) for n in range(length))
    assert CALENDAR.working_days(first, first + timedelta(days=length)) == walked


def test_a_published_year_is_known_from_then_on() -> None:
    calendars = decide(Calendars(), notice(CN_2025), notice(CN_2026))
    assert calendars.version == 2
    assert calendars.working("cn") == CALENDAR
    assert calendars.working("hk").years == {}


def test_days_are_stored_in_order_and_once() -> None:
    twice = notice(holidays=(date(2025, 5, 2), date(2025, 5, 1), date(2025, 5, 2)), makeup_workdays=())
    [event] = twice.decide(Calendars(), ACT)
    assert event.holidays == (date(2025, 5, 1), date(2025, 5, 2))


def test_the_same_days_published_again_change_nothing() -> None:
    calendars = decide(Calendars(), notice())
    assert list(notice(source="told again").decide(calendars, ACT)) == []


def test_a_corrected_notice_is_the_next_version_of_its_year_and_leaves_the_others_alone() -> None:
    corrected = notice(holidays=tuple(CN_2025.holidays | days(2025, "12-31")))
    calendar = decide(Calendars(), notice(CN_2025), notice(CN_2026), corrected).working("cn")
    assert calendar.label(2025, 2026) == "cn-2025.2+cn-2026.1"
    assert not calendar.is_working_day(date(2025, 12, 31))


def test_regions_have_calendars_of_their_own() -> None:
    calendars = decide(Calendars(), notice(), notice(region="hk", holidays=(), makeup_workdays=()))
    assert calendars.working("hk").is_working_day(date(2025, 10, 1))
    assert not calendars.working("cn").is_working_day(date(2025, 10, 1))
    assert calendars.working("hk").label(2025, 2025) == "hk-2025.1"


@pytest.mark.parametrize(
    ("wrong", "because"),
    [
        ({"holidays": (date(2026, 1, 1),)}, "2026-01-01 is not in 2025"),
        ({"makeup_workdays": (date(2024, 12, 29),)}, "2024-12-29 is not in 2025"),
        ({"makeup_workdays": (date(2025, 5, 4),)}, "2025-05-04 cannot be both"),
        ({"makeup_workdays": (date(2025, 3, 3),)}, "2025-03-03 is a working day already"),
        ({"year": 2003, "holidays": (), "makeup_workdays": ()}, "from 2004 to 2100"),
        ({"year": 2101, "holidays": (), "makeup_workdays": ()}, "from 2004 to 2100"),
        ({"region": "CN+"}, "small letters and digits"),
        ({"region": ""}, "small letters and digits"),
    ],
)
def test_a_notice_that_makes_no_sense_is_refused(wrong: dict[str, Any], because: str) -> None:
    with pytest.raises(Invalid, match=because):
        list(notice(**wrong).decide(Calendars(), ACT))
