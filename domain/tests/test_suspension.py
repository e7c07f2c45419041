"""The pending list: a district leader puts a case on it, reviews it in time, and takes it off again."""

from datetime import date, timedelta

import pytest

from domain.case.clocks import ClockKind, ClockState
from domain.case.correction import Reclassify
from domain.case.subjects import AddSubject
from domain.case.suspension import Reactivate, RequestSuspension, ReviewSuspension, Suspend
from domain.case.terms import Exit, Grade, Ground, Kind, Status, SuspensionReason
from domain.case.tiers import Escalate
from domain.org import Tier
from domain.refusals import Invalid, LimitReached, NotPermitted, WrongStatus
from domain.tests.road import assigned_to, clock, due
from domain.tests.story import Story, at

PROPOSE = RequestSuspension(reason=SuspensionReason.BUDGET_CYCLE)
LEADER = "leader:D-TRANSPORT"


def until(day: date, plan: str = "road fund") -> Suspend:
    return Suspend(reason=SuspensionReason.BUDGET_CYCLE, plan=plan, review_by=day)


PUT_OFF = until(date(2025, 5, 9))


def suspended() -> Story:
    return assigned_to("D-TRANSPORT").step_by("03-10 09:00", LEADER, PUT_OFF)


def test_suspending_ends_the_stay_and_its_clocks_in_time() -> None:
    story = assigned_to("D-TRANSPORT").step_by("03-07 09:00", "officer:D-TRANSPORT", PROPOSE)
    story = story.when("03-10 09:00", LEADER, PUT_OFF).then("case.suspended")
    [stay] = story.case.stays
    assert (stay.exit, stay.left_at, story.case.status) == (Exit.SUSPENDED, at("03-10 09:00"), Status.SUSPENDED)
    assert clock(story.case, ClockKind.HOLD).state is ClockState.LEFT
    assert story.case.suspension_asked is None


def test_a_town_may_propose_it_before_it_sends_the_case_up_a_village_may_not() -> None:
    proposed = assigned_to("T01").when("03-05 09:00", "head:T01", PROPOSE).then("case.suspension_requested")
    up = Escalate(unit="D-TRANSPORT", ground=Ground.BEYOND_MEANS, tried=("all",))
    assert proposed.step_by("03-05 10:00", "head:T01", up).case.suspension_asked == "budget_cycle"
    assigned_to("V0101").when("03-05 09:00", "head:V0101", PROPOSE).refused(WrongStatus)


def test_only_the_leader_of_the_unit_that_has_the_case_suspends_it() -> None:
    assigned_to("D-TRANSPORT").when("03-10 09:00", "leader:D-MASSWORK", PUT_OFF).refused(NotPermitted)
    assigned_to("D-TRANSPORT").when("03-10 09:00", "officer:D-TRANSPORT", PUT_OFF).refused(NotPermitted)
    assigned_to("T01").when("03-05 09:00", "head:T01", PUT_OFF).refused(NotPermitted)


def test_only_the_district_has_a_pending_list() -> None:
    leads_the_town_too = assigned_to("T01").when("03-05 09:00", "leader:T01", PUT_OFF)
    leads_the_town_too.refused(WrongStatus)


def test_an_urgent_matter_is_never_put_off() -> None:
    urgent = assigned_to("D-TRANSPORT", grade=Grade.URGENT)
    urgent.when("03-04 09:00", LEADER, PUT_OFF).refused(LimitReached)
    urgent.when("03-04 09:00", "officer:D-TRANSPORT", PROPOSE).refused(LimitReached)


def test_what_proves_urgent_comes_off_the_list_in_the_same_breath() -> None:
    urgent = Reclassify(grade=Grade.URGENT, reason="the slope moves")
    story = suspended().when("03-11 09:00", "dispatcher", urgent).then("case.reclassified", "case.reactivated")
    assert (story.case.status, story.case.unit) == (Status.IN_PROGRESS, "D-TRANSPORT")
    assert (due(story, ClockKind.HOLD), story.history[-1].by) == (at("03-14 09:00"), "system")


def test_the_next_review_is_at_most_90_days_ahead_and_not_in_the_past() -> None:
    today = date(2025, 3, 10)
    ready = assigned_to("D-TRANSPORT")
    ready.when("03-10 09:00", LEADER, until(today + timedelta(days=90))).then("case.suspended")
    ready.when("03-10 09:00", LEADER, until(today + timedelta(days=91))).refused(LimitReached)
    ready.when("03-10 09:00", LEADER, until(today)).then("case.suspended")
    ready.when("03-10 09:00", LEADER, until(today - timedelta(days=1))).refused(Invalid)
    again = ReviewSuspension(plan="later", review_by=date(2025, 8, 8))
    suspended().when("05-09 09:00", LEADER, again).refused(LimitReached)


def test_a_review_in_time_keeps_it_on_the_list_until_the_next_one() -> None:
    again = ReviewSuspension(plan="later", review_by=date(2025, 7, 31))
    story = suspended().when("05-09 23:59:59", LEADER, again).then("case.suspension_reviewed")
    assert story.case.next_deadline == at("08-01 00:00")


def test_a_review_that_is_missed_is_supervised_once_and_the_case_stays_on_the_list() -> None:
    story = suspended().until("06-01 09:00")
    assert (story.events()[-1], story.history[-1].at) == ("case.supervised", at("05-10 00:00"))
    assert story.case.status is Status.SUSPENDED
    assert story.events().count("case.supervised") == 1
    late = story.when("06-01 10:00", LEADER, ReviewSuspension(plan="p", review_by=date(2025, 8, 1)))
    assert late.then("case.suspension_reviewed").case.next_deadline == at("08-02 00:00")


def test_reactivation_is_a_new_stay_with_its_full_time_and_no_first_response() -> None:
    story = suspended().when("04-07 09:00", LEADER, Reactivate()).then("case.reactivated")
    stay = story.case.stays[-1]
    assert (stay.tier, stay.unit, stay.entry_no) == (Tier.DISTRICT, "D-TRANSPORT", 2)
    assert stay.accountable == LEADER
    assert due(story, ClockKind.HOLD) == at("04-28 00:00"), "15 working days; Sunday the 27th is one"
    assert sum(one.kind is ClockKind.FIRST_RESPONSE for one in story.case.clocks) == 1
    assert story.case.status is Status.IN_PROGRESS
    assert [(pause.start, pause.end) for pause in story.case.suspensions] == [(at("03-10 09:00"), at("04-07 09:00"))]


def test_nothing_stays_on_the_list_for_more_than_a_year() -> None:
    story = suspended().until("2026-03-10 09:00")
    assert (story.events()[-1], story.history[-1].at) == ("case.reactivated", at("2026-03-10 09:00"))


def test_a_second_suspension_has_only_what_the_first_left_of_the_year() -> None:
    story = suspended().step_by("05-09 09:00", LEADER, Reactivate())
    again = story.step_by("05-12 09:00", LEADER, until(date(2025, 7, 1)))
    assert again.case.suspension is not None
    assert again.case.suspension.ends_at == at("05-12 09:00") + timedelta(days=365 - 60)


def test_after_a_whole_year_it_is_never_put_off_again() -> None:
    story = suspended().until("2026-03-10 09:00")
    story.when("2026-03-11 09:00", LEADER, until(date(2026, 4, 1))).refused(LimitReached)


def test_the_statutory_clock_of_a_petition_knows_no_pending_list() -> None:
    petition = assigned_to("D-TRANSPORT", kind=Kind.PETITION)
    story = petition.step_by("03-10 09:00", LEADER, PUT_OFF)
    assert clock(story.case, ClockKind.STATUTORY) == clock(petition.case, ClockKind.STATUTORY)
    late = story.until("05-09 09:00")
    assert late.history[-1].event.reason == "statutory_lapsed"
    assert late.case.status is Status.SUSPENDED


def test_a_review_that_is_missed_says_nothing_against_a_statutory_clock_that_still_runs() -> None:
    petition = assigned_to("D-TRANSPORT", kind=Kind.PETITION)
    missed = petition.step_by("03-10 09:00", LEADER, until(date(2025, 4, 1))).until("04-02 00:00")
    assert missed.history[-1].event.reason == "suspension_review"
    assert clock(missed.case, ClockKind.STATUTORY) == clock(petition.case, ClockKind.STATUTORY)


@pytest.mark.parametrize("command", [Reactivate(), ReviewSuspension(plan="p", review_by=date(2025, 4, 1))])
def test_only_what_is_suspended_is_reviewed_or_reactivated(command: object) -> None:
    assigned_to("D-TRANSPORT").when("03-10 09:00", LEADER, command).refused(WrongStatus)


def test_it_does_not_go_back_to_a_unit_that_may_no_longer_know_of_it() -> None:
    about = suspended().step_by("03-11 09:00", "follow-up", AddSubject(official="officer:D-TRANSPORT"))
    assert about.case.stays[-1].unit == "D-MASSWORK"


def test_where_nobody_is_left_who_may_know_of_it_the_end_of_the_year_is_supervised_once() -> None:
    about = suspended().step_by("03-11 09:00", "follow-up", AddSubject(official="officer:D-MASSWORK"))
    about = about.step_by("03-11 10:00", "follow-up", AddSubject(official="officer:D-TRANSPORT")).until(
        "2027-01-01 00:00"
    )
    assert about.events()[-2:] == ["case.supervised", "case.supervised"]
    assert (about.case.status, about.case.next_deadline) == (Status.SUSPENDED, None)
