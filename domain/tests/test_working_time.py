"""Working time: the worked cases, and a slow reference that walks minute by minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.case.figures import seconds
from domain.rules.deadlines import Pause
from domain.rules.working_time import WorkingHours, working_seconds
from domain.tests.hanbin import CALENDAR, RULES, at

HOURS = WorkingHours.of(RULES.policy.hours)


def worked(start: str, end: str, *pauses: tuple[str, str]) -> str:
    """Working time between two instants, as `hours:minutes`."""
    seconds = RULES.working_s(at(start), at(end), [Pause(start=at(a), end=at(b)) for a, b in pauses])
    return f"{seconds // 3600}:{seconds // 60 % 60:02}"


@pytest.mark.parametrize(
    ("case", "start", "end", "expected"),
    [
        ("S01 village", "2025-03-03 09:30", "2025-03-04 16:00", "12:30"),
        ("S01 citizen", "2025-03-03 09:10", "2025-03-04 16:00", "12:50"),
        ("S03 town", "2025-04-14 11:00", "2025-05-20 15:30", "194:30"),
        ("S03 first response", "2025-04-14 11:00", "2025-04-15 09:00", "6:00"),
        ("S04 town", "2025-08-18 10:00", "2025-08-26 16:00", "52:00"),
        ("S04 district", "2025-08-26 16:00", "2025-09-15 09:00", "107:00"),
        ("S04 district again", "2025-11-03 09:00", "2025-11-21 17:00", "118:00"),
        ("S04 citizen", "2025-08-18 09:00", "2025-11-21 17:00", "526:00"),
        ("S06 town", "2025-09-22 09:00", "2025-10-01 00:00", "63:00"),
        ("S06 district", "2025-10-01 00:00", "2025-10-20 16:00", "70:00"),
        ("S06 first response of the district", "2025-10-01 00:00", "2025-10-09 09:00", "1:00"),
        ("S07 citizen", "2025-04-24 10:00", "2025-05-19 17:30", "125:30"),
        ("S09 intake", "2025-03-11 20:15", "2025-03-12 09:30", "1:30"),
        ("S10 village", "2025-11-10 09:20", "2025-11-13 17:00", "29:40"),
        ("S11 town", "2025-08-04 09:00", "2025-10-31 15:00", "484:00"),
    ],
)
def test_the_worked_cases(case: str, start: str, end: str, expected: str) -> None:
    assert (case, worked(start, end)) == (case, expected)


def test_s07_the_wait_for_the_citizen_is_left_out() -> None:
    assert worked("2025-04-24 11:00", "2025-05-19 17:30", ("2025-04-28 15:00", "2025-05-07 09:30")) == "96:00"


def test_the_lunch_break_is_not_worked() -> None:
    assert worked("2025-03-03 11:00", "2025-03-03 15:00") == "2:00"


def test_a_weekend_is_not_worked_unless_it_is_makeup_work() -> None:
    assert worked("2025-03-01 00:00", "2025-03-03 00:00") == "0:00"
    assert worked("2025-04-26 00:00", "2025-04-28 00:00") == "8:00"


def test_pauses_that_overlap_are_left_out_once_and_only_where_they_lie_inside() -> None:
    twice = (("2025-03-03 09:00", "2025-03-03 11:00"), ("2025-03-03 10:00", "2025-03-03 12:00"))
    assert worked("2025-03-03 08:00", "2025-03-03 18:00", *twice) == "5:00"
    assert worked("2025-03-03 10:00", "2025-03-03 18:00", ("2025-03-01 00:00", "2025-03-03 11:00")) == "5:00"
    assert worked("2025-03-03 10:00", "2025-03-03 18:00", ("2025-03-04 00:00", "2025-03-05 00:00")) == "6:00"


def test_time_that_runs_backwards_holds_no_work() -> None:
    assert RULES.working_s(at("2025-03-04 10:00"), at("2025-03-03 10:00")) == 0


def test_what_remains_is_below_zero_once_it_is_late() -> None:
    due = at("2025-03-07 00:00")
    assert RULES.remaining_working_s(at("2025-03-06 17:00"), due) == 3600
    assert RULES.remaining_working_s(due, due) == 0
    assert RULES.remaining_working_s(at("2025-03-07 09:00"), due) == -3600


def test_a_day_may_be_open_until_midnight() -> None:
    around_the_clock = WorkingHours.of((("00:00", "24:00"),))
    monday, tuesday = at("2025-03-03 00:00"), at("2025-03-04 00:00")
    assert working_seconds(CALENDAR, around_the_clock, RULES.zone, monday, tuesday) == 86400


instants = st.integers(0, 1000 * 24 * 60).map(lambda n: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=n))
minutes = st.integers(0, 6 * 24 * 60).map(lambda n: timedelta(minutes=n))
pauses = st.lists(st.tuples(minutes, minutes), max_size=4)
zones = st.sampled_from([ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")])


@given(instants, minutes, pauses, zones)
def test_counting_in_one_step_equals_walking_minute_by_minute(
    start: datetime, length: timedelta, offsets: list[tuple[timedelta, timedelta]], zone: ZoneInfo
) -> None:
    end = start + length
    without = [Pause(start=start + a - timedelta(days=1), end=start + a - timedelta(days=1) + b) for a, b in offsets]

    def counts(minute: datetime) -> bool:
        local = minute.astimezone(zone)
        clock = local.hour * 60 + local.minute
        return (
            CALENDAR.is_working_day(local.date())
            and (480 <= clock < 720 or 840 <= clock < 1080)
            and not any(pause.start <= minute < pause.end for pause in without)
        )

    every_minute = (start + timedelta(minutes=n) for n in range(length // timedelta(minutes=1)))
    assert working_seconds(CALENDAR, HOURS, zone, start, end, without) == 60 * sum(map(counts, every_minute))


@given(st.lists(st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31)), min_size=3, max_size=3))
def test_the_parts_of_a_stretch_add_up_to_the_whole_even_between_seconds(naive: list[datetime]) -> None:
    a, b, c = sorted(instant.replace(tzinfo=UTC) for instant in naive)
    assert RULES.working_s(a, b) + RULES.working_s(b, c) == RULES.working_s(a, c)
    assert seconds(a, b) + seconds(b, c) == seconds(a, c)


def test_nobody_works_longer_than_it_lasts() -> None:
    start = at("2025-03-03 09:00") + timedelta(milliseconds=900)
    end = start + timedelta(milliseconds=1200)
    assert RULES.working_s(start, end) == seconds(start, end) == 2
