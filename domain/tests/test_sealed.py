"""A sealed case is held and decided only where it may be known: elsewhere it would lie unseen until its time was over."""

import pytest

from domain.case.clocks import ClockKind
from domain.case.gate import CaseCommand, sees
from domain.case.handling import Assign, Transfer
from domain.case.intake import Accept, Divert
from domain.case.joint import Convene, Task
from domain.case.review import DecideReview, RequestReview
from domain.case.subjects import AddSubject
from domain.case.terms import Confidentiality, Kind, Verdict
from domain.case.tiers import Remand
from domain.case.withdrawal import ConfirmWithdrawal, Withdraw
from domain.refusals import Invalid, NotPermitted
from domain.tests.road import RESOLVE, SOLVED, assigned_to, clock, report
from domain.tests.story import Step, Story, actor, at, given


def sealed_at(unit: str, kind: Kind = Kind.COMPLAINT) -> Story:
    return assigned_to(unit, kind=kind, confidentiality=Confidentiality.SEALED)


@pytest.mark.parametrize("unit", ["V0101", "T01", "T01-LAND", "D-TRANSPORT"])
def test_it_is_assigned_to_no_unit_that_could_not_see_it(unit: str) -> None:
    accepted = given(
        Step("03-03 09:00", "citizen:1", report(kind=Kind.ACCUSATION)), Step("03-03 09:10", "dispatcher", Accept())
    )
    accepted.when("03-03 09:30", "dispatcher", Assign(unit=unit)).refused(Invalid, "may not know")
    held = accepted.when("03-03 09:30", "dispatcher", Assign(unit="D-MASSWORK")).then("case.assigned")
    assert sees(held.case, held.act(actor("officer:D-MASSWORK"), at("03-03 10:00")))


@pytest.mark.parametrize(
    ("who", "command"),
    [
        ("adjudicator", Transfer(unit="D-TRANSPORT")),
        ("adjudicator", Remand(unit="T01", instructions="do it")),
        ("leader:D-MASSWORK", Convene(lead="D-MASSWORK", tasks=(Task(unit="T01", task="help"),))),
    ],
)
def test_nor_is_it_passed_on_to_one_sent_back_or_shared(who: str, command: CaseCommand) -> None:
    sealed_at("D-MASSWORK").when("03-04 09:00", who, command).refused(Invalid, "may not know")


def test_nor_does_it_come_to_its_town_when_those_it_waits_with_prove_concerned() -> None:
    waiting = given(Step("03-03 09:00", "citizen:1", report("V0101", confidentiality=Confidentiality.SEALED)))
    reporter = waiting.case.reporters[0].id
    about = waiting.step_by("03-03 10:00", reporter, AddSubject(official="dispatcher"))
    assert [clock(told.case, ClockKind.INTAKE).unit for told in (waiting, about)] == ["D-DISPATCH", "D-MASSWORK"]


def test_it_is_diverted_out_of_the_tiers_and_not_into_a_unit_below() -> None:
    accused = given(Step("03-03 09:00", "citizen:1", report(kind=Kind.ACCUSATION)))
    for unit in ("T01", "D-TRANSPORT"):
        accused.when("03-03 10:00", "adjudicator", Divert(to=unit, basis="law")).refused(Invalid, "may not know")
    for body in ("D-DISCIPLINE", "CITY-GOV"):
        accused.when("03-03 10:00", "adjudicator", Divert(to=body, basis="law")).then(
            "case.diverted", "case.notice_issued"
        )


@pytest.mark.parametrize("kind", [Kind.ACCUSATION, Kind.COMPLAINT])
def test_whatever_is_sealed_is_diverted_by_the_mass_work_department_alone(kind: Kind) -> None:
    brought = given(Step("03-03 09:00", "citizen:1", report(kind=kind, confidentiality=Confidentiality.SEALED)))
    away = Divert(to="D-DISCIPLINE", basis="law")
    brought.when("03-03 10:00", "dispatcher", away).refused(NotPermitted)
    brought.when("03-03 10:00", "officer:D-MASSWORK", away).then("case.diverted", "case.notice_issued")


def test_the_citizen_is_asked_by_those_of_the_initiated_who_did_not_handle_it() -> None:
    held = sealed_at("D-MASSWORK")
    [reporter] = held.case.reporters
    asked = held.step_by("03-03 10:00", reporter.id, Withdraw())
    assert asked.case.withdrawal_to == "D-DISCIPLINE"
    asked.when("03-03 11:00", "adjudicator", ConfirmWithdrawal(confirmed=True)).refused(NotPermitted)
    asked.when("03-03 11:00", "discipline", ConfirmWithdrawal(confirmed=True)).then("case.withdrawn")
    done = held.step_by("03-04 09:00", "officer:D-MASSWORK", RESOLVE)
    assert clock(done.case, ClockKind.CALL_BACK).unit == "D-DISCIPLINE"
    done.when("03-05 09:00", "officer:D-MASSWORK", SOLVED).refused(NotPermitted)
    done.when("03-05 09:00", "discipline", SOLVED).then("case.feedback_recorded", "case.closed")


def test_reviewers_who_may_not_know_of_it_leave_the_decision_to_the_mass_work_department() -> None:
    answered = sealed_at("D-MASSWORK", Kind.PETITION).step_by("03-04 09:00", "officer:D-MASSWORK", RESOLVE)
    reporter = answered.case.reporters[0].id
    asked = answered.step_by("03-05 09:00", reporter, RequestReview())
    asked.when("03-06 09:00", "adjudicator", DecideReview(decision=Verdict.UPHELD)).then("case.review_decided")
