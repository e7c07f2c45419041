"""What another escalation service of this kind got wrong; each mistake is a test here."""

from itertools import pairwise

import pytest

from domain.case.clocks import ClockKind
from domain.case.gate import CaseCommand
from domain.case.handling import Acknowledge, Assign, Contact, Start
from domain.case.intake import Accept, Divert, RecordOutcome
from domain.case.oversight import Attach, Supervise, TakeNote, Urge
from domain.case.terms import ContactOutcome, Ground, Status
from domain.case.tiers import Escalate, Remand
from domain.org import Tier
from domain.tests.road import NOT_SOLVED, assigned_to, clock, due, report
from domain.tests.story import Step, Story, at, given


@pytest.mark.parametrize(
    ("who", "command"),
    [
        ("citizen:1", TakeNote(text="any news?")),
        ("head:V0101", TakeNote(text="soon")),
        ("head:V0101", Attach(kind="photo", ref="file:1")),
        ("head:V0101", Acknowledge()),
        ("head:V0101", Start()),
        ("head:V0101", Contact(outcome=ContactOutcome.NO_ANSWER)),
        ("head:T01", Urge()),
        ("adjudicator", Supervise()),
    ],
)
def test_neither_a_comment_nor_a_show_of_work_resets_the_clock(who: str, command: CaseCommand) -> None:
    before = assigned_to("V0101")
    after = before.step_by("03-05 17:00", who, command)
    assert after.case.clocks == before.case.clocks
    assert after.until("03-07 00:00").case.tier is Tier.TOWN


def test_a_report_nobody_assigns_is_supervised_and_stands_with_the_mass_work_department() -> None:
    for story in (
        given(Step("03-03 09:00", "citizen:1", report("V0101"))),
        given(Step("03-03 09:00", "citizen:1", report("V0101")), Step("03-03 09:10", "clerk:T01", Accept())),
    ):
        late = story.until("03-10 00:00")
        assert (late.events()[-1], late.history[-1].at) == ("case.supervised", at("03-05 00:00"))
        assert late.case.supervisor == "D-MASSWORK"
        assert late.events().count("case.supervised") == 1


def test_a_case_climbs_every_tier_by_itself_and_is_supervised_at_the_top() -> None:
    story = assigned_to("V0101").until("06-01 00:00")
    assert [stay.tier for stay in story.case.stays] == [Tier.VILLAGE, Tier.TOWN, Tier.DISTRICT]
    assert (story.events()[-1], story.case.status) == ("case.supervised", Status.ASSIGNED)


def test_a_case_climbs_every_tier_by_hand() -> None:
    up = Escalate(ground=Ground.BEYOND_POWERS, tried=("all",))
    story = given(
        Step("03-03 10:00", "head:V0101", up), Step("03-03 11:00", "head:T01", up), story=assigned_to("V0101")
    )
    assert [stay.unit for stay in story.case.stays] == ["V0101", "T01", "D-MASSWORK"]


def test_a_superior_sends_back_to_any_tier_below() -> None:
    district = assigned_to("V0101").until("03-19 00:00")
    assert district.case.tier is Tier.DISTRICT
    town = district.when("03-19 09:00", "adjudicator", Remand(unit="T01", instructions="do it"))
    village = district.when("03-19 09:00", "adjudicator", Remand(unit="V0101", instructions="do it"))
    assert town.then("case.remanded").case.tier is Tier.TOWN
    assert village.then("case.remanded").case.tier is Tier.VILLAGE
    below = town.then("case.remanded").when("03-19 10:00", "head:T01", Remand(unit="V0101", instructions="do it"))
    assert below.then("case.remanded").case.unit == "V0101"


def test_deadlines_follow_the_working_calendar_and_not_the_days_of_the_week() -> None:
    over_national_day = given(
        Step("09-26 09:00", "citizen:1", report("V0101")),
        Step("09-26 09:10", "clerk:T01", Accept()),
        Step("09-26 09:30", "clerk:T01", Assign(unit="V0101")),
    )
    assert due(over_national_day, ClockKind.HOLD) == at("10-01 00:00"), "Sunday the 28th, Monday and Tuesday"
    assert due(over_national_day.until("10-01 00:00"), ClockKind.HOLD) == at("10-17 00:00"), "9, 10, 11, then 13 to 16"


def test_no_fact_of_an_escalation_is_overwritten_by_a_later_one() -> None:
    story = assigned_to("V0101")
    seen: list[Story] = [story]
    for moment in ("03-07 00:00", "03-19 00:00"):
        seen.append(seen[-1].until(moment))
    seen.append(seen[-1].step_by("03-19 09:00", "adjudicator", Remand(unit="T01", instructions="do it")))
    seen.append(seen[-1].until("04-30 00:00"))
    for before, after in pairwise(seen):
        assert after.history[: len(before.history)] == before.history
        ended = [stay for stay in before.case.stays if stay.left_at is not None]
        assert list(after.case.stays[: len(ended)]) == ended
        stopped = [one for one in before.case.clocks if not one.running]
        assert [one for one in after.case.clocks if one in stopped] == stopped
    assert [stay.exit for stay in seen[-1].case.stays[:2]] == ["escalated_deadline"] * 2
    assert clock(seen[-1].case, ClockKind.HOLD, "V0101").due_at == at("03-07 00:00")


def test_an_answer_to_what_another_body_settled_is_recorded_and_reopens_nothing() -> None:
    told = given(
        Step("03-03 09:00", "citizen:1", report("V0101")),
        Step("03-03 10:00", "dispatcher", Divert(to="D-DISCIPLINE", basis="law")),
        Step("03-10 10:00", "discipline", RecordOutcome(outcome="handled", visible_to_reporter=True)),
    )
    after = told.when("03-11 09:00", "citizen:1", NOT_SOLVED).then("case.feedback_recorded")
    assert after.case.status is Status.CLOSED
