"""What the citizen says of the result, who asks him and how often, and who may speak for him."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.case.clocks import ClockKind, ClockState
from domain.case.events import FeedbackAttempted
from domain.case.feedback import Feedback, RejectResolution
from domain.case.handling import Assign
from domain.case.intake import Accept
from domain.case.joining import Merge, Unmerge
from domain.case.reporters import Reporter
from domain.case.subjects import AddSubject
from domain.case.terms import Basis, Confidentiality, FeedbackResult, Petitioner, Satisfaction, Status
from domain.decider import Actor, Entry
from domain.org import Post, Role
from domain.refusals import Invalid, LimitReached, NotPermitted
from domain.tests.road import AGAIN, NOT_SOLVED, RESOLVE, SOLVED, assigned_to, clock, due, report, resolved
from domain.tests.story import Step, Story, actor, at, given

TRIED = Feedback(result=FeedbackResult.NO_ANSWER)
THRICE = ("03-05 09:00", "03-06 15:00", "03-07 19:00")


def brought_by_two(**fields: Any) -> Story:
    """A neighbour reports the same pipe; then it is resolved."""
    first = assigned_to("V0101", village="V0101", **fields).turn_to("case-2")
    merged = given(
        Step("03-04 10:00", "citizen:2", report("V0101", **fields)),
        Step("03-04 11:00", "clerk:T01", Merge(into="case-1", basis=Basis.SAME_MATTER_OTHER_PERSON)),
        story=first,
    )
    return merged.turn_to("case-1").step_by("03-04 16:00", "head:V0101", RESOLVE)


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


def test_who_is_not_to_be_known_is_asked_by_the_name_under_which_he_is_told_of() -> None:
    story = brought_by_two(confidentiality=Confidentiality.IDENTITY_HIDDEN)
    asked = story.step_by("03-05 10:00", "follow-up", replace(SOLVED, reporter="hidden-2"))
    assert [(one.id, one.answered) for one in asked.case.reporters] == [("citizen:1", False), ("citizen:2", True)]
    for nobody in ("hidden-3", "citizen:3"):
        story.when("03-05 10:00", "follow-up", replace(SOLVED, reporter=nobody)).refused(Invalid)


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
