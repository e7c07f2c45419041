"""When time is up: the worked cases and the small checks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.rules.deadlines import Due, Pause, Span, due
from domain.rules.policy import hours, minutes, natural_days, working_days
from domain.tests.hanbin import CALENDAR, RULES, at

POLICY = RULES.policy


def end_of(day: str) -> datetime:
    """24:00 of a day, which is the exclusive instant."""
    return at(f"{day} 00:00") + timedelta(days=1)


def last_day(start: str, span: Span, *pauses: Pause) -> datetime:
    return RULES.due(at(start), span, pauses).at


def pause(start: str, end: str) -> Pause:
    return Pause(start=at(start), end=at(end))


def test_s01_three_days_of_the_village_from_monday_3_march_end_on_thursday() -> None:
    # Tue 4, Wed 5, Thu 6
    assert last_day("2025-03-03 09:30", POLICY.hold("village", "request", "III")) == end_of("2025-03-06")


def test_s01_first_response_is_due_by_the_end_of_the_next_day() -> None:
    assert last_day("2025-03-03 09:30", POLICY.first_response("III")) == end_of("2025-03-04")


def test_s03_thirty_days_of_a_benefit_count_the_working_sunday_and_skip_labour_day() -> None:
    # 15-18 Apr 4, 21-25 Apr 9, Sun 27-30 Apr 13, (1-5 May rest), 6-9 May 17, 12-16 May 22, 19-23 May 27, 26-28 May 30
    assert last_day("2025-04-14 11:00", POLICY.hold("town", "benefit", "III")) == end_of("2025-05-28")


def test_s03_first_response() -> None:
    assert last_day("2025-04-14 11:00", POLICY.first_response("III")) == end_of("2025-04-15")


def test_s04_seven_days_of_the_town() -> None:
    # 19-22 Aug 4, 25-27 Aug 7
    assert last_day("2025-08-18 10:00", POLICY.hold("town", "request", "II")) == end_of("2025-08-27")


def test_s04_fifteen_days_of_the_district() -> None:
    # 27-29 Aug 3, 1-5 Sep 8, 8-12 Sep 13, 15-16 Sep 15
    assert last_day("2025-08-26 16:00", POLICY.hold("district", "request", "II")) == end_of("2025-09-16")


def test_s04_fifteen_new_days_after_the_suspension() -> None:
    # 4-7 Nov 4, 10-14 Nov 9, 17-21 Nov 14, Mon 24 Nov 15
    assert last_day("2025-11-03 09:00", POLICY.hold("district", "request", "II")) == end_of("2025-11-24")


def test_s06_dispute_window_of_two_days() -> None:
    assert last_day("2025-09-22 09:00", POLICY.dispute_window("request", "III")) == end_of("2025-09-24")


def test_s06_first_response() -> None:
    assert last_day("2025-09-22 09:00", POLICY.first_response("III")) == end_of("2025-09-23")


def test_s06_seven_days_of_the_town_count_the_working_sunday_before_national_day() -> None:
    # 23-26 Sep 4, Sun 28 Sep 5, 29-30 Sep 7
    assert last_day("2025-09-22 09:00", POLICY.hold("town", "request", "III")) == end_of("2025-09-30")


def test_s06_fifteen_days_of_the_district_skip_national_day_and_count_the_working_saturday() -> None:
    # 9-11 Oct 3, 13-17 Oct 8, 20-24 Oct 13, 27-28 Oct 15
    assert last_day("2025-10-01 00:00", POLICY.hold("district", "request", "III")) == end_of("2025-10-28")


def test_s06_first_response_of_the_district_waits_for_the_end_of_the_holiday() -> None:
    assert last_day("2025-10-01 00:00", POLICY.first_response("III")) == end_of("2025-10-09")


S07_WAIT = pause("2025-04-28 15:00", "2025-05-07 09:30")


def test_s07_base() -> None:
    # Fri 25, Sun 27, Mon 28, Tue 29, Wed 30 Apr 5, Tue 6, Wed 7 May 7
    assert last_day("2025-04-24 11:00", POLICY.hold("town", "request", "III")) == end_of("2025-05-07")


def test_s07_the_wait_leaves_out_29_and_30_april_and_6_may() -> None:
    # 25, 27, 28 Apr 3, 7, 8, 9 May 6, Mon 12 May 7
    assert last_day("2025-04-24 11:00", POLICY.hold("town", "request", "III"), S07_WAIT) == end_of("2025-05-12")


def test_s07_five_days_more_still_count_from_the_first_day() -> None:
    # 13-16 May 11, Mon 19 May 12
    extended = POLICY.hold("town", "request", "III").longer(5)
    assert last_day("2025-04-24 11:00", extended, S07_WAIT) == end_of("2025-05-19")


def test_s07_ten_days_to_answer() -> None:
    # 29, 30 Apr 2, 6-9 May 6, 12-15 May 10
    assert last_day("2025-04-28 15:00", POLICY.information_wait("request")) == end_of("2025-05-15")


def test_s09_notice_within_fifteen_days() -> None:
    # 11 Mar + 15 = Wed 26 Mar
    assert last_day("2025-03-11 20:15", POLICY.notice()) == end_of("2025-03-26")


def test_s10_three_days_of_the_village() -> None:
    assert last_day("2025-11-10 09:20", POLICY.hold("village", "request", "III")) == end_of("2025-11-13")


def test_s11_notice_rolls_from_saturday_to_monday() -> None:
    # 1 Aug + 15 = Sat 16 Aug
    assert last_day("2025-08-01 10:00", POLICY.notice()) == end_of("2025-08-18")


def test_s11_sixty_days_roll_over_national_day() -> None:
    # 4 Aug + 60 = Fri 3 Oct, rest until 8 Oct
    assert last_day("2025-08-04 09:00", POLICY.statutory()) == end_of("2025-10-09")


def test_s11_ninety_days_count_from_the_acceptance_and_not_from_the_rolled_day() -> None:
    # 4 Aug + 90 = Sun 2 Nov; the rolled 9 Oct + 30 would be 8 Nov
    assert last_day("2025-08-04 09:00", POLICY.statutory().longer(30)) == end_of("2025-11-03")


def test_s11_request_for_review_rolls_to_monday() -> None:
    # 31 Oct + 30 = Sun 30 Nov
    assert last_day("2025-10-31 15:00", POLICY.review_request()) == end_of("2025-12-01")


def test_s11_review_is_due_on_25_december() -> None:
    assert last_day("2025-11-25 10:00", POLICY.review_decision()) == end_of("2025-12-25")


def test_s11_request_for_the_final_review_crosses_the_year() -> None:
    # 22 Dec + 30 = Wed 21 Jan
    assert last_day("2025-12-22 16:00", POLICY.final_request()) == end_of("2026-01-21")


def test_s11_final_review_without_a_hearing() -> None:
    assert last_day("2026-01-12 09:00", POLICY.final_decision()) == end_of("2026-02-11")


def test_s11_five_days_of_hearing_move_the_final_review_over_spring_festival() -> None:
    # 11 Feb + 5 = 16 Feb, rest until 23 Feb
    hearing = pause("2026-01-26 00:00", "2026-01-31 00:00")
    assert last_day("2026-01-12 09:00", POLICY.final_decision(), hearing) == end_of("2026-02-24")


def test_a_report_on_saturday_has_until_the_end_of_monday() -> None:
    assert last_day("2025-03-01 10:00", working_days(1)) == end_of("2025-03-03")


def test_due_is_exclusive_so_the_last_second_of_the_day_is_in_time() -> None:
    due_at = last_day("2025-03-03 09:30", working_days(3))
    assert at("2025-03-06 23:59:59") < due_at
    assert at("2025-03-07 00:00:00") == due_at


def test_the_day_a_clock_starts_on_does_not_count_not_even_from_its_first_second() -> None:
    assert last_day("2025-03-03 00:00", working_days(1)) == end_of("2025-03-04")
    assert last_day("2025-03-03 23:59:59", working_days(1)) == end_of("2025-03-04")


def test_the_day_is_the_districts_and_not_that_of_greenwich() -> None:
    # 07:00 in Hanbin on Tuesday is still Monday in UTC
    assert last_day("2025-03-04 07:00", working_days(1)) == end_of("2025-03-05")


def test_a_pause_over_one_night_gains_nothing() -> None:
    night = pause("2025-03-05 17:55", "2025-03-06 08:05")
    assert last_day("2025-03-03 09:30", working_days(5), night) == last_day("2025-03-03 09:30", working_days(5))


def test_a_pause_from_midnight_to_midnight_gains_its_day() -> None:
    wednesday = pause("2025-03-05 00:00", "2025-03-06 00:00")
    assert last_day("2025-03-03 09:30", working_days(3), wednesday) == end_of("2025-03-07")


def test_two_pauses_that_touch_are_one() -> None:
    halves = (pause("2025-03-05 12:00", "2025-03-06 00:00"), pause("2025-03-05 00:00", "2025-03-05 12:00"))
    assert last_day("2025-03-03 09:30", working_days(3), *halves) == end_of("2025-03-07")


def test_a_pause_after_the_last_day_gains_nothing() -> None:
    later = pause("2025-03-07 00:00", "2025-03-14 00:00")
    assert last_day("2025-03-03 09:30", working_days(3), later) == end_of("2025-03-06")


@pytest.mark.parametrize("span", [working_days(3), natural_days(3)])
def test_a_pause_of_the_last_day_alone_moves_it(span: Span) -> None:
    thursday = pause("2025-03-06 00:00", "2025-03-07 00:00")
    assert last_day("2025-03-03 09:30", span, thursday) == end_of("2025-03-07")


def test_the_day_of_the_start_gains_nothing_when_it_is_paused() -> None:
    monday = pause("2025-03-03 00:00", "2025-03-04 00:00")
    assert last_day("2025-03-03 09:30", working_days(3), monday) == end_of("2025-03-06")


@pytest.mark.parametrize(
    ("span", "ends"),
    [
        (POLICY.intake("request", "I"), "2025-10-01 03:30"),
        (POLICY.dispute_window("request", "I"), "2025-10-01 03:30"),
        (POLICY.first_response("I"), "2025-10-01 05:00"),
        (POLICY.hold("village", "emergency", "I"), "2025-10-01 07:00"),
        (POLICY.hold("town", "emergency", "I"), "2025-10-02 03:00"),
        (POLICY.hold("district", "emergency", "I"), "2025-10-04 03:00"),
    ],
)
def test_urgent_clocks_run_through_night_and_holiday(span: Span, ends: str) -> None:
    assert RULES.due(at("2025-10-01 03:00"), span) == Due(at=at(ends), provisional=False, calendar="")


def test_urgent_clocks_never_pause() -> None:
    assert last_day("2025-03-03 09:00", hours(24), pause("2025-03-03 10:00", "2025-03-09 00:00")) == at(
        "2025-03-04 09:00"
    )
    assert last_day("2025-03-03 09:00", minutes(30)) == at("2025-03-03 09:30")


def test_a_due_instant_remembers_the_calendar_that_decided() -> None:
    assert RULES.due(at("2025-03-03 09:30"), working_days(3)).calendar == "cn-2025.1"
    assert RULES.due(at("2025-12-30 09:30"), working_days(7)).calendar == "cn-2025.1+cn-2026.1"


def test_natural_days_need_only_the_calendar_of_the_day_they_end_on() -> None:
    assert RULES.due(at("2025-12-22 16:00"), natural_days(30)).calendar == "cn-2026.1"
    assert RULES.due(at("2024-12-22 16:00"), natural_days(30)) == Due(
        at=end_of("2025-01-21"), provisional=False, calendar="cn-2025.1"
    )


def test_a_due_instant_that_needs_next_years_calendar_is_provisional() -> None:
    assert RULES.due(at("2026-12-30 09:00"), working_days(3)) == Due(
        at=end_of("2027-01-04"), provisional=True, calendar="cn-2026.1+cn-2027.0"
    )


def test_a_clock_that_ends_on_the_last_day_of_a_known_year_is_final() -> None:
    # it ends at the first instant of 2027, and no day of 2027 was looked at
    assert RULES.due(at("2026-12-30 09:00"), working_days(1)) == Due(
        at=end_of("2026-12-31"), provisional=False, calendar="cn-2026.1"
    )


def test_a_clock_started_on_the_last_day_of_an_unknown_year_is_final() -> None:
    # the day of the start does not count
    assert RULES.due(at("2024-12-31 09:00"), working_days(1)) == Due(
        at=end_of("2025-01-02"), provisional=False, calendar="cn-2025.1"
    )


def test_natural_days_that_roll_into_an_unknown_year_are_provisional() -> None:
    # Fri 30 Dec 2022 + 1 = Saturday; in plain weeks Mon 2 Jan comes next
    friday = datetime(2022, 12, 30, tzinfo=UTC)
    assert due(CALENDAR, ZoneInfo("UTC"), friday, natural_days(1)) == Due(
        at=datetime(2023, 1, 3, tzinfo=UTC), provisional=True, calendar="cn-2022.0+cn-2023.0"
    )


def test_due_soon_is_up_to_the_end_of_the_next_working_day() -> None:
    assert RULES.due_soon_until(at("2025-09-30 10:00")) == end_of("2025-10-09")
