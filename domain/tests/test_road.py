"""The main road: from a village's report to the citizen's verdict."""

from domain.case.clocks import ClockKind, ClockState
from domain.case.feedback import Feedback
from domain.case.handling import Assign, Contact, Dispute, Rule, Start
from domain.case.intake import Accept
from domain.case.outcome import Resolve
from domain.case.reporting import Report
from domain.case.terms import ContactOutcome, FeedbackResult, Kind, Outcome, Proof, Satisfaction, Status
from domain.org import Tier
from domain.tests.story import Step, at, given

REPORT = Report(title="The pipe is broken", kind=Kind.REQUEST, village="V0101")
RESOLVE = Resolve(outcome=Outcome.SOLVED, proof=(Proof(kind="photo"),))
SOLVED = Feedback(result=FeedbackResult.ANSWERED, solved=True, satisfaction=Satisfaction.SATISFIED)

ON_THE_ROAD = (
    Step("03-03 09:10", "cadre:V0101", REPORT),
    Step("03-03 09:20", "clerk:T01", Accept()),
    Step("03-03 09:30", "clerk:T01", Assign(unit="V0101")),
)


def test_a_village_solves_it_and_the_citizen_agrees() -> None:
    story = given(
        *ON_THE_ROAD,
        Step("03-03 10:00", "head:V0101", Contact(outcome=ContactOutcome.REACHED)),
        Step("03-03 10:05", "head:V0101", Start()),
        Step("03-04 16:00", "head:V0101", RESOLVE),
    )
    closed = story.when("03-05 10:00", "follow-up", SOLVED).then("case.feedback_recorded", "case.closed")
    [stay] = closed.case.stays
    hold = next(clock for clock in closed.case.clocks if clock.kind is ClockKind.HOLD)
    assert (stay.accountable, stay.first_response_at) == ("head:T01", at("03-03 10:00"))
    assert (hold.due_at, hold.state) == (at("03-07 00:00"), ClockState.MET)
    assert closed.case.status is Status.CLOSED


def test_an_idle_town_loses_the_case_to_the_district_at_the_due_instant() -> None:
    story = given(
        Step("09-22 08:30", "citizen:6", Report(title="No water", kind=Kind.REQUEST)),
        Step("09-22 08:50", "dispatcher", Accept()),
        Step("09-22 09:00", "dispatcher", Assign(unit="T01")),
        Step("09-24 16:00", "head:T01", Dispute(ground="not_my_duty", evidence=())),
        Step("09-26 10:00", "adjudicator", Rule(upheld=False, reason="it is")),
        Step("09-29 10:00", "head:T01", Contact(outcome=ContactOutcome.REACHED)),
    ).until("10-01 00:05")
    town, district = story.case.stays
    assert (town.left_at, town.exit) == (at("10-01 00:00"), "escalated_deadline")
    assert (district.tier, district.unit, district.accountable) == (Tier.DISTRICT, "D-MASSWORK", "leader:D-MASSWORK")
    holds = [clock for clock in story.case.clocks if clock.kind is ClockKind.HOLD]
    assert [(clock.due_at, clock.state) for clock in holds] == [
        (at("10-01 00:00"), ClockState.BREACHED),
        (at("10-29 00:00"), ClockState.RUNNING),
    ]


def test_what_comes_at_the_due_instant_is_late() -> None:
    story = given(*ON_THE_ROAD).when("03-06 23:59:59", "head:V0101", RESOLVE).then("case.resolved")
    assert story.case.status is Status.RESOLVED
    late = given(*ON_THE_ROAD).when("03-07 00:00", "head:T01", RESOLVE).then("case.escalated", "case.resolved")
    assert [stay.tier for stay in late.case.stays] == [Tier.VILLAGE, Tier.TOWN]
