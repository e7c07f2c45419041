"""Two reports that became one case part again: each stands where it stood, with the time it had."""

from dataclasses import replace
from datetime import date

import pytest

from domain.case.clocks import ClockKind
from domain.case.correction import Reclassify
from domain.case.handling import Assign, Start
from domain.case.intake import Accept
from domain.case.joint import Convene, Task
from domain.case.subjects import AddSubject
from domain.case.suspension import Suspend
from domain.case.terms import Grade, Kind, Status, SuspensionReason
from domain.case.timing import ProvideInformation, RequestInformation
from domain.refusals import AlreadyFinalised, NotPermitted, WrongStatus
from domain.tests.road import RESOLVE, SOLVED, assigned_to, clock
from domain.tests.story import Step, Story, at, given
from domain.tests.test_joining import JOIN, PART, joined, primary, second


def test_what_was_merged_from_the_pending_list_stands_there_again_when_it_stands_alone() -> None:
    put_off = Suspend(reason=SuspensionReason.SEASON, plan="in summer", review_by=date(2025, 5, 9))
    pending = given(
        Step("03-04 11:00", "dispatcher", Accept()),
        Step("03-04 12:00", "dispatcher", Assign(unit="D-TRANSPORT")),
        Step("03-05 10:00", "leader:D-TRANSPORT", put_off),
        story=second(),
    )
    apart = pending.step_by("03-06 10:00", "dispatcher", JOIN).step_by("03-07 10:00", "dispatcher", PART)
    for told in (pending, apart):
        assert (told.case.status, told.case.next_deadline) == (Status.SUSPENDED, at("05-10 00:00"))
    assert (apart.case.stays, apart.case.suspension) == (pending.case.stays, pending.case.suspension)


def test_nothing_parts_from_a_finalised_case() -> None:
    story = joined()
    first = story.others["case-1"]
    finalised = replace(first, case=replace(first.case, status=Status.FINALISED))
    replace(story, others={"case-1": finalised}).when("03-04 15:00", "clerk:T01", PART).refused(AlreadyFinalised)


def test_unmerging_restores_status_stay_and_clocks_as_they_were() -> None:
    before = given(
        Step("03-04 10:10", "clerk:T01", Accept()),
        Step("03-04 10:20", "clerk:T01", Assign(unit="V0101")),
        Step("03-04 10:30", "head:V0101", Start()),
        Step("03-04 10:40", "head:T01", Convene(lead="V0101", tasks=(Task(unit="T02", task="Dig"),))),
        story=second(),
    )
    merged = before.step_by("03-04 11:00", "clerk:T01", JOIN)
    after = merged.when("03-04 15:00", "clerk:T01", PART).then("case.unmerged")
    assert (after.case.status, after.case.stays, after.case.clocks) == (
        Status.IN_PROGRESS,
        before.case.stays,
        before.case.clocks,
    )
    assert after.case.next_deadline == before.case.next_deadline
    first = primary(after)
    assert ([one.id for one in first.case.reporters], first.case.reports) == (["citizen:1"], 1)


def test_a_clock_that_ran_out_meanwhile_lapses_at_once_and_not_before() -> None:
    before = given(
        Step("03-04 10:10", "clerk:T01", Accept()),
        Step("03-04 10:20", "clerk:T01", Assign(unit="V0101")),
        story=second(),
    )
    story = before.step_by("03-04 11:00", "clerk:T01", JOIN).step_by("03-20 09:00", "clerk:T01", PART)
    assert clock(story.case, ClockKind.HOLD).due_at == at("03-08 00:00")
    late = story.until("03-20 09:00")
    assert (late.events()[-1], late.history[-1].at) == ("case.escalated", at("03-20 09:00"))


def test_a_wait_for_the_citizen_goes_on_after_unmerging() -> None:
    waiting = given(
        Step("03-04 10:10", "clerk:T01", Accept()),
        Step("03-04 10:20", "clerk:T01", Assign(unit="V0101")),
        Step("03-04 10:30", "head:V0101", RequestInformation(items=("deed",), delivered="sms")),
        story=second(),
    )
    apart = waiting.step_by("03-05 09:00", "clerk:T01", JOIN).step_by("03-07 09:00", "clerk:T01", PART)
    assert apart.case.status is Status.AWAITING_INFORMATION
    assert apart.case.clocks == waiting.case.clocks
    on = apart.step_by("03-10 09:00", "citizen:2", ProvideInformation())
    assert clock(on.case, ClockKind.HOLD).due_at == at("03-13 00:00"), "3 working days from the 4th, three left out"


def test_a_wait_that_ended_when_it_proved_urgent_stays_over_after_unmerging() -> None:
    waiting = given(
        Step("03-04 10:10", "clerk:T01", Accept()),
        Step("03-04 10:20", "clerk:T01", Assign(unit="V0101")),
        Step("03-04 10:30", "head:V0101", RequestInformation(items=("deed",), delivered="sms")),
        Step("03-04 10:40", "clerk:T01", Reclassify(grade=Grade.URGENT, reason="smoke")),
        story=second(),
    )
    apart = waiting.step_by("03-04 11:00", "clerk:T01", JOIN).step_by("03-04 12:00", "clerk:T01", PART)
    assert apart.case.stays == waiting.case.stays


def test_who_came_with_two_reports_stays_when_one_of_them_leaves() -> None:
    twice = joined()
    twice = second(twice, by="citizen:2", case="case-3").step_by("03-04 12:00", "clerk:T01", JOIN)
    apart = twice.turn_to("case-2").step_by("03-04 13:00", "clerk:T01", PART)
    assert ([one.id for one in primary(apart).case.reporters], primary(apart).case.reports) == (
        ["citizen:1", "citizen:2"],
        2,
    )


@pytest.mark.parametrize(("kind", "then"), [(Kind.REQUEST, Status.CLOSED), (Kind.PETITION, Status.RESOLVED)])
def test_when_the_last_one_who_has_not_answered_leaves_it_closes_but_a_petition_waits_for_its_window(
    kind: Kind, then: Status
) -> None:
    two = second(assigned_to("V0101", village="V0101", kind=kind)).step_by("03-04 11:00", "clerk:T01", JOIN)
    heard = given(
        Step("03-04 12:00", "head:V0101", RESOLVE), Step("03-05 09:00", "citizen:1", SOLVED), story=primary(two)
    )
    assert heard.case.status is Status.RESOLVED
    apart = heard.turn_to("case-2").step_by("03-05 10:00", "clerk:T01", PART)
    assert primary(apart).case.status is then


@pytest.mark.parametrize("who", ["head:T01", "citizen:2", "follow-up"])
def test_only_those_who_merge_unmerge(who: str) -> None:
    joined().when("03-04 15:00", who, PART).refused(NotPermitted)


def test_only_what_is_merged_is_unmerged() -> None:
    second().when("03-04 15:00", "clerk:T01", PART).refused(WrongStatus)


def joined_at_work() -> Story:
    """The first report; the second was joined to it while a village led and another town had a task."""
    before = given(
        Step("03-04 10:10", "clerk:T01", Accept()),
        Step("03-04 10:20", "clerk:T01", Assign(unit="V0101")),
        Step("03-04 10:30", "head:T01", Convene(lead="V0101", tasks=(Task(unit="T02", task="Dig"),))),
        story=second(),
    )
    return primary(before.step_by("03-04 11:00", "clerk:T01", JOIN))


def test_a_report_about_somebody_does_not_come_back_to_him_when_it_stands_alone_again() -> None:
    first = joined_at_work()
    for official in ("head:V0101", "head:T02"):
        first = first.step_by("03-04 12:00", "citizen:2", AddSubject(official=official))
    apart = first.turn_to("case-2").when("03-04 15:00", "clerk:T01", PART).then("case.unmerged", "case.assigned")
    assert (apart.case.unit, apart.case.tasks) == ("T01", ())
    assert {one.unit for one in apart.case.clocks if one.running} == {"T01"}


def test_a_unit_that_proves_concerned_meanwhile_does_not_have_its_task_back() -> None:
    about = joined_at_work().step_by("03-04 12:00", "citizen:2", AddSubject(official="head:T02"))
    apart = about.turn_to("case-2").when("03-04 15:00", "clerk:T01", PART).then("case.unmerged")
    assert (apart.case.unit, apart.case.tasks) == ("V0101", ())
    assert {one.unit for one in apart.case.clocks if one.running} == {"V0101"}


def test_a_merged_petition_has_its_statutory_clock_back() -> None:
    earlier = assigned_to("V0101", village="V0101", kind=Kind.PETITION)
    petition = second(earlier, kind=Kind.PETITION).step_by("03-04 10:10", "clerk:T01", Accept())
    apart = petition.step_by("03-04 11:00", "clerk:T01", JOIN).step_by("03-04 12:00", "clerk:T01", PART)
    assert apart.case.clocks == petition.case.clocks
