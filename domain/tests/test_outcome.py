"""How a case ends, and whether it really has: proof, the citizen's answer, the first, second and third reopening."""

from dataclasses import replace
from datetime import date

import pytest

from domain.case.clocks import ClockKind, ClockState
from domain.case.disclosure import DiscloseIdentity
from domain.case.events import FeedbackAttempted
from domain.case.feedback import Feedback, RejectResolution
from domain.case.figures import follow_up_wait_s, waited
from domain.case.handling import Assign
from domain.case.intake import Accept
from domain.case.joining import Merge, Unmerge
from domain.case.outcome import Resolve
from domain.case.reopening import Reopen
from domain.case.reporters import Reporter
from domain.case.subjects import AddSubject
from domain.case.terms import (
    Basis,
    Confidentiality,
    Exit,
    FeedbackResult,
    Grade,
    Kind,
    Outcome,
    Petitioner,
    Proof,
    Satisfaction,
    Status,
)
from domain.decider import Actor, Entry
from domain.org import Post, Role, Tier
from domain.refusals import Invalid, LimitReached, NotPermitted, TooLate
from domain.tests.hanbin import RULES, limited
from domain.tests.road import NOT_SOLVED, RESOLVE, SOLVED, assigned_to, clock, due, report
from domain.tests.story import Step, Story, actor, at, given

TRIED = Feedback(result=FeedbackResult.NO_ANSWER)
AGAIN = Reopen(reason="it drips")
BLAMED = replace(SOLVED, satisfaction=Satisfaction.DISSATISFIED)
THRICE = ("03-05 09:00", "03-06 15:00", "03-07 19:00")


def resolved(unit: str = "V0101", moment: str = "03-04 16:00", outcome: Outcome = Outcome.SOLVED) -> Story:
    by = {"V0101": "head:V0101", "T01": "head:T01", "D-TRANSPORT": "officer:D-TRANSPORT"}[unit]
    return assigned_to(unit).step_by(
        moment, by, Resolve(outcome=outcome, proof=(Proof(kind="photo"),), reply="as the law says")
    )


def brought_by_two() -> Story:
    """A neighbour reports the same pipe; then it is resolved."""
    first = assigned_to("V0101", village="V0101").turn_to("case-2")
    merged = given(
        Step("03-04 10:00", "citizen:2", report("V0101")),
        Step("03-04 11:00", "clerk:T01", Merge(into="case-1", basis=Basis.SAME_MATTER_OTHER_PERSON)),
        story=first,
    )
    return merged.turn_to("case-1").step_by("03-04 16:00", "head:V0101", RESOLVE)


def test_resolving_ends_the_stay_and_asks_the_citizen() -> None:
    story = resolved()
    [stay] = story.case.stays
    assert (story.case.status, stay.exit, stay.left_at) == (Status.RESOLVED, Exit.RESOLVED, at("03-04 16:00"))
    hold = clock(story.case, ClockKind.HOLD)
    assert (hold.state, hold.accountable) == (ClockState.MET, "head:T01")
    assert (clock(story.case, ClockKind.CALL_BACK).unit, due(story, ClockKind.CALL_BACK)) == (
        "D-FOLLOWUP",
        at("03-08 00:00"),
    )
    assert due(story, ClockKind.FEEDBACK_WINDOW) == at("03-20 00:00")


def test_who_calls_back_in_the_place_of_the_follow_up_centre_learns_the_number() -> None:
    """The matter is about the follow-up centre, so the mass-work department asks the citizen."""
    number = DiscloseIdentity(purpose="to call back")
    for confidentiality in (Confidentiality.OPEN, Confidentiality.IDENTITY_HIDDEN):
        held = assigned_to("T01", subjects=("follow-up",), confidentiality=confidentiality)
        held.when("03-04 09:00", "adjudicator", number).refused(NotPermitted)
        solved = held.step_by("03-04 16:00", "head:T01", RESOLVE)
        solved.when("03-05 09:00", "adjudicator", number).then()
        solved.when("03-05 09:00", "discipline", number).refused(NotPermitted)


def test_an_officer_of_the_accountables_unit_signs_for_him() -> None:
    story = assigned_to("T01").step_by("03-04 16:00", "officer:T01-LAND", RESOLVE)
    assert story.history[-1].event.signed_by == "head:T01"


def test_as_many_proofs_as_the_policy_asks_for() -> None:
    story = replace(assigned_to("V0101"), rules=limited(proofs=2))
    story.when("03-04 16:00", "head:V0101", RESOLVE).refused(Invalid)


def test_an_urgent_matter_is_called_back_the_next_working_day() -> None:
    story = assigned_to("T01", grade=Grade.URGENT).step_by("03-03 10:00", "head:T01", RESOLVE)
    assert due(story, ClockKind.CALL_BACK) == at("03-05 00:00")


def test_silence_closes_the_case_when_the_window_is_over() -> None:
    story = resolved().until("03-20 00:00")
    assert story.events()[-2:] == ["case.resolved", "case.closed"], "no call is supervised"
    assert (story.case.status, story.history[-1].event.reason) == (Status.CLOSED, "feedback_window_over")
    assert clock(story.case, ClockKind.FEEDBACK_WINDOW).state is ClockState.EXPIRED
    assert clock(story.case, ClockKind.CALL_BACK).state is ClockState.BREACHED


def tried(story: Story, feedback: Feedback = TRIED) -> Story:
    """Called in vain on three days, at different hours."""
    return given(*(Step(moment, "follow-up", feedback) for moment in THRICE), story=story)


def test_the_citizen_is_tried_three_times_and_then_nobody_is_late() -> None:
    story = tried(resolved())
    story.when("03-08 09:00", "follow-up", TRIED).refused(LimitReached)
    assert clock(story.case, ClockKind.CALL_BACK).stopped_at == at("03-07 19:00")
    assert clock(story.case, ClockKind.CALL_BACK).state is ClockState.MET
    story.when("03-10 09:00", "citizen:1", SOLVED).then("case.feedback_recorded", "case.closed")


def test_everybody_who_brought_it_is_asked_and_tried_for_himself() -> None:
    asked = brought_by_two().step_by("03-05 10:00", "follow-up", SOLVED)
    assert clock(asked.case, ClockKind.CALL_BACK).running
    in_vain = tried(brought_by_two(), replace(TRIED, reporter="citizen:1"))
    assert clock(in_vain.case, ClockKind.CALL_BACK).running
    assert not in_vain.case.unreachable
    for done in (asked, in_vain):
        assert not clock(tried(done).case, ClockKind.CALL_BACK).running
    assert tried(in_vain).case.unreachable


def test_taken_up_again_everybody_is_asked_and_tried_anew() -> None:
    heard = given(
        Step("03-05 10:00", "citizen:2", SOLVED),
        Step("03-06 10:00", "citizen:1", NOT_SOLVED),
        Step("03-07 10:00", "head:V0101", RESOLVE),
        Step("03-08 10:00", "citizen:1", SOLVED),
        story=brought_by_two(),
    )
    assert heard.case.status is Status.RESOLVED
    heard.when("03-09 10:00", "citizen:2", SOLVED).then("case.feedback_recorded", "case.closed")
    unheard = given(
        Step("03-08 09:00", "adjudicator", AGAIN), Step("03-09 09:00", "head:V0101", RESOLVE), story=tried(resolved())
    )
    assert (tried(resolved()).case.unreachable, unheard.case.unreachable) == (True, False)
    once = unheard.when("03-10 09:00", "follow-up", TRIED).then("case.feedback_attempted")
    assert once.history[-1].event.tries == 1


def test_a_call_of_which_it_was_not_written_whom_it_was_for_was_for_who_reported_first() -> None:
    story = brought_by_two()
    for tries, moment in enumerate(THRICE, start=1):
        story = story.happened(Entry(event=FeedbackAttempted(tries=tries)), story.act(actor("follow-up"), at(moment)))
    assert [one.unreachable for one in story.case.reporters] == [True, False]


def first_tried_then_joined(day: str) -> Story:
    """Called in vain; after that a neighbour reports the same."""
    first = tried(assigned_to("V0101", village="V0101").step_by("03-04 16:00", "head:V0101", RESOLVE))
    return given(
        Step(f"{day} 10:00", "citizen:2", report("V0101")),
        Step(f"{day} 11:00", "clerk:T01", Merge(into="case-1", basis=Basis.SAME_MATTER_OTHER_PERSON)),
        story=first.turn_to("case-2"),
    ).turn_to("case-1")


def test_who_joins_after_the_last_call_is_called_too() -> None:
    joined = first_tried_then_joined("03-10")
    assert due(joined, ClockKind.CALL_BACK) == at("03-14 00:00")
    answered = joined.when("03-11 10:00", "follow-up", SOLVED).then("case.feedback_recorded")
    assert not clock(answered.case, ClockKind.CALL_BACK).running


def test_a_call_that_is_not_made_any_more_was_not_made_in_time() -> None:
    late = first_tried_then_joined("03-18").until("03-20 00:00")
    for closed_or_reopened in (late, resolved().step_by("03-05 09:00", "adjudicator", AGAIN)):
        assert clock(closed_or_reopened.case, ClockKind.CALL_BACK).state is ClockState.LEFT


def test_nobody_is_called_any_more_when_only_they_are_left_who_have_answered() -> None:
    asked = brought_by_two().step_by("03-05 10:00", "follow-up", SOLVED)
    parted = asked.turn_to("case-2").step_by("03-06 10:00", "clerk:T01", Unmerge(reason="another pipe"))
    alone = parted.turn_to("case-1")
    assert clock(alone.case, ClockKind.CALL_BACK).state is ClockState.MET
    assert (alone.case.status, alone.history[-1].event.reason) == (Status.CLOSED, "solved")


def test_trying_again_at_the_same_hour_is_recorded_and_is_no_other_try() -> None:
    story = given(*(Step(moment, "follow-up", TRIED) for moment in ("03-05 09:00", "03-06 09:40")), story=resolved())
    assert (story.history[-1].event.tries, story.case.unreachable) == (1, False)
    later = given(*(Step(moment, "follow-up", TRIED) for moment in ("03-07 15:00", "03-08 19:00")), story=story)
    assert (later.history[-1].event.tries, later.case.unreachable) == (3, True)


def test_who_did_not_answer_said_nothing() -> None:
    for said in ({"solved": True}, {"satisfaction": Satisfaction.SATISFIED}):
        resolved().when("03-05 09:00", "follow-up", replace(TRIED, **said)).refused(Invalid)


def test_an_answer_says_whether_it_is_solved_and_whose_it_is() -> None:
    resolved().when("03-05 09:00", "follow-up", Feedback(result=FeedbackResult.ANSWERED)).refused(Invalid)
    stranger = Feedback(result=FeedbackResult.ANSWERED, solved=True, reporter="citizen:9")
    resolved().when("03-05 09:00", "follow-up", stranger).refused(Invalid)
    resolved().when("03-05 09:00", "citizen:1", stranger).refused(NotPermitted)


def test_no_unit_judges_its_own_work() -> None:
    story = resolved("T01")
    of_both = Actor(id="follow-up", posts=(*actor("follow-up").posts, *actor("officer:T01-LAND").posts))
    for command in (SOLVED, TRIED, RejectResolution(finding="no proof")):
        story.when("03-05 09:00", "head:T01", command).refused(NotPermitted)
        with pytest.raises(NotPermitted, match="judge its own work"):
            story.decided(command, story.act(of_both, at("03-05 09:00")))


def test_where_the_follow_up_centre_is_concerned_the_mass_work_department_calls_back() -> None:
    story = resolved().step_by("03-05 09:00", "citizen:1", AddSubject(official="follow-up"))
    assert clock(story.case, ClockKind.CALL_BACK).unit == "D-MASSWORK"
    story.when("03-06 09:00", "adjudicator", SOLVED).then("case.feedback_recorded", "case.closed")
    resolved().when("03-06 09:00", "adjudicator", SOLVED).refused(NotPermitted)
    its_own = assigned_to("D-MASSWORK").step_by("03-04 16:00", "officer:D-MASSWORK", RESOLVE)
    about_them = its_own.step_by("03-05 09:00", "citizen:1", AddSubject(official="follow-up"))
    assert clock(about_them.case, ClockKind.CALL_BACK).unit == "D-DISCIPLINE"
    about_them.when("03-06 09:00", "discipline", SOLVED).then("case.feedback_recorded", "case.closed")


def test_who_took_a_matter_down_in_office_does_not_answer_for_the_citizen() -> None:
    told = report("V0101", petitioner=Petitioner(name="N"))
    story = given(
        Step("03-03 09:00", "clerk:T01", told),
        Step("03-03 09:10", "clerk:T01", Accept()),
        Step("03-03 09:20", "clerk:T01", Assign(unit="V0101")),
        Step("03-04 09:00", "head:V0101", RESOLVE),
    )
    story.when("03-05 09:00", "clerk:T01", SOLVED).refused(NotPermitted, "does not answer for the citizen")
    story.when("03-05 09:00", "person-of-case-1", SOLVED).then("case.feedback_recorded", "case.closed")


def through_a_system() -> tuple[Story, Actor]:
    """Resolved, and brought by a system that passes on what citizens told it."""
    gateway = Actor(id="key:1", posts=(Post(unit="", role=Role.INTEGRATOR, since=date(2020, 1, 1)),))
    brought = Story()
    brought = brought.decided(report("V0101"), brought.act(gateway, at("03-03 09:00")))
    story = given(
        Step("03-03 09:10", "clerk:T01", Accept()),
        Step("03-03 09:20", "clerk:T01", Assign(unit="V0101")),
        Step("03-04 09:00", "head:V0101", RESOLVE),
        story=brought,
    )
    return story, gateway


def test_the_system_he_reported_through_passes_on_what_the_citizen_says() -> None:
    story, gateway = through_a_system()
    answered = story.decided(SOLVED, story.act(gateway, at("03-05 09:00")))
    assert answered.case.status is Status.CLOSED


def test_only_who_calls_the_citizen_back_says_that_nobody_answered() -> None:
    """A case whose citizen cannot be reached is left out of its unit's score."""
    story, gateway = through_a_system()
    with pytest.raises(NotPermitted):
        story.decided(TRIED, story.act(gateway, at("03-05 09:00")))
    resolved().when("03-05 09:00", "citizen:1", TRIED).refused(NotPermitted)


def test_a_system_does_not_speak_for_who_reported_the_same_elsewhere() -> None:
    story, gateway = through_a_system()
    neighbour = Reporter(id="person-of-case-2", case="case-2", reported_at=at("03-03 10:00"))
    joined = replace(story, case=replace(story.case, reporters=(*story.case.reporters, neighbour)))
    act = joined.act(gateway, at("03-05 09:00"))
    with pytest.raises(Invalid):
        joined.decided(replace(SOLVED, reporter=neighbour.id), act)
    answered = joined.decided(SOLVED, act).case
    assert (answered.status, answered.reporters[1].answered) == (Status.RESOLVED, False)


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


@pytest.mark.parametrize(("kind", "reopened"), [("photo", True), ("decision", False)])
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
