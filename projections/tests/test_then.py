"""As it stood: every view of an earlier instant is what it would have answered had the log ended there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete

from domain.case import Case
from domain.case.subjects import AddSubject
from domain.decider import Recorded
from domain.org import Tier
from domain.tests.road import assigned_to
from domain.tests.story import at
from domain.zone import day_at
from projections.banks import ageing, flows, problem_bank
from projections.cases.then import Then, as_it_stood
from projections.following.schema import metadata
from projections.lists import cases
from projections.lists.case_filter import CaseFilter
from projections.lists.order import Sort
from projections.queues import load, queue_then, town_queue
from projections.tests.logs import NOTHING, Written, act, followed, told
from projections.times import response_times
from projections.times.selection import By, Period

UNITS = ("D", "T01", "V0101", "D-MASSWORK", "D-TRANSPORT")
Answer = Callable[[Connection, datetime, Then | None], Any]


def cut(log: Written, until: datetime) -> Written:
    """What had taken effect by then."""
    return Written(line for _, line, _ in log.lines if isinstance(line, Recorded) and line.at <= until)


def by(now: datetime) -> Any:
    return replace(act("auditor"), at=now)


def bank(unit: str | None) -> Answer:
    return lambda db, now, then: problem_bank.tiers(db, by(now), unit, then)


def queue(unit: str) -> Answer:
    def ask(db: Connection, now: datetime, then: Then | None) -> Any:
        soon = (then.at if then else now) + timedelta(days=1)
        if then is None:
            found = town_queue.page(db, by(now), {unit}, 200, recall=NOTHING), load.counts(db, by(now), {unit}, soon)
        else:
            found = queue_then.page_then(db, by(now), {unit}, then, soon, 200, None)
        return list(found[0].items), found[1]

    return ask


def lists(sort: Sort, **wanted: Any) -> Answer:
    def ask(db: Connection, now: datetime, then: Then | None) -> Any:
        page = cases.listed(db, by(now), CaseFilter(**wanted), sort, 7, None, then, recall=NOTHING)
        found = list(page.items)
        while page.next:
            page = cases.listed(db, by(now), CaseFilter(**wanted), sort, 7, page.next, then, recall=NOTHING)
            found += page.items
        return found

    return ask


def times(group: By, unit: str | None = None) -> Answer:
    return lambda db, now, then: response_times.groups(db, by(now), group, Period(), unit=unit, then=then)


def flowed(unit: str | None) -> Answer:
    def ask(db: Connection, now: datetime, then: Then | None) -> Any:
        until = day_at(then.at if then else now)
        return flows.flows(db, by(now), unit, until - timedelta(days=30), until, then)

    return ask


def aged(unit: str | None) -> Answer:
    return lambda db, now, then: ageing.ages(db, by(now), unit, then=then)


ANSWERS: Mapping[str, Answer] = {
    **{f"bank of {unit}": bank(unit) for unit in (None, *UNITS)},
    **{f"queue of {unit}": queue(unit) for unit in UNITS},
    **{f"times by {group}": times(group) for group in By},
    "times of T01": times(By.UNIT, "T01"),
    **{f"cases by {sort}": lists(sort) for sort in Sort},
    "late cases": lists(Sort.DUE_AT, overdue=True),
    "open cases of T01": lists(Sort.REPORTED_AT, open=True, under="T01", q="matter 1"),
    **{f"flows of {unit}": flowed(unit) for unit in (None, *UNITS)},
    **{f"ages of {unit}": aged(unit) for unit in (None, *UNITS)},
}


def empty(engine: Engine) -> None:
    with engine.begin() as db:
        for table in metadata.sorted_tables:
            db.execute(delete(table))


@pytest.mark.parametrize("amount", [4, pytest.param(1000, marks=pytest.mark.soak)])
def test_an_earlier_instant_is_answered_as_a_fold_from_zero_answers(
    engine: Engine, many_lives: Written, amount: int
) -> None:
    random = Random(amount)
    instants = [one.at for _, one, _ in many_lives.lines if isinstance(one, Recorded)]
    last = max(instants) + timedelta(days=1)
    chosen = [random.choice(instants) + timedelta(hours=random.choice((0, 0, 7, 31))) for _ in range(amount)]
    expected: list[dict[str, Any]] = []
    for instant in chosen:
        empty(engine)
        followed(engine, cut(many_lives, instant))
        with engine.connect() as db:
            expected.append({name: ask(db, instant, None) for name, ask in ANSWERS.items()})
    empty(engine)
    followed(engine, many_lives)
    moved = 0
    with engine.connect() as db:
        for instant, answers in zip(chosen, expected, strict=True):
            then = as_it_stood(db, instant, many_lives.recall)
            moved += len(then.moved)
            for name, ask in ANSWERS.items():
                assert ask(db, last, then) == answers[name], (name, instant)
    assert moved > amount


def test_only_cases_that_were_alive_around_the_instant_are_folded_again(engine: Engine) -> None:
    early, late = assigned_to("T01", village="V0101"), assigned_to("T01", village="V0101")
    log = told(early, replace_name(late, "case-9", days=30))
    followed(engine, log)
    with engine.connect() as db:
        assert as_it_stood(db, at("03-20 09:00"), log.recall).moved == ()


def replace_name(story: Any, name: str, days: int) -> Any:
    """The same story of another case, some days later."""
    later = timedelta(days=days)
    lines = tuple(
        replace(line, stream=name, at=line.at + later, recorded_at=line.recorded_at + later) for line in story.history
    )
    return replace(story, case=Case(id=name), history=lines, others={})


def test_who_may_not_know_of_a_case_today_finds_no_trace_of_it_in_the_past(engine: Engine) -> None:
    """The complaint was open to the town until its head was named as its subject."""
    before = assigned_to("T01", village="V0101")
    named = before.step_by("03-05 09:00", "dispatcher", AddSubject(official="head:T01"))
    log = told(named)
    followed(engine, log)
    with engine.connect() as db:
        then = as_it_stood(db, at("03-04 09:00"), log.recall)
        head, auditor = act("head:T01", "03-06 09:00"), act("auditor", "03-06 09:00")
        for reader, n in ((auditor, 1), (head, 0)):
            banks = {one.tier: one.open for one in problem_bank.tiers(db, reader, "T01", then)}
            assert banks[Tier.TOWN] == n
            assert len(response_times.groups(db, reader, By.TIER, Period(), then=then)) == n
            assert bool(ageing.ages(db, reader, "T01", then=then)) == bool(n)
            assert bool(flows.flows(db, reader, None, date(2025, 3, 1), day_at(then.at), then)) == bool(n)
            page, counts = queue_then.page_then(db, reader, {"T01"}, then, then.at, 50, None)
            assert (len(page.items), counts.open) == (n, n)
