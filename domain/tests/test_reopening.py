"""Whether it really has ended: sent back without proof, taken up again, a second time one tier up, a third by a leader."""

from dataclasses import replace

import pytest

from domain.case.clocks import ClockKind, ClockState
from domain.case.feedback import Feedback, RejectResolution
from domain.case.figures import follow_up_wait_s, waited
from domain.case.outcome import Resolve
from domain.case.subjects import AddSubject
from domain.case.terms import Exit, Kind, Outcome, Proof, Satisfaction, Status
from domain.org import Tier
from domain.refusals import TooLate
from domain.tests.hanbin import RULES, limited
from domain.tests.road import AGAIN, NOT_SOLVED, RESOLVE, SOLVED, assigned_to, clock, due, resolved
from domain.tests.story import Step, at, given

BLAMED = replace(SOLVED, satisfaction=Satisfaction.DISSATISFIED)


def test_a_resolution_without_real_proof_goes_back_to_the_unit() -> None:
    rejected = resolved().when("03-05 09:00", "follow-up", RejectResolution(finding="an old photo"))
    story = rejected.then("case.resolution_rejected", "case.reopened")
    assert (story.case.status, story.case.unit, story.case.reopen_count) == (Status.ASSIGNED, "V0101", 1)
    assert [stay.refuted for stay in story.case.stays] == [True, False]


@pytest.mark.parametrize(
    ("unit", "until"), [("V0101", "03-12 00:00"), ("T01", "03-14 00:00"), ("D-TRANSPORT", "03-21 00:00")]
)
def test_not_solved_the_same_unit_has_it_again_with_the_reopening_budget(unit: str, until: str) -> None:
    story = resolved(unit).when("03-06 09:00", "citizen:1", NOT_SOLVED).then("case.feedback_recorded", "case.reopened")
    assert (story.case.unit, due(story, ClockKind.HOLD), story.case.stays[-1].entry_no) == (unit, at(until), 2)
    assert clock(story.case, ClockKind.FEEDBACK_WINDOW).state is ClockState.MET


def test_the_wait_between_a_false_resolution_and_the_reopening_is_the_citizens_time_too() -> None:
    story = resolved().step_by("03-06 09:00", "citizen:1", NOT_SOLVED).step_by("03-06 10:00", "head:V0101", RESOLVE)
    assert follow_up_wait_s(story.case) == 41 * 3600
    assert waited(story.case, RULES, at("04-01 00:00")).elapsed_s == 73 * 3600


def test_a_second_time_it_goes_to_the_tier_above_and_a_third_time_a_leader_takes_it() -> None:
    second = given(
        Step("03-06 09:00", "citizen:1", NOT_SOLVED), Step("03-06 10:00", "head:V0101", RESOLVE), story=resolved()
    ).when("03-07 09:00", "citizen:1", NOT_SOLVED)
    story = second.then("case.feedback_recorded", "case.reopened", "case.escalated")
    assert [(stay.tier, stay.exit) for stay in story.case.stays] == [
        (Tier.VILLAGE, Exit.RESOLVED),
        (Tier.VILLAGE, Exit.RESOLVED),
        (Tier.TOWN, None),
    ]
    assert (story.history[-1].event.trigger, story.history[-2].event.leader_takes_it) == ("repeat_reopen", False)
    assert due(story, ClockKind.HOLD) == at("03-19 00:00"), "the town's ordinary seven days"
    third = given(Step("03-07 10:00", "head:T01", RESOLVE), Step("03-08 09:00", "citizen:1", NOT_SOLVED), story=story)
    assert (third.case.tier, third.case.reopen_count) == (Tier.DISTRICT, 3)
    assert third.history[-2].event.leader_takes_it


def test_at_the_district_it_is_reopened_where_it_was_however_often() -> None:
    story = resolved("D-TRANSPORT")
    for moment, later in (("03-05 09:00", "03-05 10:00"), ("03-06 09:00", "03-06 10:00")):
        story = given(Step(moment, "citizen:1", NOT_SOLVED), Step(later, "officer:D-TRANSPORT", RESOLVE), story=story)
    assert {stay.unit for stay in story.case.stays} == {"D-TRANSPORT"}


def test_the_citizen_is_heard_where_no_unit_may_take_the_case_up_again() -> None:
    done = assigned_to("D-MASSWORK").step_by("03-04 09:00", "officer:D-MASSWORK", RESOLVE)
    story = done.step_by("03-05 09:00", "citizen:1", AddSubject(official="officer:D-MASSWORK"))
    heard = story.when("03-06 09:00", "citizen:1", NOT_SOLVED).then("case.feedback_recorded", "case.supervised")
    assert heard.case.reporters[0].answered


def test_a_reasoned_refusal_is_not_reopened_by_being_disliked() -> None:
    disliked = resolved(outcome=Outcome.NOT_SUPPORTED).when("03-06 09:00", "citizen:1", NOT_SOLVED)
    closed = disliked.then("case.feedback_recorded", "case.closed")
    assert closed.history[-1].event.reason == "not_supported"


@pytest.mark.parametrize(("kind", "reopened"), [("photo", True), ("decision", False), ("信访事项处理意见书", False)])
def test_a_refusal_that_nobody_wrote_down_is(kind: str, reopened: bool) -> None:
    refusal = Resolve(outcome=Outcome.NOT_SUPPORTED, proof=(Proof(kind=kind),))
    story = (
        assigned_to("V0101")
        .step_by("03-04 16:00", "head:V0101", refusal)
        .step_by("03-06 09:00", "citizen:1", NOT_SOLVED)
    )
    assert (story.events()[-1] == "case.reopened") is reopened


@pytest.mark.parametrize(
    ("first", "then", "pressed"),
    [(BLAMED, SOLVED, True), (NOT_SOLVED, BLAMED, True), (BLAMED, BLAMED, False), (SOLVED, BLAMED, False)],
)
def test_whoever_praises_what_he_blamed_before_may_have_been_pressed(
    first: Feedback, then: Feedback, pressed: bool
) -> None:
    story = resolved(outcome=Outcome.NOT_SUPPORTED).step_by("03-06 09:00", "citizen:1", first)
    assert not story.case.stays[-1].pressed
    again = story.step_by("03-07 09:00", "citizen:1", then).case
    assert (again.stays[-1].pressed, [one.satisfaction for one in again.answers]) == (pressed, [then.satisfaction])


def test_a_closed_case_is_reopened_within_30_days_and_not_later() -> None:
    closed = resolved().step_by("03-05 10:00", "citizen:1", SOLVED)
    for who, command in (("citizen:1", NOT_SOLVED), ("adjudicator", AGAIN)):
        in_time = closed.step_by("04-07 23:59", who, command)
        assert in_time.events()[-1] == "case.reopened", "the 30th day is the first of a holiday until Sunday, the 6th"
        closed.when("04-08 00:00", who, command).refused(TooLate)
        replace(closed, rules=limited(reopening_window_nd=0)).when("03-05 11:00", who, command).refused(TooLate)


def test_a_petitioners_opinion_is_recorded_and_reopens_nothing() -> None:
    petition = assigned_to("T01", kind=Kind.PETITION).step_by("03-04 16:00", "head:T01", RESOLVE)
    assert (
        petition.when("03-05 09:00", "citizen:1", NOT_SOLVED).then("case.feedback_recorded").case.status
        is Status.RESOLVED
    )
