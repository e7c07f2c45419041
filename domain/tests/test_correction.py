"""What was written down wrongly is put right by another entry; clocks follow only where the rules say so."""

from dataclasses import replace
from typing import Any

import pytest

from domain.case.clocks import ClockKind, ClockState
from domain.case.correction import Correct, Field, Reclassify
from domain.case.intake import Accept, ChallengeDecline, DecideChallenge, Decline
from domain.case.reporting import Report
from domain.case.terms import Confidentiality, DeclineReason, Grade, Kind, Petitioner, Status
from domain.case.tiers import Remand
from domain.case.timing import DecideExtension, RequestExtension
from domain.refusals import ConflictOfInterest, Invalid, LimitReached, NotPermitted, WrongStatus
from domain.tests.hanbin import RULES
from domain.tests.road import NOT_SOLVED, RESOLVE, assigned_to, clock, due, report
from domain.tests.story import Step, Story, at, given

URGENT = Reclassify(grade=Grade.URGENT, reason="smoke")


def raised(moment: str = "03-03 12:00", unit: str = "T01") -> Story:
    return assigned_to(unit).step_by(moment, "dispatcher", URGENT)


def again(unit: str, by: str) -> Story:
    """Resolved by that unit, and not solved."""
    return assigned_to(unit).step_by("03-04 16:00", by, RESOLVE).step_by("03-05 09:00", "citizen:1", NOT_SOLVED)


def corrected(field: Field, value: str) -> Correct:
    return Correct(field=field, value=value, reason="misheard")


def reported(**fields: Any) -> Story:
    """Written down by a village cadre for a neighbour on Monday 3 March at 09:00."""
    someone = Petitioner(name="N", phone="000")
    command = Report(title="T", kind=Kind.REQUEST, village="V0101", petitioner=someone, **fields)
    return given(Step("03-03 09:00", "cadre:V0101", command))


def test_raised_to_urgent_the_running_duties_are_due_as_if_they_began_now() -> None:
    story = raised()
    assert due(story, ClockKind.HOLD) == at("03-04 12:00")
    assert due(story, ClockKind.FIRST_RESPONSE) == at("03-03 14:00")
    assert clock(story.case, ClockKind.HOLD).started_at == at("03-03 09:30"), "it is the same clock"


@pytest.mark.parametrize(
    ("story", "ends"),
    [
        (again("T01", "head:T01"), "03-05 22:00"),
        (again("D-TRANSPORT", "officer:D-TRANSPORT"), "03-06 10:00"),
        (assigned_to("T01").step_by("03-04 16:00", "head:T01", Remand(unit="V0101", instructions="do")), "03-06 10:00"),
    ],
)
def test_what_was_reopened_or_sent_back_has_the_urgent_time_of_that(story: Story, ends: str) -> None:
    hurried = replace(story, rules=replace(RULES, policy_label="later.1")).step_by("03-05 10:00", "dispatcher", URGENT)
    assert (due(hurried, ClockKind.HOLD), clock(hurried.case, ClockKind.HOLD).policy) == (at(ends), "later.1")


def test_raising_never_gives_more_time_than_there_was() -> None:
    story = raised("03-12 15:00")
    assert due(story, ClockKind.HOLD) == at("03-13 00:00")
    assert clock(story.case, ClockKind.HOLD).span.unit == "working_days"


@pytest.mark.parametrize("command", [Reclassify(grade=Grade.URGENT, reason="gas"), Accept(grade=Grade.URGENT)])
def test_a_report_that_proves_urgent_is_triaged_in_minutes(command: Reclassify | Accept) -> None:
    story = reported().step_by("03-03 10:00", "clerk:T01", command)
    assert due(story, ClockKind.INTAKE) == at("03-03 10:30")


def test_an_urgent_petition_that_proves_none_is_hurried_then() -> None:
    """As long as it was one it had the time of the law, however urgent."""
    petition = given(Step("03-03 09:00", "citizen:1", report("V0101", Kind.PETITION, grade=Grade.URGENT)))
    accepted = petition.step_by("03-04 10:00", "clerk:T01", Accept(kind=Kind.EMERGENCY))
    assert due(accepted, ClockKind.INTAKE) == at("03-04 10:30")
    dated = accepted.step_by("03-04 10:10", "dispatcher", corrected(Field.OCCURRED_AT, SATURDAY))
    assert due(dated, ClockKind.INTAKE) == at("03-04 10:30")


def test_lowering_a_grade_needs_the_dispatcher_and_changes_only_future_clocks() -> None:
    lower = Reclassify(grade=Grade.ORDINARY, reason="no smoke")
    raised("03-03 12:00").when("03-03 13:00", "adjudicator", lower).refused(NotPermitted)
    story = raised("03-03 12:00").when("03-03 13:00", "dispatcher", lower).then("case.reclassified")
    assert due(story, ClockKind.HOLD) == at("03-04 12:00")
    risen = story.until("03-04 12:00")
    assert due(risen, ClockKind.HOLD) == at("03-26 00:00"), "the district has its ordinary 15 working days"


def test_nor_does_a_clerk_lower_a_grade_by_accepting() -> None:
    found = reported().step_by("03-03 09:05", "dispatcher", Reclassify(grade=Grade.URGENT, reason="collapse"))
    found.when("03-03 09:10", "clerk:T01", Accept(grade=Grade.ORDINARY)).refused(NotPermitted)
    for grade in (None, Grade.URGENT):
        accepted = found.when("03-03 09:10", "clerk:T01", Accept(grade=grade)).then("case.accepted")
        assert accepted.case.grade is Grade.URGENT
    found.when("03-03 09:10", "dispatcher", Accept(grade=Grade.ORDINARY)).then("case.accepted")


def test_another_kind_or_major_grade_changes_no_running_clock() -> None:
    before = assigned_to("T01")
    for change in (Reclassify(kind=Kind.BENEFIT, reason="r"), Reclassify(grade=Grade.MAJOR, reason="r")):
        after = before.when("03-03 12:00", "dispatcher", change).then("case.reclassified")
        assert after.case.clocks == before.case.clocks


def test_what_only_proves_to_be_of_another_kind_keeps_the_longer_time_it_had() -> None:
    benefit = assigned_to("T01", kind=Kind.BENEFIT)
    request = benefit.step_by(
        "03-03 12:00", "dispatcher", Reclassify(kind=Kind.REQUEST, reason="nothing is applied for")
    )
    assert request.case.clocks == benefit.case.clocks


def test_nothing_becomes_an_accusation_that_others_have_read_already() -> None:
    change = Reclassify(kind=Kind.ACCUSATION, reason="it names an official")
    assigned_to("T01").when("03-03 12:00", "dispatcher", change).refused(Invalid)
    sealed = assigned_to("D-MASSWORK", confidentiality=Confidentiality.SEALED)
    sealed.when("03-03 12:00", "dispatcher", change).then("case.reclassified")


def test_what_nothing_is_said_of_stays_as_it_was() -> None:
    water = assigned_to("T01").step_by("03-03 12:00", "dispatcher", Reclassify(category="water", reason="r"))
    story = water.step_by("03-03 13:00", "dispatcher", Reclassify(grade=Grade.MAJOR, reason="r"))
    assert (story.case.kind, story.case.grade, story.case.category) == (Kind.REQUEST, Grade.MAJOR, "water")
    for said, category in ((Accept(category="roads"), "roads"), (Accept(), "water")):
        assert reported(category="water").step_by("03-03 09:30", "clerk:T01", said).case.category == category


def test_reclassifying_without_a_difference_is_refused() -> None:
    assigned_to("T01").when("03-03 12:00", "dispatcher", Reclassify(kind=Kind.REQUEST, reason="r")).refused(Invalid)


def test_only_what_is_open_is_reclassified() -> None:
    resolved = assigned_to("T01").step_by("03-04 09:00", "head:T01", RESOLVE)
    resolved.when("03-04 10:00", "dispatcher", Reclassify(kind=Kind.BENEFIT, reason="r")).refused(WrongStatus)


def test_an_extension_asked_for_before_it_proved_urgent_is_not_granted_any_more() -> None:
    more = RequestExtension(days=3, reason="rain", petitioner_told=True)
    story = assigned_to("T01").step_by("03-03 10:00", "head:T01", more)
    urgent = story.step_by("03-03 12:00", "dispatcher", Reclassify(grade=Grade.URGENT, reason="smoke"))
    urgent.when("03-03 13:00", "adjudicator", DecideExtension(granted=True)).refused(LimitReached)


def test_what_turns_out_a_petition_while_it_is_handled_has_the_time_of_the_law_from_then_on() -> None:
    petition = Reclassify(kind=Kind.PETITION, reason="it is one")
    story = assigned_to("V0101").step_by("03-04 09:00", "dispatcher", petition)
    assert (due(story, ClockKind.HOLD), due(story, ClockKind.STATUTORY)) == (at("03-07 00:00"), at("05-07 00:00"))
    risen = story.until("03-07 00:00").case
    assert (risen.unit, clock(risen, ClockKind.STATUTORY).unit) == ("T01", "T01")
    accepted = reported().step_by("03-03 10:00", "clerk:T01", Accept()).step_by("03-04 09:00", "dispatcher", petition)
    assert due(accepted, ClockKind.STATUTORY) == at("05-07 00:00")


def test_what_turns_out_a_petition_is_extended_by_the_law_and_its_hold_is_not() -> None:
    petition = assigned_to("V0101").step_by("03-04 09:00", "dispatcher", Reclassify(kind=Kind.PETITION, reason="so"))
    asked = petition.step_by("03-05 09:00", "head:V0101", RequestExtension(days=30, reason="so", petitioner_told=True))
    longer = asked.step_by("03-05 09:10", "head:V0101", DecideExtension(granted=True))
    assert (due(longer, ClockKind.HOLD), due(longer, ClockKind.STATUTORY)) == (at("03-07 00:00"), at("06-04 00:00"))


def test_a_report_that_turns_out_a_petition_is_owed_its_notice_from_the_report_on() -> None:
    story = reported().step_by("03-03 10:00", "clerk:T01", Reclassify(kind=Kind.PETITION, reason="it is one"))
    accepted = story.step_by("03-04 10:00", "clerk:T01", Accept())
    assert (due(accepted, ClockKind.NOTICE), due(accepted, ClockKind.STATUTORY)) == (
        at("03-19 00:00"),
        at("05-07 00:00"),
    )
    assert clock(accepted.case, ClockKind.NOTICE).started_at == at("03-03 09:00")


@pytest.mark.parametrize(
    ("field", "old", "new"),
    [
        (Field.TITLE, "T", "A broken pipe"),
        (Field.DESCRIPTION, "", "Behind the school"),
        (Field.CATEGORY, None, "water"),
        (Field.HOUSEHOLD, None, "HH-1"),
        (Field.VILLAGE, "V0101", "V0102"),
    ],
)
def test_a_correction_keeps_both_values(field: Field, old: str | None, new: str) -> None:
    story = reported().when("03-03 10:00", "clerk:T01", corrected(field, new)).then("case.entry_corrected")
    [entry] = story.case.corrections
    assert (entry.field, entry.old, entry.new) == (field, old, new)
    assert (reported().case.entry(field), story.case.entry(field)) == (old, new)
    assert story.case.report == reported().case.report, "what was said first is not rewritten"


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [({"category": "housing"}, Field.HOUSEHOLD, "HH-2"), ({"household": "HH-2"}, Field.CATEGORY, "housing")],
)
def test_what_proves_to_be_the_hard_matter_of_a_key_support_household_is_raised(
    said: dict[str, str], field: Field, value: str
) -> None:
    story = reported(**said).when("03-03 10:00", "clerk:T01", corrected(field, value))
    assert story.then("case.entry_corrected", "case.reclassified").case.grade is Grade.MAJOR
    assert story.then("case.entry_corrected", "case.reclassified").case.entry(field) == value
    reported(**said).when("03-03 10:00", "clerk:T01", corrected(Field.TITLE, "Roof")).then("case.entry_corrected")


def test_a_correction_of_a_correction_starts_from_it() -> None:
    story = reported().step_by("03-03 10:00", "clerk:T01", corrected(Field.TITLE, "Pipe"))
    story.when("03-03 10:05", "clerk:T01", corrected(Field.TITLE, "Pipe")).refused(Invalid)
    again = story.step_by("03-03 10:10", "clerk:T01", corrected(Field.TITLE, "T"))
    assert [(entry.old, entry.new) for entry in again.case.corrections] == [("T", "Pipe"), ("Pipe", "T")]


def test_correcting_the_village_brings_an_untriaged_report_to_its_town() -> None:
    story = given(Step("03-03 09:00", "citizen:1", report("V0101")))
    moved = story.step_by("03-03 10:00", "clerk:T01", corrected(Field.VILLAGE, "V0201"))
    assert (moved.case.village, moved.case.town, clock(moved.case, ClockKind.INTAKE).unit) == ("V0201", "T02", "T02")
    assert due(moved, ClockKind.INTAKE) == due(story, ClockKind.INTAKE)
    moved.when("03-03 11:00", "clerk:T02", Accept()).then("case.accepted")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Field.TITLE, "x" * 201),
        (Field.TITLE, " \u3000"),
        (Field.VILLAGE, "T01"),
        (Field.VILLAGE, "nowhere"),
        (Field.HOUSEHOLD, "HH-9"),
        (Field.OCCURRED_AT, "yesterday"),
        (Field.OCCURRED_AT, "2025-03-01T09:00:00"),
        (Field.OCCURRED_AT, "2003-12-31T09:00:00+08:00"),
        (Field.OCCURRED_AT, "2025-03-03T09:00:01+08:00"),
        (Field.OCCURRED_AT, "0001-01-01T00:00:00+14:00"),
    ],
)
def test_a_correction_says_what_could_have_been_reported(field: Field, value: str) -> None:
    reported().when("03-03 10:00", "clerk:T01", corrected(field, value)).refused(Invalid)


def test_a_village_of_those_it_is_about_is_not_named() -> None:
    story = given(Step("03-03 09:00", "citizen:1", report("V0101", subjects=("head:T02",))))
    story.when("03-03 10:00", "clerk:T01", corrected(Field.VILLAGE, "V0201")).refused(ConflictOfInterest)


SATURDAY = "2025-03-01T18:00:00+08:00"


def test_an_earlier_beginning_lengthens_the_citizens_time_and_moves_the_clocks_of_the_report() -> None:
    story = (
        reported().when("03-03 10:00", "clerk:T01", corrected(Field.OCCURRED_AT, SATURDAY)).then("case.entry_corrected")
    )
    intake = clock(story.case, ClockKind.INTAKE)
    assert {story.case.reported_at, intake.started_at, story.case.reporters[0].reported_at} == {at("03-01 18:00")}
    assert intake.due_at == at("03-04 00:00")


def test_a_clock_that_is_late_by_the_correction_lapses_at_once_and_not_before() -> None:
    earlier = corrected(Field.OCCURRED_AT, "2025-02-20T09:00:00+08:00")
    story = reported().step_by("03-03 10:00", "clerk:T01", earlier).until("03-03 10:00")
    assert (story.events()[-1], story.history[-1].at) == ("case.supervised", at("03-03 10:00"))


def test_a_clock_that_was_late_and_is_no_more_by_the_correction_may_be_late_again() -> None:
    late = reported(occurred_at=at("02-20 09:00")).until("03-03 09:30")
    assert late.events()[-1] == "case.supervised"
    corrected_to_later = corrected(Field.OCCURRED_AT, "2025-03-03T08:00:00+08:00")
    story = late.step_by("03-03 10:00", "clerk:T01", corrected_to_later).until("03-05 00:00")
    assert (story.events()[-1], story.history[-1].at) == ("case.supervised", at("03-05 00:00"))


def test_a_clock_that_is_later_still_by_the_correction_is_not_late_twice() -> None:
    late = reported(occurred_at=at("02-20 09:00")).until("03-03 09:30")
    earlier = corrected(Field.OCCURRED_AT, "2025-02-19T09:00:00+08:00")
    story = late.step_by("03-03 10:00", "clerk:T01", earlier).until("03-10 09:00")
    assert story.events().count("case.supervised") == 1


def test_a_correction_to_later_needs_a_second_person_too_and_never_passes_the_recording() -> None:
    late = reported(occurred_at=at("02-27 09:00"))
    story = late.step_by("03-03 10:00", "clerk:T01", corrected(Field.OCCURRED_AT, "2025-03-03T08:00:00+08:00"))
    assert due(story, ClockKind.INTAKE) == at("03-05 00:00")
    back = corrected(Field.OCCURRED_AT, "2025-02-27T09:00:00+08:00")
    story.when("03-03 10:05", "clerk:T01", back).refused(NotPermitted)
    same = corrected(Field.OCCURRED_AT, "2025-03-03T00:00:00+00:00")
    story.when("03-03 10:05", "dispatcher", same).refused(Invalid, "same as before")
    story.when("03-03 10:05", "dispatcher", back).then("case.entry_corrected")


def test_what_began_later_than_the_report_is_not_reckoned_from_it() -> None:
    upheld = given(
        Step("03-03 10:00", "dispatcher", Decline(reason=DeclineReason.UNLAWFUL)),
        Step("03-03 11:00", "person-of-case-1", ChallengeDecline(reason="it is not")),
        Step("03-12 09:00", "adjudicator", DecideChallenge(upheld=True)),
        story=reported(),
    )
    urgent = reported().step_by("03-03 09:20", "dispatcher", Accept(grade=Grade.URGENT))
    for story, moment in ((upheld, "03-12 10:00"), (urgent, "03-03 09:30")):
        dated = story.step_by(moment, "dispatcher", corrected(Field.OCCURRED_AT, SATURDAY))
        assert due(dated, ClockKind.INTAKE) == due(story, ClockKind.INTAKE)
        assert dated.case.reported_at == at("03-01 18:00")


@pytest.mark.parametrize("brought_by", [None, Petitioner(name="N")])
def test_who_wrote_it_down_does_not_correct_when_it_began(brought_by: Petitioner | None) -> None:
    own = given(Step("03-03 09:00", "clerk:T01", report("V0101", petitioner=brought_by)))
    own.when("03-03 10:00", "clerk:T01", corrected(Field.OCCURRED_AT, SATURDAY)).refused(NotPermitted)
    own.when("03-03 10:00", "clerk:T01", corrected(Field.TITLE, "Pipe")).then("case.entry_corrected")


def test_clocks_that_have_stopped_stay_as_they_were_judged() -> None:
    story = assigned_to("T01").step_by("03-03 12:00", "dispatcher", corrected(Field.OCCURRED_AT, SATURDAY))
    assert clock(story.case, ClockKind.INTAKE) == clock(assigned_to("T01").case, ClockKind.INTAKE)
    assert clock(story.case, ClockKind.INTAKE).state is ClockState.MET
    assert (story.case.reported_at, story.case.status) == (at("03-01 18:00"), Status.ASSIGNED)
