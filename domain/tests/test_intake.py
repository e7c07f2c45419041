"""How a case begins: reporting, accepting, declining and its challenge, diverting."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.case.clocks import ClockKind, ClockState
from domain.case.correction import Correct, Field
from domain.case.gate import sees
from domain.case.handling import Assign
from domain.case.intake import Accept, ChallengeDecline, DecideChallenge, Decline, Divert, RecordOutcome
from domain.case.reopening import Reopen
from domain.case.reporting import Report
from domain.case.state import Case
from domain.case.terms import Confidentiality, DeclineReason, Grade, Kind, Petitioner, Status
from domain.decider import Actor
from domain.org import Post, Role, Unit, UnitKind
from domain.refusals import Invalid, LimitReached, NotPermitted, WrongStatus
from domain.tests.hanbin import limited
from domain.tests.road import clock, due, report
from domain.tests.story import ORG, Step, Story, actor, at, given

NO = Decline(reason=DeclineReason.NOT_GOVERNMENT, where_to="the court")
SOMEONE = Petitioner(name="N", phone="000")


def reported(kind: Kind = Kind.REQUEST, village: str | None = "V0101", **fields: object) -> Story:
    return given(Step("03-03 09:00", "citizen:1", report(village, kind, **fields)))


@pytest.mark.parametrize(
    ("kind", "grade", "until"),
    [
        (Kind.REQUEST, Grade.ORDINARY, "03-05 00:00"),
        (Kind.REQUEST, Grade.MAJOR, "03-05 00:00"),
        (Kind.REQUEST, Grade.URGENT, "03-03 09:30"),
        (Kind.PETITION, Grade.URGENT, "03-19 00:00"),
    ],
)
def test_a_report_waits_for_triage_in_its_town(kind: Kind, grade: Grade, until: str) -> None:
    intake = clock(reported(kind, grade=grade).case, ClockKind.INTAKE)
    assert (intake.unit, intake.due_at) == ("T01", at(until))


def test_a_report_without_a_village_waits_in_the_dispatch_centre() -> None:
    assert clock(reported(village=None).case, ClockKind.INTAKE).unit == "D-DISPATCH"


def test_a_village_known_only_from_the_log_of_another_system_lies_in_no_town_and_is_refused() -> None:
    village = Unit(id="G1", name="Group 1", kind=UnitKind.VILLAGE)
    story = replace(given(), org=replace(ORG, units={**ORG.units, village.id: village}))
    story.when("03-03 09:00", "citizen:1", report(village.id)).refused(Invalid)


@pytest.mark.parametrize("village", ["V0101", None])
def test_what_is_sealed_waits_where_it_may_be_known_and_not_in_its_town(village: str | None) -> None:
    assert clock(reported(Kind.ACCUSATION, village=village).case, ClockKind.INTAKE).unit == "D-DISPATCH"


@pytest.mark.parametrize("kind", [Kind.PETITION, Kind.ACCUSATION])
def test_petitions_and_accusations_are_owed_a_notice_within_15_days(kind: Kind) -> None:
    assert due(reported(kind), ClockKind.NOTICE) == at("03-19 00:00")


def test_an_accusation_is_sealed_whether_one_asks_for_it_or_not() -> None:
    assert reported(Kind.ACCUSATION).case.confidentiality is Confidentiality.SEALED
    given().when(
        "03-03 09:00", "citizen:1", report(kind=Kind.ACCUSATION, confidentiality=Confidentiality.OPEN)
    ).refused(Invalid)


def test_what_an_official_collects_is_the_citizens_report_and_his_collection() -> None:
    story = given(Step("03-03 09:00", "cadre:V0101", report("V0101", petitioner=SOMEONE)))
    assert story.case.report is not None
    assert (story.case.reporters[0].id, story.case.report.collector) == ("person-of-case-1", "cadre:V0101")
    assert story.case.report.petitioner is not None
    assert story.history[0].by == "cadre:V0101"


def test_who_brings_his_own_matter_and_says_his_name_has_it_under_his_own_account() -> None:
    own = given(Step("03-03 09:00", "citizen:1", report("V0101", petitioner=SOMEONE)))
    assert sees(own.case, own.act(actor("citizen:1"), at("03-03 10:00")))


@pytest.mark.parametrize("confidentiality", [Confidentiality.ANONYMOUS, Confidentiality.SEALED])
@pytest.mark.parametrize("subjects", [(), ("head:V0101",)])
def test_who_reports_without_a_name_leaves_none_behind(
    confidentiality: Confidentiality, subjects: tuple[str, ...]
) -> None:
    story = reported(confidentiality=confidentiality, subjects=subjects)
    assert "citizen:1" not in repr(story.case)
    assert "citizen:1" not in repr(story.history)


def test_a_report_whose_village_is_known_only_when_it_is_accepted_waits_in_its_town() -> None:
    accepted = reported(village=None).step_by("03-03 10:00", "clerk:T01", Accept(village="V0101", grade=Grade.URGENT))
    intake = clock(accepted.case, ClockKind.INTAKE)
    assert (accepted.case.town, intake.unit, intake.due_at) == ("T01", "T01", at("03-03 10:30"))
    petition = reported(village=None).step_by("03-03 10:00", "dispatcher", Accept(village="V0101", kind=Kind.PETITION))
    waiting = {each.unit for each in petition.case.clocks}
    assert waiting == {"T01"}, "intake, notice and the sixty days"


def test_the_notice_goes_with_the_village_but_for_an_accusation() -> None:
    elsewhere = Correct(field=Field.VILLAGE, value="V0201", reason="misheard")
    for command in (Accept(village="V0201"), elsewhere):
        petition = reported(Kind.PETITION).step_by("03-03 10:00", "dispatcher", command)
        assert {each.unit for each in petition.case.clocks} == {"T02"}
    accusation = reported(Kind.ACCUSATION).step_by("03-03 10:00", "dispatcher", elsewhere)
    assert clock(accusation.case, ClockKind.NOTICE).unit == "D-MASSWORK"


@pytest.mark.parametrize("told", [{"confidentiality": Confidentiality.ANONYMOUS}, {"proxy": True}])
def test_who_takes_down_an_anonymous_report_or_one_for_somebody_else_did_not_bring_it(told: dict[str, Any]) -> None:
    story = given(Step("03-03 09:00", "clerk:T01", report("V0101", **told)))
    assert story.case.report is not None
    assert (story.case.reporters[0].id, story.case.report.collector) == ("reporter:receipt-of-c", "clerk:T01")
    assert story.history[0].by == "clerk:T01"


@pytest.mark.parametrize("confidentiality", [Confidentiality.OPEN, Confidentiality.SEALED])
def test_a_system_that_passes_on_what_others_told_it_brought_nothing_itself(confidentiality: Confidentiality) -> None:
    gateway = Actor(id="key:1", posts=(Post(unit="", role=Role.INTEGRATOR, since=date(2020, 1, 1)),))
    act = Story().act(gateway, at("03-03 09:00"))
    case = Story().decided(report("V0101", confidentiality=confidentiality), act).case
    assert case.reporters[0].id == "reporter:receipt-of-c"
    assert sees(case, act) is (confidentiality is Confidentiality.OPEN)


@pytest.mark.parametrize(
    "command",
    [
        report("T01"),
        report("nowhere"),
        report(occurred_at=at("03-03 09:01")),
        Report(title=" \u3000\n", kind=Kind.REQUEST),
        report(occurred_at=datetime(2003, 12, 31, tzinfo=UTC)),
        report(subjects=("nobody",)),
        report(confidentiality=Confidentiality.ANONYMOUS, petitioner=SOMEONE),
    ],
)
def test_a_report_says_only_what_can_be(command: Report) -> None:
    given().when("03-03 09:00", "citizen:1", command).refused(Invalid)


def test_its_number_bears_the_year_of_the_districts_day() -> None:
    new_year = given(Step("2026-01-01 07:59", "citizen:1", report()))
    assert new_year.case.number.startswith("2026-")
    assert given(Step("2025-12-31 23:59", "citizen:1", report())).case.number.startswith("2025-")


def test_a_number_given_before_that_was_written_down_stays_as_it_is() -> None:
    told = given(Step("2026-01-01 07:59", "citizen:1", report())).history[0]
    earlier = replace(told, event=replace(told.event, year=None))
    assert Case(id="case-1").evolve(earlier).number.startswith("2025-")


def test_a_case_is_reported_once() -> None:
    reported().when("03-03 10:00", "citizen:1", report()).refused(WrongStatus)


def test_the_clerk_of_the_town_or_the_dispatcher_accepts_and_no_other_clerk() -> None:
    for who in ("clerk:T01", "dispatcher"):
        reported().when("03-03 10:00", who, Accept()).then("case.accepted")
    reported(village=None).when("03-03 10:00", "clerk:T02", Accept()).then("case.accepted")


def test_accepting_a_petition_starts_its_60_days_and_a_written_notice_is_the_notice() -> None:
    story = reported(Kind.PETITION).when("03-04 10:00", "clerk:T01", Accept(written_notice=True)).then("case.accepted")
    assert due(story, ClockKind.STATUTORY) == at("05-07 00:00"), "60 days end on Saturday 3 May, in the holidays"
    assert clock(story.case, ClockKind.NOTICE).state is ClockState.MET


def test_without_a_written_notice_the_notice_stays_owed_until_the_answer() -> None:
    accepted = reported(Kind.PETITION).step_by("03-04 10:00", "clerk:T01", Accept())
    assert clock(accepted.case, ClockKind.NOTICE).running
    assert accepted.until("03-19 00:00").events()[-1] == "case.supervised"


def test_a_petition_accepted_as_something_else_owes_no_notice() -> None:
    story = reported(Kind.PETITION).step_by("03-04 10:00", "clerk:T01", Accept(kind=Kind.INQUIRY))
    assert clock(story.case, ClockKind.NOTICE).state is ClockState.LEFT
    assert ClockKind.STATUTORY not in {one.kind for one in story.case.clocks}


def test_nothing_is_accepted_as_an_accusation_that_was_not_reported_as_one() -> None:
    accept = Accept(kind=Kind.ACCUSATION)
    reported().when("03-03 10:00", "clerk:T01", accept).refused(Invalid)
    sealed = reported(confidentiality=Confidentiality.SEALED)
    sealed.when("03-03 10:00", "adjudicator", accept).then("case.accepted")


def test_only_a_unit_of_the_area_gets_the_case_unless_a_reason_is_given() -> None:
    accepted = reported().step_by("03-03 10:00", "dispatcher", Accept())
    for unit in ("V0101", "T01", "T01-LAND", "D-TRANSPORT"):
        accepted.when("03-03 11:00", "dispatcher", Assign(unit=unit)).then("case.assigned")
    for unit in ("V0102", "T02", "V0201"):
        accepted.when("03-03 11:00", "dispatcher", Assign(unit=unit)).refused(Invalid)
        closer = accepted.when("03-03 11:00", "dispatcher", Assign(unit=unit, override_reason="closer"))
        assert closer.then("case.assigned").history[-1].event.override_reason == "closer"
    for unit in ("nobody", "D-DISCIPLINE"):
        accepted.when("03-03 11:00", "dispatcher", Assign(unit=unit, override_reason="so")).refused(Invalid)


def test_assigning_ends_the_triage() -> None:
    story = given(
        Step("03-03 10:00", "clerk:T01", Accept()),
        Step("03-03 11:00", "clerk:T01", Assign(unit="T01")),
        story=reported(),
    )
    assert clock(story.case, ClockKind.INTAKE).state is ClockState.MET
    assert story.case.stays[0].by_unit == "T01"


def test_declining_says_why_and_tells_the_reporter() -> None:
    story = reported(Kind.PETITION).when("03-03 10:00", "dispatcher", NO).then("case.declined", "case.notice_issued")
    assert {str(one.kind): one.state for one in story.case.clocks} == {
        "intake": ClockState.MET,
        "notice": ClockState.MET,
    }
    assert story.case.status is Status.DECLINED


def test_a_refusal_is_challenged_once_and_decided_by_the_adjudicator() -> None:
    challenged = given(
        Step("03-03 10:00", "dispatcher", NO),
        Step("03-03 11:00", "citizen:1", ChallengeDecline(reason="it is")),
        story=reported(),
    )
    challenged.when("03-03 12:00", "dispatcher", DecideChallenge(upheld=True)).refused(NotPermitted)
    challenged.when("03-03 12:00", "adjudicator", DecideChallenge(upheld=False)).refused(Invalid)
    no = DecideChallenge(upheld=False, reason="it is a private matter")
    rejected = challenged.when("03-03 12:00", "adjudicator", no).then("case.challenge_rejected")
    assert rejected.case.status is Status.DECLINED
    rejected.when("03-03 13:00", "citizen:1", ChallengeDecline(reason="it is")).refused(LimitReached)
    twice = replace(rejected, rules=limited(decline_challenges=2))
    twice.when("03-03 13:00", "citizen:1", ChallengeDecline(reason="it is")).then("case.decline_challenged")
    rejected.when("03-03 13:00", "adjudicator", DecideChallenge(upheld=True)).refused(WrongStatus)


def test_what_was_declined_wrongly_is_declined_again_only_by_a_second_person() -> None:
    again = given(
        Step("03-03 10:00", "dispatcher", NO),
        Step("03-03 11:00", "citizen:1", ChallengeDecline(reason="it is")),
        Step("03-03 12:00", "adjudicator", DecideChallenge(upheld=True)),
        story=reported(),
    )
    again.when("03-03 13:00", "dispatcher", NO).refused(NotPermitted)
    again.when("03-03 13:00", "clerk:D-DISPATCH", NO).then("case.declined", "case.notice_issued")


def test_accusations_are_diverted_by_the_mass_work_department_alone() -> None:
    to = Divert(to="D-DISCIPLINE", basis="law")
    reported(Kind.ACCUSATION, village=None).when("03-03 10:00", "dispatcher", to).refused(NotPermitted)
    reported().when("03-03 10:00", "dispatcher", to).then("case.diverted", "case.notice_issued")
    diverted = reported(Kind.ACCUSATION, village=None).when("03-03 10:00", "officer:D-MASSWORK", to)
    assert diverted.then("case.diverted", "case.notice_issued").case.stays == ()
    reported().when("03-03 10:00", "dispatcher", Divert(to="nobody", basis="law")).refused(Invalid)


def test_a_petition_that_is_diverted_was_told_of_it_and_not_answered() -> None:
    accepted = reported(Kind.PETITION).step_by("03-04 09:00", "clerk:T01", Accept())
    diverted = accepted.step_by("03-05 09:00", "dispatcher", Divert(to="D-DISCIPLINE", basis="law")).case
    assert clock(diverted, ClockKind.NOTICE).state is ClockState.MET
    assert clock(diverted, ClockKind.STATUTORY).state is ClockState.LEFT


def test_the_body_it_went_to_tells_what_became_of_it() -> None:
    diverted = reported().step_by("03-03 10:00", "dispatcher", Divert(to="D-DISCIPLINE", basis="law"))
    told = RecordOutcome(outcome="handled", visible_to_reporter=False)
    diverted.when("03-05 10:00", "dispatcher", told).refused(NotPermitted)
    closed = diverted.when("03-05 10:00", "discipline", told).then("case.external_outcome_recorded", "case.closed")
    assert closed.history[-1].event.reason == "diverted_outcome_recorded"
    closed.when("03-06 09:00", "adjudicator", Reopen(reason="it is not handled")).refused(
        Invalid, "never was in a tier"
    )
