"""Reading a list page by page while its cases move: each is met once, in the order in which the list was begun."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, Engine, false

from domain.case.correction import Correct, Field
from domain.case.intake import Accept
from domain.refusals import Invalid
from projections.cases.case_file import CaseFile
from projections.cases.then import as_it_stood
from projections.following import pages
from projections.following.pages import Page
from projections.lists.case_filter import CaseFilter
from projections.lists.cases import ListedCase, listed
from projections.lists.order import KINDS, Order, Sort
from projections.lists.words import Words
from projections.tests.logs import Written, act, called, following, told
from projections.tests.test_cases import reported

followed = following(CaseFile(), Words())

Ask = Callable[[Connection, str | None, int], Page[ListedCase]]
STEP = 40
"""Events between two pages."""


def half_of(log: Written) -> Written:
    half = Written(())
    half.lines = log.lines[: len(log.lines) // 2]
    return half


def read(engine: Engine, log: Written, rest: Written, *readers: Ask) -> list[list[ListedCase]]:
    """What each of them meets, some events happening after each page; and first of all, the list as it was begun."""
    follower = followed(engine, log)
    with engine.connect() as db:
        met = [list(ask(db, None, 200).items) for ask in readers]
    going: dict[int, str | None] = dict.fromkeys(range(len(readers)))
    met += [[] for _ in readers]
    while going:
        with engine.connect() as db:
            found = {number: readers[number](db, after, 4) for number, after in going.items()}
        for number, page in found.items():
            met[len(readers) + number] += page.items
        going = {number: page.next for number, page in found.items() if page.next}
        log.lines += rest.lines[len(log.lines) : len(log.lines) + STEP]
        follower.catch_up()
    return met


@pytest.mark.parametrize(("sort", "sought"), [(Sort.DUE_AT, ""), (Sort.UPDATED_AT, "e")])
def test_a_case_that_moves_between_two_pages_is_met_once(
    engine: Engine, many_lives: Written, monkeypatch: pytest.MonkeyPatch, sort: Sort, sought: str
) -> None:
    log = half_of(many_lives)

    def as_begun(db: Connection, after: str | None, limit: int) -> Page[ListedCase]:
        return listed(db, act("auditor", "06-01 09:00"), CaseFilter(q=sought), sort, limit, after, recall=log.recall)

    def by_place_alone(db: Connection, after: str | None, limit: int) -> Page[ListedCase]:
        with monkeypatch.context() as patched:
            patched.setattr(Order, "moved", lambda *_: false())
            return as_begun(db, after, limit)

    begun, _, met, control = (
        [one.id for one in some] for some in read(engine, log, many_lives, as_begun, by_place_alone)
    )
    assert met == begun
    assert control != begun, "something had moved"


def test_an_instant_is_listed_as_it_was_known_when_the_list_was_begun(engine: Engine, many_lives: Written) -> None:
    """What is recorded later and took effect before it, such as a deadline that lapsed unseen, changes nothing more."""
    log = half_of(many_lives)
    at = max(line.at for _, line, _ in many_lives.lines[: len(log.lines) + 2 * STEP] if not isinstance(line, Exception))

    def ask(db: Connection, after: str | None, limit: int, as_known: bool = True) -> Page[ListedCase]:
        before = pages.read_cursor(Sort.UPDATED_AT, KINDS, after)
        then = as_it_stood(db, at, log.recall, before.position if before and as_known else None)
        reader = act("auditor", "06-01 09:00")
        return listed(db, reader, CaseFilter(), Sort.UPDATED_AT, limit, after, then, recall=log.recall)

    begun, _, met, control = read(
        engine, log, many_lives, ask, lambda db, after, limit: ask(db, after, limit, as_known=False)
    )
    assert met == begun
    assert control != begun, "something had moved"


def test_what_is_dated_anew_keeps_its_place_among_what_was_reported(engine: Engine) -> None:
    stories = [reported(f"case-{hour}", f"03-03 {hour:02}:00") for hour in (9, 10, 11)]
    earlier = Correct(field=Field.OCCURRED_AT, value="2025-03-03T08:00:00+08:00", reason="misheard")
    log = told(*stories)
    follower = followed(engine, log)
    with engine.connect() as db:
        page = listed(db, act("dispatcher"), CaseFilter(), limit=2, recall=log.recall)
    log.goes_on(Written(called("case-11", stories[2].step_by("03-04 09:00", "dispatcher", earlier)).history[1:]))
    follower.catch_up()
    with engine.connect() as db:
        rest = listed(db, act("dispatcher"), CaseFilter(), limit=2, after=page.next, recall=log.recall)
    assert [one.id for one in (*page.items, *rest.items)] == ["case-11", "case-10", "case-9"]


def test_a_list_in_which_too_much_has_moved_is_to_be_begun_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    stories = [reported(f"case-{hour}", f"03-03 {hour:02}:00") for hour in (9, 10, 11)]
    log = told(*stories)
    follower = followed(engine, log)
    with engine.connect() as db:
        page = listed(db, act("dispatcher"), CaseFilter(), Sort.UPDATED_AT, 1, recall=log.recall)
    accepted = [one.step_by("03-04 09:00", "dispatcher", Accept()) for one in stories]
    log.goes_on(Written(line for one in accepted for line in one.history[1:]))
    follower.catch_up()
    monkeypatch.setattr(pages, "MOST", 2)
    with engine.connect() as db, pytest.raises(Invalid):
        listed(db, act("dispatcher"), CaseFilter(), Sort.UPDATED_AT, 1, page.next, recall=log.recall)
