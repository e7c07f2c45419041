"""A citizen may take his matter back; whether he was free to is found out by those who did not handle it."""

from typing import Any

import pytest

from domain.case.clocks import ClockKind, ClockState
from domain.case.handling import Assign
from domain.case.intake import Accept, ChallengeDecline, DecideChallenge, Decline
from domain.case.reporting import Report
from domain.case.subjects import AddSubject
from domain.case.terms import Confidentiality, DeclineReason, Exit, Grade, Kind, Petitioner, Status
from domain.case.timing import RequestInformation
from domain.case.withdrawal import ConfirmWithdrawal, Withdraw
from domain.refusals import NotPermitted, WrongStatus
from domain.tests.road import NOT_SOLVED, RESOLVE, assigned_to, clock
from domain.tests.story import Step, Story, at, given

TAKE_BACK = Withdraw(reason="settled with my neighbour")
YES, NO = ConfirmWithdrawal(confirmed=True), ConfirmWithdrawal(confirmed=False)


def taken_back() -> Story:
    return assigned_to("T01").step_by("03-04 09:00", "citizen:1", TAKE_BACK)


def test_asking_to_withdraw_stops_nothing() -> None:
    story = assigned_to("T01").when("03-04 09:00", "citizen:1", TAKE_BACK).then("case.withdrawal_requested")
    assert (story.case.status, story.case.clocks) == (Status.ASSIGNED, assigned_to("T01").case.clocks)


def test_a_confirmed_withdrawal_stops_everything() -> None:
    story = taken_back().when("03-05 09:00", "follow-up", YES).then("case.withdrawn")
    [stay] = story.case.stays
    assert (story.case.status, stay.exit, stay.left_at) == (Status.WITHDRAWN, Exit.WITHDRAWN, at("03-05 09:00"))
    assert not [one for one in story.case.clocks if one.running]
    assert story.case.next_deadline is None


def test_withdrawing_does_not_undo_a_breach() -> None:
    story = taken_back().step_by("03-10 09:00", "follow-up", YES)
    states = {str(one.kind): one.state for one in story.case.clocks}
    assert states["first_response"] is ClockState.BREACHED
    assert (states["dispute_window"], states["hold"]) == (ClockState.EXPIRED, ClockState.LEFT)


def test_a_clock_that_stood_still_is_left_with_the_matter() -> None:
    papers = RequestInformation(items=("deed",), delivered="sms")
    story = given(Step("03-04 10:00", "head:T01", papers), Step("03-05 09:00", "follow-up", YES), story=taken_back())
    assert clock(story.case, ClockKind.HOLD).state is ClockState.LEFT


def test_a_withdrawal_that_is_not_confirmed_leaves_the_case_open() -> None:
    story = taken_back().when("03-05 09:00", "follow-up", NO).then("case.withdrawal_not_confirmed")
    assert (story.case.status, story.case.stays[-1].pressed) == (Status.ASSIGNED, True)
    story.when("03-06 09:00", "citizen:1", TAKE_BACK).then("case.withdrawal_requested")


def test_a_report_nobody_has_accepted_yet_may_be_withdrawn() -> None:
    reported = given(Step("03-03 09:00", "citizen:1", Report(title="T", kind=Kind.REQUEST)))
    story = given(Step("03-03 10:00", "citizen:1", TAKE_BACK), Step("03-03 11:00", "follow-up", YES), story=reported)
    assert (story.case.status, story.case.stays) == (Status.WITHDRAWN, ())


@pytest.mark.parametrize("told", [{"subjects": ("follow-up",)}, {"confidentiality": Confidentiality.SEALED}])
def test_what_the_follow_up_centre_may_not_know_of_the_mass_work_department_asks(told: dict[str, Any]) -> None:
    reported = given(Step("03-03 09:00", "citizen:1", Report(title="T", kind=Kind.REQUEST, **told)))
    brought = reported.case.reporters[0].id
    asked = reported.step_by("03-03 10:00", brought, TAKE_BACK)
    assert asked.case.withdrawal_to == "D-MASSWORK"
    asked.when("03-03 11:00", "adjudicator", YES).then("case.withdrawn")
    taken_back().when("03-05 09:00", "adjudicator", YES).refused(NotPermitted)


def test_when_the_follow_up_centre_proves_concerned_the_withdrawal_waits_elsewhere() -> None:
    story = taken_back().step_by("03-04 10:00", "citizen:1", AddSubject(official="follow-up"))
    assert story.case.withdrawal_to == "D-MASSWORK"
    story.when("03-05 09:00", "adjudicator", YES).then("case.withdrawn")


def test_what_is_resolved_is_judged_and_not_withdrawn() -> None:
    resolved = assigned_to("T01").step_by("03-04 09:00", "head:T01", RESOLVE)
    resolved.when("03-05 09:00", "citizen:1", TAKE_BACK).refused(WrongStatus)


def test_what_was_asked_before_the_resolution_does_not_wait_when_the_case_is_taken_up_again() -> None:
    reopened = given(
        Step("03-04 10:00", "head:T01", RESOLVE), Step("03-05 09:00", "citizen:1", NOT_SOLVED), story=taken_back()
    )
    reopened.when("03-05 10:00", "follow-up", YES).refused(WrongStatus)
    reopened.when("03-05 10:00", "citizen:1", TAKE_BACK).then("case.withdrawal_requested")


def test_whoever_objects_to_a_refusal_does_not_take_his_matter_back() -> None:
    objected = given(
        Step("03-03 09:00", "citizen:1", Report(title="T", kind=Kind.REQUEST)),
        Step("03-03 10:00", "citizen:1", TAKE_BACK),
        Step("03-03 11:00", "dispatcher", Decline(reason=DeclineReason.NOT_GOVERNMENT)),
        Step("03-03 12:00", "citizen:1", ChallengeDecline(reason="it is")),
        Step("03-03 13:00", "adjudicator", DecideChallenge(upheld=True)),
    )
    objected.when("03-03 14:00", "follow-up", YES).refused(WrongStatus)


def test_nothing_is_confirmed_that_nobody_asked_for() -> None:
    assigned_to("T01").when("03-05 09:00", "follow-up", YES).refused(WrongStatus)
    taken_back().when("03-04 10:00", "citizen:1", TAKE_BACK).refused(WrongStatus)


def test_the_unit_that_handles_a_case_neither_withdraws_it_for_the_citizen_nor_confirms_it() -> None:
    someone = Petitioner(name="N", phone="000")
    collected = given(
        Step("03-03 09:00", "head:V0101", Report(title="T", kind=Kind.REQUEST, village="V0101", petitioner=someone)),
        story=assigned_to("V0101").turn_to("case-2"),
    )
    collected.when("03-03 09:30", "head:V0101", TAKE_BACK).then("case.withdrawal_requested")
    held = given(
        Step("03-03 09:40", "clerk:T01", Accept()),
        Step("03-03 09:50", "clerk:T01", Assign(unit="V0101")),
        story=collected,
    )
    held.when("03-03 10:00", "head:V0101", TAKE_BACK).refused(NotPermitted)
    taken_back().when("03-05 09:00", "head:T01", YES).refused(NotPermitted)


@pytest.mark.parametrize(("kind", "grade"), [(Kind.EMERGENCY, Grade.ORDINARY), (Kind.REQUEST, Grade.URGENT)])
def test_a_danger_to_the_public_goes_on_as_the_offices_own(kind: Kind, grade: Grade) -> None:
    story = assigned_to("D-TRANSPORT", kind=kind, grade=grade).step_by("03-04 09:00", "citizen:1", TAKE_BACK)
    kept = story.when("03-05 09:00", "follow-up", YES).then("case.withdrawal_not_confirmed")
    assert kept.history[-1].event.reason == "public_danger"
    assert kept.case.open
    assert not kept.case.stays[-1].pressed, "he was free to, and meant it"
