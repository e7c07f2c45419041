"""Up and down between the tiers: escalating with grounds, and sending back with instructions."""

from dataclasses import replace
from typing import Any

import pytest

from domain.case.clocks import ClockKind, ClockState
from domain.case.terms import Exit, Grade, Ground, Kind
from domain.case.tiers import Escalate, Remand
from domain.org import Tier
from domain.refusals import Invalid, NotPermitted, WrongStatus
from domain.tests.hanbin import limited
from domain.tests.road import assigned_to, clock, due
from domain.tests.story import Step, Story, at, given, play

UP = Escalate(ground=Ground.BEYOND_MEANS, tried=("everything",))


def back(unit: str, **fields: Any) -> Remand:
    return Remand(unit=unit, instructions="do it", **fields)


def risen() -> Story:
    """From village 1 to its town on Tuesday, to transport on Wednesday."""
    up = Escalate(unit="D-TRANSPORT", ground=Ground.BEYOND_MEANS, tried=("everything",))
    return given(Step("03-04 10:00", "head:V0101", UP), Step("03-05 10:00", "head:T01", up), story=assigned_to("V0101"))


def test_escalating_in_time_leaves_the_hold_and_starts_new_clocks_above() -> None:
    story = assigned_to("V0101").when("03-04 10:00", "head:V0101", UP).then("case.escalated")
    village, town = story.case.stays
    assert (village.exit, town.tier, town.unit, town.accountable) == (
        Exit.ESCALATED_MANUAL,
        Tier.TOWN,
        "T01",
        "head:T01",
    )
    assert clock(story.case, ClockKind.HOLD, "V0101").state is ClockState.LEFT
    running = {str(one.kind) for one in story.case.clocks if one.running}
    assert running == {"hold", "first_response", "dispute_window"}
    assert (story.history[-1].event.ground, story.history[-1].event.tried) == (UP.ground, UP.tried)


def test_without_a_named_unit_a_town_sends_it_to_the_mass_work_department() -> None:
    assert assigned_to("T01").step_by("03-04 10:00", "head:T01", UP).case.unit == "D-MASSWORK"


@pytest.mark.parametrize("unit", ["T02", "V0102", "D-TRANSPORT", "nobody"])
def test_a_village_escalates_to_its_own_town_and_nowhere_else(unit: str) -> None:
    up = Escalate(unit=unit, ground=Ground.SAFETY, tried=("all",))
    assigned_to("V0101").when("03-04 10:00", "head:V0101", up).refused(Invalid)


def test_nobody_stands_above_the_district() -> None:
    assigned_to("D-TRANSPORT").when("03-04 10:00", "leader:D-TRANSPORT", UP).refused(WrongStatus)


def test_officers_and_clerks_do_not_escalate() -> None:
    assigned_to("T01").when("03-04 10:00", "officer:T01-LAND", UP).refused(NotPermitted)


def test_sent_back_the_lower_tier_has_five_working_days_unless_stated() -> None:
    story = risen().when("03-06 10:00", "adjudicator", back("T01")).then("case.remanded")
    assert (due(story, ClockKind.HOLD), story.case.stays[-1].entry_no) == (at("03-14 00:00"), 2)
    assert story.case.stays[-2].exit is Exit.REMANDED
    assert clock(story.case, ClockKind.HOLD, "D-TRANSPORT").state is ClockState.LEFT
    assert due(risen().step_by("03-06 10:00", "adjudicator", back("T01", working_days=2)), ClockKind.HOLD) == at(
        "03-11 00:00"
    )


def test_an_urgent_matter_sent_back_has_24_hours_and_neither_it_nor_a_petition_has_days_stated() -> None:
    up = Escalate(unit="D-TRANSPORT", ground=Ground.SAFETY, tried=("all",))
    urgent = assigned_to("T01", grade=Grade.URGENT).step_by("03-03 10:00", "head:T01", up)
    story = urgent.step_by("03-03 12:00", "leader:D-TRANSPORT", back("T01"))
    assert due(story, ClockKind.HOLD) == at("03-04 12:00")
    petition = assigned_to("T01", kind=Kind.PETITION).step_by("03-03 10:00", "head:T01", up)
    for case in (urgent, petition):
        case.when("03-03 12:00", "leader:D-TRANSPORT", back("T01", working_days=5)).refused(Invalid)


def test_the_tier_that_sent_it_up_without_need_keeps_the_mark() -> None:
    story = risen().step_by("03-06 10:00", "adjudicator", back("T01", premature=True))
    assert [stay.premature for stay in story.case.stays] == [False, True, False, False]


@pytest.mark.parametrize(
    ("steps", "marks"),
    [
        ((("03-06 10:00", "adjudicator", "V0101"),), [False, True, False, False]),
        (
            (("03-06 10:00", "adjudicator", "T01"), ("03-06 11:00", "head:T01", "V0101")),
            [False, True, False, False, False],
        ),
    ],
)
def test_the_mark_is_for_who_sent_it_up_and_not_for_whom_it_is_sent_to(
    steps: tuple[tuple[str, str, str], ...], marks: list[bool]
) -> None:
    story = play(risen(), [(moment, by, back(unit, premature=True)) for moment, by, unit in steps])
    assert [stay.premature for stay in story.case.stays] == marks


def test_nobody_sent_up_without_need_what_rose_because_its_time_was_over() -> None:
    story = assigned_to("V0101").step_by("03-07 09:00", "head:T01", back("V0101", premature=True))
    assert [stay.exit for stay in story.case.stays[:2]] == [Exit.ESCALATED_DEADLINE, Exit.REMANDED]
    assert not any(stay.premature for stay in story.case.stays)


def test_a_second_time_only_a_leader_sends_a_case_back() -> None:
    again = given(Step("03-06 10:00", "adjudicator", back("T01")), Step("03-06 11:00", "head:T01", UP), story=risen())
    again.when("03-07 10:00", "adjudicator", back("T01")).refused(NotPermitted)
    again.when("03-07 10:00", "leader:D-MASSWORK", back("T01")).then("case.remanded")
    twice = replace(again, rules=limited(remands_before_leader=2))
    twice.when("03-07 10:00", "adjudicator", back("T01")).then("case.remanded")


def test_a_town_does_not_send_a_case_back_as_often_as_its_village_sends_it_up() -> None:
    story = given(
        Step("03-03 10:00", "head:V0101", UP),
        Step("03-03 11:00", "head:T01", back("V0101")),
        Step("03-03 12:00", "head:V0101", UP),
        story=assigned_to("V0101"),
    )
    story.when("03-03 13:00", "head:T01", back("V0101")).refused(NotPermitted)
    story.when("03-03 13:00", "leader:D-TRANSPORT", back("V0101")).refused(NotPermitted)
    story.when("03-03 13:00", "leader:D-MASSWORK", back("V0101")).then("case.remanded")


def test_a_town_passes_on_what_was_sent_back_to_it() -> None:
    story = risen().step_by("03-06 10:00", "adjudicator", back("T01"))
    story.when("03-06 11:00", "head:T01", back("V0101")).then("case.remanded")


@pytest.mark.parametrize(
    ("holder", "by", "to"),
    [("T01", "head:T01", "V0201"), ("T01", "head:T01", "T02"), ("D-TRANSPORT", "adjudicator", "D-MASSWORK")],
)
def test_a_remand_goes_down_and_a_towns_to_its_own_villages(holder: str, by: str, to: str) -> None:
    assigned_to(holder).when("03-04 10:00", by, back(to)).refused(Invalid)


def test_a_town_sends_back_to_its_village() -> None:
    story = assigned_to("V0101").step_by("03-04 10:00", "head:V0101", UP)
    assert story.when("03-05 10:00", "head:T01", back("V0101")).then("case.remanded").case.tier is Tier.VILLAGE


def test_the_statutory_clock_goes_up_and_down_with_the_petition_unchanged() -> None:
    petition = assigned_to("V0101", kind=Kind.PETITION)
    moved = given(Step("03-04 10:00", "head:V0101", UP), Step("03-05 10:00", "head:T01", back("V0102")), story=petition)
    before, after = clock(petition.case, ClockKind.STATUTORY), clock(moved.case, ClockKind.STATUTORY)
    assert (before.unit, after.unit) == ("V0101", "V0102")
    assert (before.started_at, before.due_at) == (after.started_at, after.due_at)
    assert ClockKind.HOLD not in {one.kind for one in moved.case.clocks}
