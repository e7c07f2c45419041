"""How a unit works on a case: contact, dispute and ruling, transfer."""

from dataclasses import replace
from typing import Any

import pytest

from domain.case.clocks import ClockKind, ClockState
from domain.case.handling import Acknowledge, Assign, Contact, Dispute, Rule, Start, Transfer
from domain.case.intake import Accept
from domain.case.terms import Confidentiality, ContactOutcome, Exit, Grade, Ground, Kind, Petitioner, Status
from domain.case.tiers import Escalate
from domain.org import Tier
from domain.refusals import Invalid, LimitReached, NotPermitted, TooLate, WrongStatus
from domain.tests.road import RESOLVE, assigned_to, clock, due, report
from domain.tests.story import ORG, Step, Story, at, given

REACHED, NO_ANSWER, CHECKED = (
    Contact(outcome=outcome)
    for outcome in (ContactOutcome.REACHED, ContactOutcome.NO_ANSWER, ContactOutcome.SITE_CHECKED)
)
NOT_MINE = Dispute(ground="not_my_duty", evidence=("duty list",), suggested_unit="T02")


def disputed() -> Story:
    return assigned_to("T01").step_by("03-04 10:00", "head:T01", NOT_MINE)


def test_nobody_rules_on_a_dispute_of_his_own_unit() -> None:
    """Though his office of a ruler be another one."""
    adjudicator = ORG.officials["adjudicator"]
    both = replace(adjudicator, posts=(*adjudicator.posts, *ORG.officials["officer:T01-LAND"].posts))
    story = replace(disputed(), org=replace(ORG, officials={**ORG.officials, both.id: both}))
    story.when("03-04 11:00", both.id, Rule(upheld=True, unit="T02")).refused(NotPermitted)


def test_who_escalated_what_is_not_the_other_tiers_is_charged_for_it() -> None:
    up = Escalate(ground=Ground.BEYOND_MEANS, tried=("everything",))
    risen = assigned_to("V0101").step_by("03-03 10:00", "head:V0101", up).step_by("03-03 11:00", "head:T01", NOT_MINE)
    assert (
        risen.step_by("03-04 11:00", "adjudicator", Rule(upheld=True, unit="T02")).history[-2].event.charged_to
        == "V0101"
    )


def test_signing_for_a_case_and_starting_work_move_no_clock() -> None:
    before = assigned_to("T01")
    after = given(
        Step("03-03 10:00", "clerk:T01", Acknowledge()), Step("03-03 10:05", "clerk:T01", Start()), story=before
    )
    assert (after.case.clocks, after.case.status) == (before.case.clocks, Status.IN_PROGRESS)


def test_the_first_contact_of_a_stay_is_its_first_response_whoever_of_the_house_makes_it() -> None:
    story = assigned_to("T01").step_by("03-04 10:00", "officer:T01-LAND", REACHED)
    story = story.step_by("03-05 10:00", "head:T01", REACHED)
    assert story.case.stays[0].first_response_at == at("03-04 10:00")
    response = clock(story.case, ClockKind.FIRST_RESPONSE)
    assert (response.state, response.stopped_at) == (ClockState.MET, at("03-04 10:00"))


def test_a_try_without_an_answer_stops_nothing() -> None:
    story = assigned_to("T01").when("03-04 10:00", "head:T01", NO_ANSWER).then("case.contact_failed")
    assert clock(story.case, ClockKind.FIRST_RESPONSE).running


def test_checking_the_site_counts_only_where_there_is_nobody_to_reach() -> None:
    nameless = assigned_to("T01").step_by("03-04 10:00", "head:T01", CHECKED)
    assert nameless.case.stays[0].first_response_at == at("03-04 10:00")
    taken_down = taken_down_and_checked(confidentiality=Confidentiality.ANONYMOUS)
    assert taken_down.case.stays[0].first_response_at == at("03-03 09:30")
    named = taken_down_and_checked(petitioner=Petitioner(name="N"))
    assert named.case.stays[0].first_response_at is None
    found_by_himself = taken_down_and_checked()
    assert found_by_himself.case.stays[0].first_response_at is None
    of_a_household = assigned_to("T01", household="HH-1").step_by("03-04 10:00", "head:T01", CHECKED)
    assert of_a_household.case.stays[0].first_response_at is None


def taken_down_and_checked(**fields: Any) -> Story:
    return given(
        Step("03-03 09:00", "clerk:T01", report(**fields)),
        Step("03-03 09:10", "clerk:T01", Accept()),
        Step("03-03 09:20", "clerk:T01", Assign(unit="T01")),
        Step("03-03 09:30", "head:T01", CHECKED),
    )


def test_a_contact_the_day_after_tomorrow_is_a_breach_for_ever() -> None:
    story = assigned_to("T01").step_by("03-05 00:00", "head:T01", REACHED)
    assert clock(story.case, ClockKind.FIRST_RESPONSE).state is ClockState.BREACHED


def test_a_dispute_stops_no_clock_of_the_unit() -> None:
    story = assigned_to("T01").when("03-04 10:00", "head:T01", NOT_MINE).then("case.assignment_disputed")
    assert (due(story, ClockKind.HOLD), due(story, ClockKind.FIRST_RESPONSE)) == (at("03-13 00:00"), at("03-05 00:00"))
    ruling = clock(story.case, ClockKind.RULING)
    assert (ruling.unit, ruling.due_at) == ("D-MASSWORK", at("03-07 00:00"))
    assert story.until("03-13 00:00").case.tier is Tier.DISTRICT


def test_who_says_that_a_case_is_not_his_suggests_somebody_elses_unit_if_any() -> None:
    for unit in ("nowhere", "T01", "T01-LAND"):
        returned = Dispute(ground="not ours", evidence=(), suggested_unit=unit)
        assigned_to("T01").when("03-04 09:00", "head:T01", returned).refused(Invalid)


def test_only_heads_dispute() -> None:
    assigned_to("T01").when("03-04 10:00", "officer:T01-LAND", NOT_MINE).refused(NotPermitted)


def test_an_urgent_matter_is_acted_on_first_and_disputed_within_30_minutes() -> None:
    urgent = assigned_to("T01", grade=Grade.URGENT)
    urgent.when("03-03 09:40", "head:T01", NOT_MINE).refused(WrongStatus)
    acted = urgent.step_by("03-03 09:40", "head:T01", REACHED)
    acted.when("03-03 09:59", "head:T01", NOT_MINE).then("case.assignment_disputed")
    acted.when("03-03 10:00", "head:T01", NOT_MINE).refused(TooLate)


def test_an_upheld_dispute_voids_the_stay_charges_the_dispatcher_and_assigns_anew() -> None:
    ruled = disputed().when("03-05 09:00", "adjudicator", Rule(upheld=True, unit="T02", reason="it is theirs"))
    story = ruled.then("case.dispute_upheld", "case.assigned")
    void, new = story.case.stays
    assert (void.void, void.attributed_to, void.exit, void.left_at) == (
        True,
        "D-DISPATCH",
        Exit.DISPUTE_UPHELD,
        at("03-05 09:00"),
    )
    assert (new.unit, new.entry_no, new.accountable) == ("T02", 1, "head:T02")
    assert {clock(story.case, kind, "T01").state for kind in (ClockKind.HOLD, ClockKind.FIRST_RESPONSE)} == {
        ClockState.VOID
    }
    assert clock(story.case, ClockKind.RULING).state is ClockState.MET
    assert due(story, ClockKind.HOLD, "T02") == at("03-15 00:00")


def test_a_rejected_dispute_leaves_the_case_and_its_clocks_and_is_counted() -> None:
    story = disputed().when("03-05 09:00", "adjudicator", Rule(upheld=False)).then("case.dispute_rejected")
    [stay] = story.case.stays
    assert (story.case.status, stay.rejected_disputes, due(story, ClockKind.HOLD)) == (
        Status.IN_PROGRESS,
        1,
        at("03-13 00:00"),
    )
    assert clock(story.case, ClockKind.RULING).state is ClockState.MET


@pytest.mark.parametrize(
    "ruling",
    [
        Rule(upheld=True),
        Rule(upheld=True, unit="T01"),
        Rule(upheld=True, unit="T01-LAND"),
        Rule(upheld=False, unit="T02"),
    ],
)
def test_an_upheld_dispute_and_no_other_names_another_unit(ruling: Rule) -> None:
    disputed().when("03-05 09:00", "adjudicator", ruling).refused(Invalid)


def test_a_ruling_that_does_not_come_is_supervised_once() -> None:
    story = disputed().until("03-10 00:00")
    assert (story.events()[-1], story.history[-1].at) == ("case.supervised", at("03-07 00:00"))
    assert story.case.status is Status.DISPUTED


def test_a_transfer_goes_to_another_unit_of_the_tier_and_its_clocks_go_with_it() -> None:
    story = assigned_to("T01").when("03-04 10:00", "head:T01", Transfer(unit="T02")).then("case.transferred")
    [stay] = story.case.stays
    assert [(held.unit, held.since, held.until) for held in stay.units] == [
        ("T01", at("03-03 09:30"), at("03-04 10:00")),
        ("T02", at("03-04 10:00"), None),
    ]
    assert (stay.accountable, stay.transfers, due(story, ClockKind.HOLD, "T02")) == ("head:T02", 1, at("03-13 00:00"))
    petition = assigned_to("T01", kind=Kind.PETITION).step_by("03-04 10:00", "head:T01", Transfer(unit="T02"))
    for passed in (story, petition):
        assert {one.unit for one in passed.case.clocks if one.running and one.kind is not ClockKind.NOTICE} == {"T02"}
    for unit in ("T01", "V0101", "D-TRANSPORT", "nobody"):
        assigned_to("T01").when("03-04 10:00", "head:T01", Transfer(unit=unit)).refused(Invalid)


def test_a_third_transfer_in_one_stay_is_refused() -> None:
    story = given(
        Step("03-04 10:00", "head:T01", Transfer(unit="T02")),
        Step("03-04 11:00", "head:T02", Transfer(unit="T01")),
        story=assigned_to("T01"),
    )
    story.when("03-04 12:00", "head:T01", Transfer(unit="T02")).refused(LimitReached)


def test_who_passed_a_case_on_does_not_work_on_it_any_more() -> None:
    story = assigned_to("T01").step_by("03-04 10:00", "head:T01", Transfer(unit="T02"))
    story.when("03-04 11:00", "head:T01", RESOLVE).refused(NotPermitted)
    story.when("03-04 11:00", "officer:T02-LAND", RESOLVE).then("case.resolved")
