"""A petition's second and third instance: who asks, who decides, how long, and what follows."""

import pytest

from domain.case.clocks import ClockKind, ClockState
from domain.case.oversight import TakeNote
from domain.case.reopening import Reopen
from domain.case.review import (
    DecideFinalReview,
    DecideReview,
    EndHearing,
    RequestFinalReview,
    RequestReview,
    StartHearing,
)
from domain.case.subjects import AddSubject
from domain.case.terms import Kind, Status, Verdict
from domain.refusals import AlreadyFinalised, NotPermitted, TooLate, WrongStatus
from domain.tests.road import RESOLVE, SOLVED, assigned_to, clock, due
from domain.tests.story import Step, Story, at, given

ASK, ASK_AGAIN = RequestReview(reason="I disagree"), RequestFinalReview(reason="I still disagree")


def answered() -> Story:
    """A petition answered on Tuesday 1 April at 15:00; asking for a review is possible until Thursday 1 May, a holiday."""
    return assigned_to("T01", kind=Kind.PETITION).step_by("04-01 15:00", "head:T01", RESOLVE)


def reviewing() -> Story:
    return answered().step_by("04-10 10:00", "citizen:1", ASK)


def upheld() -> Story:
    return reviewing().step_by("04-29 16:00", "reviewer", DecideReview(decision=Verdict.UPHELD))


def finally_reviewing() -> Story:
    return upheld().step_by("05-12 09:00", "citizen:1", ASK_AGAIN)


def test_a_review_is_asked_for_within_30_days_and_decided_within_30() -> None:
    assert due(answered(), ClockKind.REVIEW_REQUEST) == at("05-07 00:00"), "1 May rolls over the holidays to the 6th"
    story = answered().when("05-06 23:59:59", "citizen:1", ASK).then("case.review_requested")
    decision = clock(story.case, ClockKind.REVIEW_DECISION)
    assert (decision.unit, decision.due_at) == ("D-GOV", at("06-06 00:00"))
    assert clock(story.case, ClockKind.REVIEW_REQUEST).state is ClockState.MET
    assert story.case.status is Status.UNDER_REVIEW


def test_where_the_reviewers_may_not_know_of_it_the_mass_work_department_decides() -> None:
    story = reviewing().step_by("04-11 09:00", "citizen:1", AddSubject(official="reviewer"))
    assert clock(story.case, ClockKind.REVIEW_DECISION).unit == "D-MASSWORK"
    story.when("04-14 09:00", "adjudicator", DecideReview(decision=Verdict.UPHELD)).then("case.review_decided")
    reviewing().when("04-14 09:00", "adjudicator", DecideReview(decision=Verdict.UPHELD)).refused(NotPermitted)


def test_a_petition_nobody_asks_to_review_closes_when_the_window_ends() -> None:
    story = answered().until("05-07 00:00")
    assert (story.events()[-1], story.case.status) == ("case.closed", Status.CLOSED)
    assert clock(story.case, ClockKind.REVIEW_REQUEST).state is ClockState.EXPIRED
    story.when("05-07 00:00", "citizen:1", ASK).refused(TooLate)


def test_only_the_answer_to_a_petition_is_reviewed() -> None:
    resolved = assigned_to("T01").step_by("03-05 15:00", "head:T01", RESOLVE)
    resolved.when("03-06 10:00", "citizen:1", ASK).refused(WrongStatus)
    resolved.when("03-06 10:00", "citizen:1", ASK_AGAIN).refused(WrongStatus)
    assigned_to("T01", kind=Kind.PETITION).when("03-06 10:00", "citizen:1", ASK).refused(WrongStatus)


def test_only_the_petitioner_asks_for_a_review() -> None:
    answered().when("04-10 10:00", "follow-up", ASK).refused(NotPermitted)


def test_the_final_review_comes_after_the_review_and_not_before() -> None:
    answered().when("04-10 10:00", "citizen:1", ASK_AGAIN).refused(WrongStatus)
    upheld().when("05-12 09:00", "citizen:1", ASK).refused(WrongStatus)


def test_upheld_it_is_resolved_until_the_final_request_window_ends_and_then_closed() -> None:
    story = upheld()
    assert (story.case.status, due(story, ClockKind.FINAL_REQUEST)) == (Status.RESOLVED, at("05-30 00:00"))
    closed = story.until("05-30 00:00")
    assert (closed.events()[-1], closed.case.status) == ("case.closed", Status.CLOSED)
    closed.when("05-30 00:00", "citizen:1", ASK_AGAIN).refused(TooLate)


@pytest.mark.parametrize("decision", [Verdict.CHANGED, Verdict.SENT_BACK])
def test_changed_or_sent_back_the_unit_has_it_again_with_new_statutory_time(decision: Verdict) -> None:
    story = reviewing().when("04-29 16:00", "reviewer", DecideReview(decision=decision)).then("case.review_decided")
    first, second = story.case.stays
    assert (story.case.status, second.unit, second.entry_no) == (Status.ASSIGNED, first.unit, 2)
    assert (clock(story.case, ClockKind.STATUTORY).unit, due(story, ClockKind.STATUTORY)) == (
        "T01",
        at("07-01 00:00"),
    ), "60 days from 29 April end on Saturday 28 June"
    again = story.step_by("05-20 10:00", "head:T01", RESOLVE)
    again.when("05-21 10:00", "citizen:1", ASK).then("case.review_requested")


def test_the_final_review_sends_it_back_as_well() -> None:
    sent_back = finally_reviewing().when("06-03 10:00", "final-reviewer", DecideFinalReview(decision=Verdict.SENT_BACK))
    story = sent_back.then("case.final_review_decided")
    assert (story.case.status, story.case.reviewed, len(story.case.stays)) == (Status.ASSIGNED, False, 2)
    assert [one.kind for one in story.case.clocks if one.running] == [ClockKind.STATUTORY]


def test_upheld_for_good_it_is_finalised_by_the_system() -> None:
    decided = finally_reviewing().when("06-03 10:00", "final-reviewer", DecideFinalReview(decision=Verdict.UPHELD))
    story = decided.then("case.final_review_decided", "case.finalised")
    assert (story.case.status, story.history[-1].by) == (Status.FINALISED, "system")
    assert not [one for one in story.case.clocks if one.running]


@pytest.mark.parametrize(
    "command", [ASK, ASK_AGAIN, SOLVED, TakeNote(text="but"), DecideFinalReview(decision=Verdict.CHANGED)]
)
def test_nothing_more_is_done_about_a_finalised_petition(command: object) -> None:
    final = finally_reviewing().step_by("06-03 10:00", "final-reviewer", DecideFinalReview(decision=Verdict.UPHELD))
    who = "final-reviewer" if isinstance(command, DecideFinalReview) else "citizen:1"
    final.when("06-04 10:00", who, command).refused(AlreadyFinalised)


def test_each_review_is_decided_by_its_own_body() -> None:
    for nobody in ("adjudicator", "final-reviewer", "leader:D-MASSWORK"):
        reviewing().when("04-29 16:00", nobody, DecideReview(decision=Verdict.UPHELD)).refused(NotPermitted)
    for nobody in ("adjudicator", "reviewer"):
        finally_reviewing().when("06-03 10:00", nobody, DecideFinalReview(decision=Verdict.UPHELD)).refused(
            NotPermitted
        )
    reviewing().when("04-29 16:00", "final-reviewer", DecideFinalReview(decision=Verdict.UPHELD)).refused(WrongStatus)
    finally_reviewing().when("06-03 10:00", "reviewer", DecideReview(decision=Verdict.UPHELD)).refused(WrongStatus)


def test_whole_days_of_a_hearing_are_left_out_of_the_time_for_the_decision() -> None:
    hearing = finally_reviewing().when("06-03 09:00", "final-reviewer", StartHearing()).then("case.hearing_started")
    assert clock(hearing.case, ClockKind.FINAL_DECISION).state is ClockState.PAUSED
    story = hearing.when("06-06 12:00", "final-reviewer", EndHearing()).then("case.hearing_ended")
    assert due(finally_reviewing(), ClockKind.FINAL_DECISION) == at("06-12 00:00")
    assert due(story, ClockKind.FINAL_DECISION) == at("06-14 00:00"), "4 and 5 June were whole days of it"


def test_so_they_are_at_the_first_review() -> None:
    hearing = reviewing().step_by("04-20 09:00", "reviewer", StartHearing())
    story = hearing.step_by("04-25 12:00", "reviewer", EndHearing())
    assert due(reviewing(), ClockKind.REVIEW_DECISION) == at("05-13 00:00")
    assert due(story, ClockKind.REVIEW_DECISION) == at("05-15 00:00"), "four days later it is a Wednesday"


def test_the_body_that_decides_hears_and_no_other() -> None:
    reviewing().when("04-20 09:00", "final-reviewer", StartHearing()).refused(NotPermitted)
    finally_reviewing().when("06-03 09:00", "reviewer", StartHearing()).refused(NotPermitted)
    reviewing().when("04-20 09:00", "reviewer", StartHearing()).then("case.hearing_started")


def test_hearings_do_not_overlap_and_the_decision_waits_for_their_end() -> None:
    hearing = reviewing().step_by("04-20 09:00", "reviewer", StartHearing())
    hearing.when("04-21 09:00", "reviewer", StartHearing()).refused(WrongStatus)
    hearing.when("04-21 09:00", "reviewer", DecideReview(decision=Verdict.UPHELD)).refused(WrongStatus)
    reviewing().when("04-20 09:00", "reviewer", EndHearing()).refused(WrongStatus)


def test_a_decision_that_does_not_come_is_supervised_once() -> None:
    story = reviewing().until("08-01 09:00")
    assert story.events()[-2:] == ["case.review_requested", "case.supervised"]
    assert (story.history[-1].at, story.case.status) == (at("05-13 00:00"), Status.UNDER_REVIEW)
    late = story.step_by("08-01 10:00", "reviewer", DecideReview(decision=Verdict.UPHELD))
    assert clock(late.case, ClockKind.REVIEW_DECISION).state is ClockState.BREACHED


def test_a_hearing_after_the_time_is_over_saves_nothing() -> None:
    late = given(
        Step("05-20 09:00", "reviewer", StartHearing()),
        Step("05-22 09:00", "reviewer", EndHearing()),
        story=reviewing(),
    )
    assert due(late, ClockKind.REVIEW_DECISION) == at("05-13 00:00")


def test_a_petition_taken_up_again_has_its_statutory_time_anew() -> None:
    story = answered().when("04-10 10:00", "adjudicator", Reopen(reason="new facts")).then("case.reopened")
    assert [one.kind for one in story.case.clocks if one.running] == [ClockKind.STATUTORY]
    assert due(story, ClockKind.STATUTORY) == at("06-10 00:00")
