"""Joint handling (吹哨报到): one unit leads and keeps the clock; each other unit has a task with a clock of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.case import events as e
from domain.case.clocks import ClockKind, Started, end_of, running, stop, the
from domain.case.custody import kept_secret, tier_of
from domain.case.gate import CaseCommand
from domain.case.state import Case
from domain.case.terms import HELD, WORKABLE, Words
from domain.decider import Act, command
from domain.ids import Id
from domain.refusals import Invalid, LimitReached, NotPermitted, WrongStatus
from domain.rules.deadlines import Span

LONGEST = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a unit is to do, until the end of which day. Without a day it has as long as the case itself."""

    unit: Id
    task: Words
    due: date | None = None


@command
class Convene(CaseCommand):
    """Call units together. The holder leads, or one of its own house; every other unit gets one task at a time."""

    verb = "convene"
    when = WORKABLE

    lead: Id
    tasks: Annotated[tuple[Task, ...], MinLen(1), MaxLen(20)]

    def named(self) -> tuple[str | None, ...]:
        return (self.lead, *(task.unit for task in self.tasks))

    def rule(self, case: Case, act: Act, /) -> Iterator[e.JointHandlingConvened]:
        if act.org.unit(self.lead) is None or not act.org.same_house(self.lead, case.stays[-1].unit):
            raise Invalid("the unit that has the case leads", "主办单位须为事项的承办单位")
        units = [task.unit for task in self.tasks]
        if self.lead in units or len(set(units)) < len(units):
            raise Invalid("each unit gets one task, and the lead none", "每个协办单位一项任务，主办单位不列任务")
        if {given.unit for given in case.tasks} & set(units):
            raise LimitReached("one of the units has a task already", "协办单位已有未完成的任务")
        for unit in units:
            tier_of(unit, act)
        kept_secret(case, act, *units)
        yield e.JointHandlingConvened(
            lead=self.lead,
            tasks=tuple(
                e.TaskGiven(unit=task.unit, task=task.task, house=act.org.acts_for(task.unit)) for task in self.tasks
            ),
            starts=tuple(task_clock(task, case, act) for task in self.tasks),
        )


def task_clock(task: Task, case: Case, act: Act) -> Started:
    """Until the end of the day stated; otherwise as long as the case's own clock still runs."""
    today = act.rules.local(act.at).date()
    if task.due is not None:
        if not today <= task.due <= today + LONGEST:
            raise Invalid("a task is due today or later, within a year", "任务期限须在今日起一年之内")
        span, due_at = Span(amount=(task.due - today).days, unit="natural_days"), end_of(task.due)
    else:
        own = the(case.clocks, ClockKind.HOLD) or the(case.clocks, ClockKind.STATUTORY)
        if own is None or own.due_at is None or own.due_at <= act.at:
            raise Invalid("the case itself is late: say when each task is due", "事项已超期，须写明各项任务期限")
        span, due_at = own.span, own.due_at
    return Started(
        kind=ClockKind.TASK, unit=task.unit, span=span, due_at=due_at, policy=act.rules.policy_label, calendar=""
    )


@command
class CompleteTask(CaseCommand):
    """Say that one's unit has done its task."""

    verb = "complete-task"
    when = HELD

    task: Words

    @classmethod
    def sensible(cls, case: Case, act: Act, /) -> None:
        if not any(act.org.same_house(task.unit, post.unit) for task in case.tasks for post in act.by.posts):
            raise WrongStatus("your unit has no task left to complete", "本单位没有待完成的任务")

    def rule(self, case: Case, act: Act, /) -> Iterator[e.JointTaskCompleted]:
        given = [task for task in case.tasks if task.task == self.task]
        if not given:
            raise WrongStatus("there is no such task to complete", "没有该项待完成的任务")
        units = {post.unit for post in act.by.posts}
        own = [task for task in given if any(act.org.same_house(task.unit, unit) for unit in units)]
        if not own:
            raise NotPermitted("the task is another unit's", "该任务属于其他单位")
        done = min(own, key=lambda task: task.unit not in units)
        clock = [clock for clock in running(case.clocks, ClockKind.TASK) if clock.unit == done.unit]
        yield e.JointTaskCompleted(unit=done.unit, task=done.task, stops=stop(clock, act))
