"""Several units on one case: one leads, the others have tasks with clocks of their own."""

from datetime import date

import pytest

from domain.case.clocks import ClockKind, ClockState, Stopped
from domain.case.correction import Reclassify
from domain.case.events import JointTaskMissed
from domain.case.gate import sees
from domain.case.joint import CompleteTask, Convene, Task
from domain.case.subjects import AddSubject
from domain.case.terms import Grade, Ground, Kind
from domain.case.tiers import Escalate
from domain.case.timing import DecideExtension, ProvideInformation, RequestExtension, RequestInformation
from domain.decider import SYSTEM, Entry
from domain.refusals import Invalid, LimitReached, NotFound, NotPermitted, WrongStatus
from domain.tests.road import RESOLVE, assigned_to, clock, due
from domain.tests.story import Story, actor, at

WHISTLE = Convene(
    lead="T01", tasks=(Task(unit="D-TRANSPORT", task="Survey the road"), Task(unit="T02", task="Lend the digger"))
)


def convened() -> Story:
    return assigned_to("T01").step_by("03-04 10:00", "head:T01", WHISTLE)


def test_a_task_without_a_date_has_as_long_as_the_case_itself() -> None:
    story = assigned_to("T01").when("03-04 10:00", "head:T01", WHISTLE).then("case.joint_handling_convened")
    assert due(story, ClockKind.TASK, "D-TRANSPORT") == due(story, ClockKind.HOLD) == at("03-13 00:00")


def test_a_task_without_a_date_follows_a_pause_and_an_extension_of_the_case() -> None:
    story = convened().step_by("03-04 11:00", "head:T01", RequestInformation(items=("deed",), delivered="sms"))
    assert due(story, ClockKind.TASK, "T02") is None
    on = story.step_by("03-07 09:00", "citizen:1", ProvideInformation())
    assert due(on, ClockKind.TASK, "T02") == due(on, ClockKind.HOLD) == at("03-15 00:00")
    asked = on.step_by("03-07 10:00", "head:T01", RequestExtension(days=2, reason="rain", petitioner_told=True))
    longer = asked.step_by("03-07 11:00", "adjudicator", DecideExtension(granted=True))
    assert due(longer, ClockKind.TASK, "T02") == due(longer, ClockKind.HOLD) == at("03-19 00:00")
    urgent = story.step_by("03-05 09:00", "dispatcher", Reclassify(grade=Grade.URGENT, reason="collapse"))
    assert due(urgent, ClockKind.TASK, "T02") == due(urgent, ClockKind.HOLD) == at("03-06 09:00")


def test_a_task_without_a_date_is_hurried_with_the_case_and_one_with_a_date_is_not() -> None:
    dated = Task(unit="V0201", task="Count the trees", due=date(2025, 3, 12))
    story = convened().step_by("03-04 10:30", "head:T01", Convene(lead="T01", tasks=(dated,)))
    assert due(story, ClockKind.TASK, "V0201") == due(story, ClockKind.HOLD)
    urgent = story.step_by("03-05 09:00", "dispatcher", Reclassify(grade=Grade.URGENT, reason="collapse"))
    assert due(urgent, ClockKind.TASK, "T02") == due(urgent, ClockKind.HOLD) == at("03-06 09:00")
    assert due(urgent, ClockKind.TASK, "V0201") == at("03-13 00:00")


def test_a_task_of_a_petition_has_as_long_as_the_law_gives_it() -> None:
    story = assigned_to("T01", kind=Kind.PETITION).step_by("03-04 10:00", "head:T01", WHISTLE)
    assert due(story, ClockKind.TASK, "T02") == due(story, ClockKind.STATUTORY) == at("05-07 00:00")


def test_a_task_with_a_date_is_due_when_that_day_is_over() -> None:
    task = Task(unit="D-TRANSPORT", task="Survey", due=date(2025, 3, 8))
    story = assigned_to("T01").step_by("03-04 10:00", "head:T01", Convene(lead="T01", tasks=(task,)))
    assert due(story, ClockKind.TASK) == at("03-09 00:00")


@pytest.mark.parametrize("day", [date(2025, 3, 4), date(2026, 3, 4)])
def test_a_task_may_be_due_today_and_in_a_year(day: date) -> None:
    task = Task(unit="D-TRANSPORT", task="Survey", due=day)
    assigned_to("T01").when("03-04 10:00", "head:T01", Convene(lead="T01", tasks=(task,))).then(
        "case.joint_handling_convened"
    )


@pytest.mark.parametrize("day", [date(2025, 3, 3), date(2026, 3, 5), date.max])
def test_a_task_is_due_today_or_later_within_a_year(day: date) -> None:
    task = Task(unit="D-TRANSPORT", task="Survey", due=day)
    assigned_to("T01").when("03-04 10:00", "head:T01", Convene(lead="T01", tasks=(task,))).refused(Invalid)


def test_convening_leaves_status_holder_and_hold_as_they_are() -> None:
    before, after = assigned_to("T01").case, convened().case
    assert (after.status, after.unit, after.clocks[: len(before.clocks)]) == (before.status, before.unit, before.clocks)


def test_an_office_of_the_holder_may_lead() -> None:
    plan = Convene(lead="T01-LAND", tasks=(Task(unit="D-TRANSPORT", task="Survey"),))
    assigned_to("T01").when("03-04 10:00", "head:T01", plan).then("case.joint_handling_convened")


@pytest.mark.parametrize(
    "plan",
    [
        Convene(lead="T02", tasks=(Task(unit="D-TRANSPORT", task="Survey"),)),
        Convene(lead="nobody", tasks=(Task(unit="D-TRANSPORT", task="Survey"),)),
        Convene(lead="T01", tasks=(Task(unit="T01", task="Survey"),)),
        Convene(lead="T01", tasks=(Task(unit="T02", task="Survey"), Task(unit="T02", task="Dig"))),
        Convene(lead="T01", tasks=(Task(unit="nobody", task="Survey"),)),
        Convene(lead="T01", tasks=(Task(unit="D-DISCIPLINE", task="Survey"),)),
    ],
)
def test_the_holder_leads_and_every_other_unit_of_the_tiers_gets_one_task(plan: Convene) -> None:
    assigned_to("T01").when("03-04 10:00", "head:T01", plan).refused(Invalid)


def test_a_unit_with_an_open_task_gets_no_second_one() -> None:
    convened().when("03-04 11:00", "head:T01", WHISTLE).refused(LimitReached)


def test_only_the_town_head_whistles_for_his_town_and_the_leader_for_his_department() -> None:
    assigned_to("T01").when("03-04 10:00", "officer:T01-LAND", WHISTLE).refused(NotPermitted)
    plan = Convene(lead="D-TRANSPORT", tasks=(Task(unit="T02", task="Lend the digger"),))
    at_district = assigned_to("D-TRANSPORT")
    at_district.when("03-04 10:00", "officer:D-TRANSPORT", plan).refused(NotPermitted)
    at_district.when("03-04 10:00", "leader:D-TRANSPORT", plan).then("case.joint_handling_convened")


def test_the_town_head_whistles_for_his_villages_too() -> None:
    plan = Convene(lead="V0101", tasks=(Task(unit="T01-LAND", task="Measure"),))
    assigned_to("V0101").when("03-04 10:00", "head:T01", plan).then("case.joint_handling_convened")


def test_a_completed_task_stops_its_own_clock_and_no_other() -> None:
    done = convened().when("03-05 10:00", "officer:D-TRANSPORT", CompleteTask(task="Survey the road"))
    case = done.then("case.joint_task_completed").case
    assert clock(case, ClockKind.TASK, "D-TRANSPORT").state is ClockState.MET
    assert clock(case, ClockKind.TASK, "T02").running
    assert clock(case, ClockKind.HOLD).running


def test_nobody_completes_the_task_of_another_unit_or_one_that_was_not_given() -> None:
    convened().when("03-05 10:00", "head:T02", CompleteTask(task="Survey the road")).refused(NotPermitted)
    convened().when("03-05 10:00", "head:T02", CompleteTask(task="Bring coffee")).refused(WrongStatus)
    convened().when("03-05 10:00", "head:V0201", CompleteTask(task="Lend the digger")).refused(NotFound)
    convened().when("03-05 10:00", "clerk:T01", CompleteTask(task="Lend the digger")).refused(NotPermitted)


def test_a_town_completes_its_own_task_and_then_that_of_its_office() -> None:
    plan = Convene(lead="D-TRANSPORT", tasks=(Task(unit="T01-LAND", task="Measure"), Task(unit="T01", task="Measure")))
    story = assigned_to("D-TRANSPORT").step_by("03-04 10:00", "leader:D-TRANSPORT", plan)
    for left in (["T01-LAND"], []):
        story = story.step_by("03-05 10:00", "head:T01", CompleteTask(task="Measure"))
        assert [task.unit for task in story.case.tasks] == left


def test_who_had_a_task_goes_on_seeing_the_case_in_which_it_is_counted_for_him() -> None:
    story = convened().step_by("03-05 10:00", "officer:D-TRANSPORT", CompleteTask(task="Survey the road"))
    for task in ("Survey the road", "Lend the digger"):
        story.when("03-05 11:00", "officer:D-TRANSPORT", CompleteTask(task=task)).refused(WrongStatus)
    resolved = story.step_by("03-05 12:00", "head:T01", RESOLVE)
    assert sees(resolved.case, resolved.act(actor("head:T02"), at("03-05 13:00"))), "whose task ended undone"


def test_a_task_that_runs_out_is_missed_at_its_due_instant() -> None:
    task = Task(unit="D-TRANSPORT", task="Survey", due=date(2025, 3, 6))
    story = assigned_to("T01").step_by("03-04 10:00", "head:T01", Convene(lead="T01", tasks=(task,)))
    missed = story.until("03-10 09:00")
    assert (missed.events()[-1], missed.history[-1].at) == ("case.joint_task_missed", at("03-07 00:00"))
    assert clock(missed.case, ClockKind.TASK).read_at(at("03-07 00:00")) is ClockState.BREACHED


def test_a_missed_task_is_still_owed_and_done_late_for_ever() -> None:
    task = Task(unit="D-TRANSPORT", task="Survey", due=date(2025, 3, 6))
    story = assigned_to("T01").step_by("03-04 10:00", "head:T01", Convene(lead="T01", tasks=(task,)))
    done = story.when("03-10 09:00", "officer:D-TRANSPORT", CompleteTask(task="Survey"))
    case = done.then("case.joint_task_missed", "case.joint_task_completed").case
    assert (case.tasks, clock(case, ClockKind.TASK).state) == ((), ClockState.BREACHED)


def test_a_task_that_was_missed_when_missing_it_ended_it_is_owed_no_more() -> None:
    story = convened()
    ended = Stopped(kind=ClockKind.TASK, unit="D-TRANSPORT", state=ClockState.BREACHED)
    then = JointTaskMissed(unit="D-TRANSPORT", task="Survey the road", stops=(ended,))
    old = story.happened(Entry(event=then), story.act(SYSTEM, at("03-13 00:00")))
    assert [task.unit for task in old.case.tasks] == ["T02"]
    assert clock(old.case, ClockKind.TASK, "D-TRANSPORT").state is ClockState.BREACHED


def test_tasks_that_run_out_with_the_case_are_missed_before_it_rises() -> None:
    after = convened().until("03-13 00:00")
    assert after.events()[-3:] == ["case.joint_task_missed", "case.joint_task_missed", "case.escalated"]


def test_tasks_end_with_the_stay() -> None:
    up = Escalate(ground=Ground.BEYOND_MEANS, tried=("everything",))
    story = convened().step_by("03-05 10:00", "head:T01", up)
    assert story.case.tasks == ()
    assert clock(story.case, ClockKind.TASK).state is ClockState.LEFT
    assert convened().step_by("03-05 10:00", "head:T01", RESOLVE).case.tasks == ()


def test_a_case_that_is_late_itself_needs_dates_for_its_tasks() -> None:
    late = assigned_to("D-TRANSPORT").until("04-01 09:00")
    plan = Convene(lead="D-TRANSPORT", tasks=(Task(unit="T02", task="Dig"),))
    late.when("04-01 10:00", "leader:D-TRANSPORT", plan).refused(Invalid)
    dated = Convene(lead="D-TRANSPORT", tasks=(Task(unit="T02", task="Dig", due=date(2025, 4, 2)),))
    late.when("04-01 10:00", "leader:D-TRANSPORT", dated).then("case.joint_handling_convened")


def test_a_task_is_taken_once_from_a_unit_that_proves_concerned_like_the_one_that_leads() -> None:
    plan = Convene(lead="V0201", tasks=(Task(unit="T02", task="Dig"),))
    story = assigned_to("V0201").step_by("03-04 10:00", "head:T02", plan)
    about = story.when("03-04 11:00", "citizen:1", AddSubject(official="head:T02"))
    said, anew = about.then("case.subject_added", "case.assigned").history[-2:]
    assert [one.kind for one in said.event.stops] == [ClockKind.TASK]
    assert ClockKind.TASK not in {one.kind for one in anew.event.stops}
