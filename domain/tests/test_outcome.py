"""How a case is resolved: proof, who signs for it, and which clocks begin and end."""

from dataclasses import replace

from domain.case.clocks import ClockKind, ClockState
from domain.case.disclosure import DiscloseIdentity
from domain.case.outcome import Resolve
from domain.case.terms import Confidentiality, Exit, Grade, Outcome, Proof, Status
from domain.refusals import Invalid, NotPermitted
from domain.tests.hanbin import limited
from domain.tests.road import RESOLVE, assigned_to, clock, due, resolved
from domain.tests.story import at


def test_resolving_ends_the_stay_and_asks_the_citizen() -> None:
    story = resolved()
    [stay] = story.case.stays
    assert (story.case.status, stay.exit, stay.left_at) == (Status.RESOLVED, Exit.RESOLVED, at("03-04 16:00"))
    hold = clock(story.case, ClockKind.HOLD)
    assert (hold.read_at(at("04-01 09:00")), hold.accountable) == (ClockState.MET, "head:T01")
    assert clock(story.case, ClockKind.DISPUTE_WINDOW).accountable is None, "a right is nobody's duty"
    assert (clock(story.case, ClockKind.CALL_BACK).unit, due(story, ClockKind.CALL_BACK)) == (
        "D-FOLLOWUP",
        at("03-08 00:00"),
    )
    assert due(story, ClockKind.FEEDBACK_WINDOW) == at("03-20 00:00")


def test_that_nothing_supports_a_request_is_written_down_with_its_reasons_or_marked() -> None:
    photo, opinion = Proof(kind="photo"), Proof(kind="opinion")
    for outcome, reply, proof, unreasoned in (
        (Outcome.NOT_SUPPORTED, None, (photo,), True),
        (Outcome.NOT_SUPPORTED, " \n", (photo,), True),
        (Outcome.NOT_SUPPORTED, "no law provides for it", (photo,), False),
        (Outcome.NOT_SUPPORTED, None, (photo, opinion), False),
        (Outcome.SOLVED, None, (photo,), False),
    ):
        resolve = Resolve(outcome=outcome, proof=proof, reply=reply)
        story = assigned_to("T01").step_by("03-04 16:00", "head:T01", resolve)
        assert story.case.unreasoned is unreasoned


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
