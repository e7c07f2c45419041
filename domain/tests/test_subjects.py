"""A complaint never reaches the person complained about, his unit, or those under him."""

from dataclasses import replace
from datetime import date

import pytest

from domain.case.clocks import ClockKind, ClockState
from domain.case.gate import CaseCommand, sees
from domain.case.handling import Assign, Contact, Dispute, Start, Transfer
from domain.case.intake import Accept, Divert
from domain.case.joint import Convene, Task
from domain.case.oversight import TakeNote
from domain.case.reopening import Reopen
from domain.case.review import DecideReview, RequestReview
from domain.case.subjects import AddSubject, DeclareConflict, TakeAway
from domain.case.suspension import Suspend
from domain.case.terms import ContactOutcome, Exit, Ground, Kind, Status, SuspensionReason, Verdict
from domain.case.tiers import Escalate, Remand
from domain.case.timing import RequestInformation
from domain.case.withdrawal import Withdraw
from domain.org import Official, Post, Role, Tier
from domain.refusals import ConflictOfInterest, Invalid, NotFound
from domain.tests.road import RESOLVE, assigned_to, clock, due, report
from domain.tests.story import POSTS, Step, Story, actor, at, given

ASK = RequestInformation(items=("land certificate",), delivered="sms")


def about(*officials: str, village: str | None = "V0101", kind: Kind = Kind.COMPLAINT) -> Story:
    """A complaint, accepted by the dispatch centre."""
    return given(
        Step("03-03 09:00", "citizen:1", report(village, kind, subjects=officials)),
        Step("03-03 09:10", "dispatcher", Accept()),
    )


def blind(story: Story) -> set[str]:
    """The officials for whom the case does not exist."""
    moment = at("2025-03-10 09:00")
    return {who for who in POSTS if not sees(story.case, story.act(actor(who), moment))}


def test_of_a_complaint_about_a_village_cadre_the_town_is_the_lowest_tier() -> None:
    story = about("cadre:V0101")
    story.when("03-03 10:00", "dispatcher", Assign(unit="V0101")).refused(ConflictOfInterest)
    story.when("03-03 10:00", "dispatcher", Assign(unit="T01")).then("case.assigned")


@pytest.mark.parametrize("unit", ["T01", "T01-LAND", "V0101", "V0102"])
def test_of_a_complaint_about_a_town_head_the_district_is_the_only_tier(unit: str) -> None:
    story = about("head:T01", village=None)
    story.when("03-03 10:00", "dispatcher", Assign(unit=unit)).refused(ConflictOfInterest)
    story.when("03-03 10:00", "dispatcher", Assign(unit="D-TRANSPORT")).then("case.assigned")


def test_a_report_about_a_town_head_runs_on_no_clock_of_his_town() -> None:
    story = given(Step("03-03 09:00", "citizen:1", report("V0101", Kind.PETITION, subjects=("head:T01",))))
    assert {one.unit for one in story.case.clocks} == {"D-DISPATCH"}
    accepted = story.step_by("03-03 09:10", "dispatcher", Accept())
    assert clock(accepted.case, ClockKind.STATUTORY).unit == "D-DISPATCH"
    story.until("05-01 00:00")


def test_a_report_about_the_dispatch_centre_goes_to_the_mass_work_department() -> None:
    story = given(Step("03-03 09:00", "citizen:1", report(None, subjects=("dispatcher",))))
    assert [one.unit for one in story.case.clocks] == ["D-MASSWORK"]


def test_nobody_of_the_units_concerned_knows_of_the_case() -> None:
    theirs = {"head:T01", "leader:T01", "clerk:T01", "officer:T01-LAND", "head:V0101", "head:V0102", "cadre:V0101"}
    assert theirs <= blind(about("head:T01"))
    assert "auditor" not in blind(about("head:T01"))


@pytest.mark.parametrize(
    "command",
    [
        Transfer(unit="T01"),
        Escalate(unit="T01", ground=Ground.BEYOND_POWERS, tried=("all",)),
        Dispute(ground="not mine", evidence=(), suggested_unit="T01"),
        Convene(lead="T02", tasks=(Task(unit="T01", task="help"),)),
    ],
)
def test_no_command_names_a_unit_that_may_not_know_of_it(command: CaseCommand) -> None:
    held = about("head:T01", village=None).step_by("03-03 10:00", "dispatcher", Assign(unit="T02"))
    held.when("03-03 11:00", "head:T02", command).refused(ConflictOfInterest)


def test_neither_remanding_nor_diverting_reaches_them() -> None:
    held = about("head:T01", village=None).step_by("03-03 10:00", "dispatcher", Assign(unit="D-TRANSPORT"))
    back = Remand(unit="T01", instructions="do it")
    held.when("03-03 11:00", "adjudicator", back).refused(ConflictOfInterest)
    about("discipline").when("03-03 11:00", "dispatcher", Divert(to="D-DISCIPLINE", basis="b")).refused(
        ConflictOfInterest
    )


def test_rising_by_itself_it_passes_over_the_town_concerned() -> None:
    village = about("clerk:T02", village="V0101").step_by("03-03 10:00", "dispatcher", Assign(unit="V0101"))
    later = village.step_by("03-04 09:00", "follow-up", AddSubject(official="clerk:T01"))
    assert [(stay.tier, stay.unit) for stay in later.case.stays] == [
        (Tier.VILLAGE, "V0101"),
        (Tier.DISTRICT, "D-MASSWORK"),
    ]
    office = about("officer:T01-LAND").step_by("03-03 10:00", "dispatcher", Assign(unit="V0101")).until("03-08 00:00")
    assert office.case.unit == "T01", "an office taints itself, not its town"


def test_when_the_current_unit_proves_concerned_the_case_is_taken_away_in_the_same_breath() -> None:
    held = assigned_to("T01")
    story = held.when("03-04 09:00", "citizen:1", AddSubject(official="head:T01")).then(
        "case.subject_added", "case.assigned"
    )
    town, district = story.case.stays
    assert (town.exit, town.left_at, district.entered_at) == (Exit.REASSIGNED, at("03-04 09:00"), at("03-04 09:00"))
    assert (district.unit, district.accountable) == ("D-MASSWORK", "leader:D-MASSWORK")
    assert (story.history[-1].by, story.case.status) == ("system", Status.ASSIGNED)
    assert [one.unit for one in story.case.clocks if one.running] == ["D-MASSWORK"] * 3
    assert clock(story.case, ClockKind.HOLD, "T01").state is ClockState.LEFT


def test_what_the_leader_concerned_put_on_the_pending_list_is_taken_off_it_by_another_unit() -> None:
    put_off = Suspend(reason=SuspensionReason.SEASON, plan="in summer", review_by=date(2025, 5, 9))
    pending = assigned_to("D-TRANSPORT", kind=Kind.PETITION).step_by("03-10 09:00", "leader:D-TRANSPORT", put_off)
    about_him = AddSubject(official="leader:D-TRANSPORT")
    story = pending.when("03-11 09:00", "citizen:1", about_him).then("case.subject_added", "case.reactivated")
    assert (story.case.status, story.case.unit) == (Status.IN_PROGRESS, "D-MASSWORK")
    assert clock(story.case, ClockKind.STATUTORY).unit == "D-MASSWORK"


def test_the_access_of_those_concerned_is_gone_at_once() -> None:
    story = assigned_to("T01").step_by("03-04 09:00", "citizen:1", AddSubject(official="head:T01"))
    for who in ("head:T01", "clerk:T01", "officer:T01-LAND", "head:V0101"):
        story.when("03-04 09:00", who, TakeNote(text="?")).refused(NotFound)
    assert {"head:T01", "clerk:T01", "head:V0101"} <= blind(story)


def test_who_declares_his_own_interest_hands_the_case_over_by_it() -> None:
    story = assigned_to("V0101").when("03-04 09:00", "head:V0101", DeclareConflict(official="head:V0101"))
    assert story.then("case.conflict_declared", "case.assigned").case.unit == "T01"


def test_a_subject_elsewhere_moves_nothing() -> None:
    before = assigned_to("T01")
    after = before.when("03-04 09:00", "citizen:1", AddSubject(official="head:T02")).then("case.subject_added")
    assert (after.case.clocks, after.case.stays) == (before.case.clocks, before.case.stays)


def test_a_report_nobody_has_yet_passes_to_another_desk() -> None:
    waiting = given(Step("03-03 09:00", "citizen:1", report("V0101", Kind.PETITION)))
    story = waiting.when("03-03 10:00", "citizen:1", AddSubject(official="clerk:T01")).then("case.subject_added")
    assert {one.unit for one in story.case.clocks} == {"D-DISPATCH"}
    assert [one.due_at for one in story.case.clocks] == [one.due_at for one in waiting.case.clocks]


def test_a_unit_with_a_task_loses_it_when_it_proves_concerned() -> None:
    plan = Convene(lead="T01", tasks=(Task(unit="T02", task="Dig"), Task(unit="D-TRANSPORT", task="Pay")))
    story = assigned_to("T01").step_by("03-04 09:00", "head:T01", plan)
    after = story.when("03-04 10:00", "citizen:1", AddSubject(official="head:T02")).then("case.subject_added")
    assert [given_task.unit for given_task in after.case.tasks] == ["D-TRANSPORT"]
    assert clock(after.case, ClockKind.TASK, "T02").state is ClockState.LEFT
    assert clock(after.case, ClockKind.TASK, "D-TRANSPORT").running


def test_where_nobody_above_may_know_of_it_somebody_is_called_to_account() -> None:
    held = assigned_to("D-MASSWORK")
    story = held.when("03-04 09:00", "citizen:1", AddSubject(official="adjudicator"))
    assert story.then("case.subject_added", "case.supervised").case.stays == held.case.stays
    risen = about("officer:D-MASSWORK").step_by("03-03 10:00", "dispatcher", Assign(unit="T01")).until("04-10 00:00")
    assert (risen.case.unit, risen.events()[-1]) == ("T01", "case.supervised")


def test_it_is_not_reopened_at_a_unit_that_proved_concerned() -> None:
    resolved = assigned_to("T01").step_by("03-04 09:00", "head:T01", RESOLVE)
    told = resolved.step_by("03-05 09:00", "citizen:1", AddSubject(official="clerk:T01"))
    story = told.when("03-05 10:00", "adjudicator", Reopen(reason="it is about the town")).then("case.reopened")
    assert story.case.unit == "D-MASSWORK"


@pytest.mark.parametrize("command", [AddSubject, DeclareConflict])
def test_only_officials_are_named_and_only_once(command: type[AddSubject]) -> None:
    assigned_to("T01").when("03-04 09:00", "citizen:1", command(official="nobody")).refused(Invalid)
    told = assigned_to("T01").step_by("03-04 09:00", "citizen:1", command(official="head:T02"))
    told.when("03-04 10:00", "citizen:1", command(official="head:T02")).refused(Invalid)


def test_a_petition_taken_away_keeps_its_statutory_clock_with_the_new_holder() -> None:
    petition = assigned_to("T01", kind=Kind.PETITION)
    story = petition.step_by("03-04 09:00", "citizen:1", AddSubject(official="head:T01"))
    statutory = clock(story.case, ClockKind.STATUTORY)
    assert (statutory.unit, statutory.due_at) == ("D-MASSWORK", clock(petition.case, ClockKind.STATUTORY).due_at)


def test_a_petition_taken_away_while_the_citizen_is_waited_for_runs_on() -> None:
    asked = assigned_to("T01", kind=Kind.PETITION).step_by("03-10 09:00", "head:T01", ASK)
    story = asked.step_by("03-24 09:00", "citizen:1", AddSubject(official="head:T01"))
    assert story.case.status is Status.ASSIGNED
    assert due(story, ClockKind.STATUTORY, "D-MASSWORK") == at("05-16 00:00"), "60 days and 13 whole days of waiting"
    assert story.until("05-16 00:00").events()[-1] == "case.supervised"


def test_the_new_unit_works_on_it_like_on_any_other() -> None:
    story = assigned_to("T01").step_by("03-04 09:00", "citizen:1", AddSubject(official="head:T01"))
    given(
        Step("03-04 10:00", "officer:D-MASSWORK", Start()),
        Step("03-04 11:00", "officer:D-MASSWORK", Contact(outcome=ContactOutcome.REACHED)),
        Step("03-04 12:00", "officer:D-MASSWORK", RESOLVE),
        story=story,
    )


def comes_to(unit: str, who: str, story: Story) -> Story:
    """On Wednesday 5 March he takes another post."""
    come = Official(id=who, name=who, posts=(Post(unit=unit, role=Role.TOWN_HEAD, since=date(2025, 3, 5)),))
    return replace(story, org=replace(story.org, officials={**story.org.officials, who: come}))


@pytest.mark.parametrize(("unit", "events"), [("T01", ["case.assigned"]), ("D-MASSWORK", [])])
def test_a_unit_to_which_he_has_come_keeps_no_case_about_him_where_another_may_have_it(
    unit: str, events: list[str]
) -> None:
    held = about("head:T02").step_by("03-03 10:00", "dispatcher", Assign(unit=unit))
    moved = comes_to(unit, "head:T02", held)
    moved.when("03-04 23:59", "system", TakeAway()).then()
    taken = moved.when("03-05 00:00", "system", TakeAway()).then(*events)
    assert taken.case.unit == "D-MASSWORK"
    taken.when("03-05 00:00", "system", TakeAway()).then()


def test_nor_does_it_keep_what_it_had_to_decide_about_him() -> None:
    petition = about("head:T02", kind=Kind.PETITION).step_by("03-03 10:00", "dispatcher", Assign(unit="T01"))
    answered = petition.step_by("03-03 11:00", "head:T01", RESOLVE)
    moved = comes_to("D-GOV", "head:T02", answered.step_by("03-04 09:00", "citizen:1", RequestReview()))
    moved.when("03-05 09:00", "reviewer", DecideReview(decision=Verdict.UPHELD)).refused(NotFound)
    taken = moved.when("03-05 00:00", "system", TakeAway()).then("case.conflict_declared")
    assert clock(taken.case, ClockKind.REVIEW_DECISION).unit == "D-MASSWORK"
    taken.when("03-05 00:00", "system", TakeAway()).then()
    taken.when("03-05 09:00", "adjudicator", DecideReview(decision=Verdict.UPHELD)).then("case.review_decided")


def test_nor_a_task_nor_a_withdrawal_to_confirm() -> None:
    held = about("head:T02").step_by("03-03 10:00", "dispatcher", Assign(unit="T01"))
    plan = Convene(lead="T01", tasks=(Task(unit="D-TRANSPORT", task="Pay"),))
    tasked = comes_to("D-TRANSPORT", "head:T02", held.step_by("03-04 09:00", "head:T01", plan))
    relieved = tasked.when("03-05 00:00", "system", TakeAway()).then("case.conflict_declared")
    assert (clock(relieved.case, ClockKind.TASK).state, relieved.case.tasks) == (ClockState.LEFT, ())
    asked = comes_to("D-FOLLOWUP", "head:T02", held.step_by("03-04 09:00", "citizen:1", Withdraw()))
    passed = asked.when("03-05 00:00", "system", TakeAway()).then("case.conflict_declared")
    assert passed.case.withdrawal_to == "D-MASSWORK"
    for story in (relieved, passed):
        story.when("03-05 00:00", "system", TakeAway()).then()


def test_a_report_that_nobody_has_yet_is_seen_to_by_another_unit_when_he_comes_to_the_one_that_should() -> None:
    moved = comes_to(
        "T01", "head:T02", given(Step("03-04 16:00", "citizen:1", report("V0101", subjects=("head:T02",))))
    )
    taken = moved.when("03-05 00:00", "system", TakeAway()).then("case.conflict_declared")
    assert clock(taken.case, ClockKind.INTAKE).unit == "D-DISPATCH"
