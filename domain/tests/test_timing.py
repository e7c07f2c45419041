"""How a stay gets more time: by waiting for the citizen, or by an extension asked in time and granted by somebody else."""

import pytest

from domain.case.clocks import ClockKind, ClockState
from domain.case.correction import Reclassify
from domain.case.handling import Assign
from domain.case.intake import Accept
from domain.case.terms import Grade, Ground, Kind, Status
from domain.case.tiers import Escalate
from domain.case.timing import DecideExtension, ProvideInformation, RequestExtension, RequestInformation
from domain.org import Tier
from domain.refusals import Invalid, LimitReached, NotPermitted, TooLate, WrongStatus
from domain.tests.road import assigned_to, clock, due, report
from domain.tests.story import Step, Story, at, given

ASK = RequestInformation(items=("land certificate",), delivered="sms")
HERE = ProvideInformation()
MORE = RequestExtension(days=3, reason="rain", petitioner_told=True)
GRANT, REFUSE = DecideExtension(granted=True), DecideExtension(granted=False, reason="no")


def asked(since: str = "03-04 15:00") -> Story:
    return assigned_to("T01").step_by(since, "head:T01", ASK)


def test_while_the_citizen_is_waited_for_the_hold_has_no_due_instant() -> None:
    story = assigned_to("T01").when("03-04 15:00", "officer:T01-LAND", ASK).then("case.information_requested")
    hold, wait = clock(story.case, ClockKind.HOLD), clock(story.case, ClockKind.INFORMATION_WAIT)
    assert (hold.due_at, hold.state) == (None, ClockState.PAUSED)
    assert (wait.unit, wait.due_at) == ("citizen", at("03-19 00:00"))
    assert story.case.status is Status.AWAITING_INFORMATION


def test_only_whole_days_of_the_wait_are_left_out() -> None:
    story = asked().when("03-07 09:30", "citizen:1", HERE).then("case.information_provided")
    assert due(story, ClockKind.HOLD) == at("03-15 00:00"), "7 working days from 3 March, without the 5th and the 6th"
    assert clock(story.case, ClockKind.INFORMATION_WAIT).state is ClockState.MET
    assert story.case.status is Status.IN_PROGRESS


def test_a_pause_over_one_night_gains_nothing() -> None:
    story = given(Step("03-05 17:55", "head:T01", ASK), Step("03-06 08:05", "head:T01", HERE), story=assigned_to("T01"))
    assert due(story, ClockKind.HOLD) == at("03-13 00:00")


def test_a_citizen_who_does_not_answer_in_time_loses_only_the_chance_to() -> None:
    story = asked().until("03-19 00:00")
    assert (story.events()[-1], story.history[-1].at) == ("case.information_wait_expired", at("03-19 00:00"))
    assert clock(story.case, ClockKind.INFORMATION_WAIT).state is ClockState.EXPIRED
    assert due(story, ClockKind.HOLD) == at("03-27 00:00")
    story.when("03-19 09:00", "citizen:1", HERE).refused(WrongStatus)


def test_who_asks_on_the_last_day_is_late_when_the_answer_comes() -> None:
    """The day of the question counts, so nothing is left when the clock runs on (docs/rules.md, "How days are counted", 4)."""
    story = asked("03-12 17:00").step_by("03-14 10:00", "citizen:1", HERE).until("03-14 10:00")
    assert story.events()[-2:] == ["case.information_provided", "case.escalated"]
    town, district = story.case.stays
    assert town.left_at == district.entered_at == at("03-14 10:00"), "never before the answer came"


def test_a_third_request_for_information_in_one_stay_is_refused() -> None:
    twice = given(
        Step("03-04 09:00", "head:T01", ASK),
        Step("03-04 10:00", "citizen:1", HERE),
        Step("03-04 11:00", "head:T01", ASK),
        Step("03-04 12:00", "citizen:1", HERE),
        story=assigned_to("T01"),
    )
    twice.when("03-04 15:00", "head:T01", ASK).refused(LimitReached)
    up = twice.step_by("03-04 15:00", "head:T01", Escalate(ground=Ground.BEYOND_MEANS, tried=("all",)))
    up.when("03-05 09:00", "officer:D-MASSWORK", ASK).then("case.information_requested")


def test_an_urgent_matter_never_waits_for_papers() -> None:
    assigned_to("T01", grade=Grade.URGENT).when("03-03 10:00", "head:T01", ASK).refused(LimitReached)


def test_a_matter_that_proves_urgent_waits_no_longer() -> None:
    story = asked().step_by("03-04 16:00", "dispatcher", Reclassify(grade=Grade.URGENT, reason="smoke"))
    hold = clock(story.case, ClockKind.HOLD)
    assert (hold.state, hold.due_at) == (ClockState.RUNNING, at("03-05 16:00"))
    assert story.case.stays[-1].paused_since is None


def test_what_waited_and_proves_urgent_has_no_more_time_than_it_had() -> None:
    """Seven days from 3 March end with the 12th: a day from then on would be more."""
    waiting = assigned_to("T01").step_by("03-11 15:00", "head:T01", ASK)
    urgent = waiting.step_by("03-12 10:00", "dispatcher", Reclassify(grade=Grade.URGENT, reason="smoke"))
    hold = clock(urgent.case, ClockKind.HOLD)
    assert (hold.state, hold.due_at) == (ClockState.RUNNING, at("03-13 00:00"))


def test_a_petition_has_the_time_of_the_law_however_urgent_and_its_days_of_waiting_too() -> None:
    """60 days from 3 March, and the 13 whole days from the 11th to the 23rd."""
    asked = assigned_to("T01", kind=Kind.PETITION).step_by("03-10 09:00", "head:T01", ASK)
    urgent = asked.step_by("03-11 09:00", "dispatcher", Reclassify(grade=Grade.URGENT, reason="smoke"))
    assert due(urgent.step_by("03-24 09:00", "citizen:1", HERE), ClockKind.STATUTORY) == at("05-16 00:00")
    none = asked.step_by("03-11 09:00", "dispatcher", Reclassify(kind=Kind.REQUEST, grade=Grade.URGENT, reason="smoke"))
    assert (due(none, ClockKind.STATUTORY), none.case.stays[-1].paused_since) == (at("05-07 00:00"), None)


def test_what_proves_to_be_a_petition_meanwhile_has_the_days_of_waiting_that_are_left() -> None:
    petition = Reclassify(kind=Kind.PETITION, reason="it is one")
    story = asked().step_by("03-05 09:00", "dispatcher", petition).step_by("03-14 09:00", "citizen:1", HERE)
    assert due(story, ClockKind.STATUTORY) == at("05-13 00:00"), "60 days from 5 March, without 6 to 13 March"


def test_what_rises_while_the_citizen_is_waited_for_waits_no_longer_with_any_clock() -> None:
    """Accepted as a petition, it has 60 days; no petition any more when assigned, it has a hold, too, and that in hours."""
    story = given(
        Step("03-03 09:00", "citizen:1", report(kind=Kind.PETITION)),
        Step("03-03 09:10", "dispatcher", Accept()),
        Step("03-03 09:20", "dispatcher", Reclassify(kind=Kind.REQUEST, grade=Grade.URGENT, reason="smoke")),
        Step("03-03 09:30", "dispatcher", Assign(unit="T01")),
        Step("03-03 09:40", "dispatcher", Reclassify(grade=Grade.ORDINARY, reason="only fog")),
        Step("03-03 09:50", "head:T01", ASK),
    )
    assert clock(story.case, ClockKind.STATUTORY).state is ClockState.PAUSED
    risen = story.until("03-04 09:30")
    assert (risen.events()[-1], risen.case.status) == ("case.escalated", Status.ASSIGNED)
    assert due(risen, ClockKind.STATUTORY) == at("05-07 00:00")


def test_a_clock_that_is_late_already_does_not_pause() -> None:
    late = assigned_to("D-TRANSPORT").step_by("04-01 09:00", "officer:D-TRANSPORT", ASK)
    assert due(late, ClockKind.HOLD) == at("03-25 00:00")
    assert clock(late.case, ClockKind.HOLD).read_at(at("04-01 10:00")) is ClockState.BREACHED


def test_the_reporter_provides_but_a_neighbour_does_not() -> None:
    asked().when("03-05 09:00", "citizen:1", HERE).then("case.information_provided")
    asked().when("03-05 09:00", "follow-up", HERE).refused(NotPermitted)


def test_the_statutory_clock_of_a_petition_pauses_in_every_stay() -> None:
    up = Escalate(unit="D-TRANSPORT", ground=Ground.BEYOND_MEANS, tried=("all",))
    story = given(
        Step("03-10 15:00", "head:T01", ASK),
        Step("03-20 10:00", "citizen:1", HERE),
        Step("03-21 10:00", "head:T01", up),
        Step("03-24 15:00", "officer:D-TRANSPORT", ASK),
        Step("03-27 10:00", "citizen:1", HERE),
        story=assigned_to("T01", kind=Kind.PETITION),
    )
    assert due(story, ClockKind.STATUTORY) == at("05-14 00:00"), "60 days from 3 March, 9 and 2 whole days left out"


def test_an_extension_moves_the_due_instant_counted_from_the_first_day() -> None:
    story = assigned_to("T01").step_by("03-10 09:00", "head:T01", MORE)
    granted = story.when("03-11 09:00", "adjudicator", GRANT).then("case.extension_granted")
    assert due(granted, ClockKind.HOLD) == at("03-18 00:00")
    assert clock(granted.case, ClockKind.HOLD).span.amount == 10


def test_fewer_days_may_be_granted_but_not_more() -> None:
    story = assigned_to("T01").step_by("03-10 09:00", "head:T01", MORE)
    two = story.when("03-11 09:00", "adjudicator", DecideExtension(granted=True, days=2)).then("case.extension_granted")
    assert due(two, ClockKind.HOLD) == at("03-15 00:00")
    story.when("03-11 09:00", "adjudicator", DecideExtension(granted=True, days=4)).refused(Invalid)


def test_a_refused_extension_changes_no_clock() -> None:
    story = assigned_to("T01").step_by("03-10 09:00", "head:T01", MORE)
    refused = story.when("03-11 09:00", "adjudicator", REFUSE).then("case.extension_refused")
    assert refused.case.clocks == story.case.clocks


def test_two_extensions_of_one_entry_are_refused_whatever_became_of_the_first() -> None:
    pending = assigned_to("T01").step_by("03-10 09:00", "head:T01", MORE)
    pending.when("03-10 10:00", "head:T01", MORE).refused(LimitReached)
    for decision in (GRANT, REFUSE):
        decided = pending.step_by("03-11 09:00", "adjudicator", decision)
        decided.when("03-11 10:00", "head:T01", MORE).refused(LimitReached)


def test_a_new_tier_may_be_extended_anew() -> None:
    up = Escalate(unit="D-TRANSPORT", ground=Ground.BEYOND_MEANS, tried=("all",))
    story = given(
        Step("03-10 09:00", "head:T01", MORE),
        Step("03-11 09:00", "adjudicator", GRANT),
        Step("03-12 09:00", "head:T01", up),
        story=assigned_to("T01"),
    )
    story.when("03-13 09:00", "officer:D-TRANSPORT", MORE).then("case.extension_requested")


def test_at_most_the_budget_again_and_for_urgent_hours_nothing() -> None:
    plenty = RequestExtension(days=8, reason="rain", petitioner_told=True)
    assigned_to("T01").when("03-10 09:00", "head:T01", plenty).refused(LimitReached)
    one = RequestExtension(days=1, reason="rain", petitioner_told=True)
    assigned_to("T01", grade=Grade.URGENT).when("03-03 10:00", "head:T01", one).refused(LimitReached)


def test_more_time_is_asked_for_and_granted_before_it_is_over() -> None:
    late = assigned_to("D-TRANSPORT").until("04-01 08:00")
    late.when("04-01 09:00", "officer:D-TRANSPORT", MORE).refused(TooLate)
    in_time = assigned_to("D-TRANSPORT").step_by("03-24 09:00", "officer:D-TRANSPORT", MORE)
    in_time.when("03-24 23:59:59", "adjudicator", GRANT).then("case.extension_granted")
    lapsed = in_time.until("03-25 00:00")
    lapsed.when("03-25 00:00", "adjudicator", GRANT).refused(TooLate)
    lapsed.when("03-25 00:00", "adjudicator", REFUSE).then("case.extension_refused")


def test_the_citizen_is_told_before_more_time_is_asked_for() -> None:
    untold = RequestExtension(days=3, reason="rain")
    assigned_to("T01").when("03-10 09:00", "head:T01", untold).refused(Invalid)


def test_nothing_is_decided_that_nobody_asked_for() -> None:
    assigned_to("T01").when("03-10 09:00", "adjudicator", GRANT).refused(WrongStatus)


@pytest.mark.parametrize(
    ("unit", "asks", "may", "may_not"),
    [
        ("V0101", "head:V0101", "head:T01", "head:V0101"),
        ("V0101", "head:V0101", "adjudicator", "leader:D-MASSWORK"),
        ("T01", "officer:T01-LAND", "adjudicator", "head:T01"),
        ("T01-LAND", "officer:T01-LAND", "adjudicator", "head:T01"),
        ("D-TRANSPORT", "officer:D-TRANSPORT", "adjudicator", "leader:D-MASSWORK"),
        ("D-TRANSPORT", "officer:D-TRANSPORT", "leader:D-TRANSPORT", "officer:D-TRANSPORT"),
    ],
)
def test_an_extension_is_granted_one_level_up(unit: str, asks: str, may: str, may_not: str) -> None:
    one = RequestExtension(days=1, reason="rain", petitioner_told=True)
    story = assigned_to(unit).step_by("03-04 09:00", asks, one)
    story.when("03-04 10:00", may_not, GRANT).refused(NotPermitted)
    story.when("03-04 10:00", may, GRANT).then("case.extension_granted")


def test_nobody_grants_his_own_request() -> None:
    story = assigned_to("D-TRANSPORT").step_by("03-04 09:00", "leader:D-TRANSPORT", MORE)
    story.when("03-04 10:00", "leader:D-TRANSPORT", GRANT).refused(NotPermitted)


def test_a_petition_is_extended_once_by_the_head_of_its_own_unit() -> None:
    ask = RequestExtension(days=30, reason="complex", petitioner_told=True)
    up = Escalate(unit="D-TRANSPORT", ground=Ground.BEYOND_MEANS, tried=("all",))
    petition = assigned_to("T01", kind=Kind.PETITION).step_by("04-01 09:00", "head:T01", ask)
    petition.when("04-01 10:00", "adjudicator", GRANT).refused(NotPermitted)
    extended = petition.when("04-01 10:00", "head:T01", GRANT).then("case.extension_granted")
    assert due(extended, ClockKind.STATUTORY) == at("06-04 00:00"), (
        "90 days end on Sunday 1 June, a holiday until the 2nd"
    )
    risen = extended.step_by("04-02 09:00", "head:T01", up)
    assert risen.case.tier is Tier.DISTRICT
    risen.when("04-03 09:00", "officer:D-TRANSPORT", ask).refused(LimitReached)
    longer = RequestExtension(days=31, reason="complex", petitioner_told=True)
    assigned_to("T01", kind=Kind.PETITION).when("04-01 09:00", "head:T01", longer).refused(LimitReached)


def test_an_extension_granted_while_the_citizen_is_waited_for_counts_when_the_clock_runs_on() -> None:
    story = given(
        Step("03-04 09:00", "head:T01", MORE),
        Step("03-04 15:00", "head:T01", ASK),
        Step("03-05 09:00", "adjudicator", GRANT),
        story=assigned_to("T01"),
    )
    assert clock(story.case, ClockKind.HOLD).state is ClockState.PAUSED
    on = story.step_by("03-07 09:30", "citizen:1", HERE)
    assert due(on, ClockKind.HOLD) == at("03-20 00:00"), "7 + 3 working days from 3 March, without the 5th and the 6th"


def test_a_request_not_decided_before_the_case_rises_is_forgotten() -> None:
    story = assigned_to("V0101").step_by("03-05 09:00", "head:V0101", MORE).until("03-07 00:00")
    assert story.case.tier is Tier.TOWN
    story.when("03-07 09:00", "adjudicator", GRANT).refused(WrongStatus)
