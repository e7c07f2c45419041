"""Lists of cases: each reader's own, filtered, searched, in order, and page by page."""

from typing import Any

import pytest
from sqlalchemy import Engine

from domain.case import sees
from domain.case.intake import Accept
from domain.case.numbers import number_of
from domain.case.reporting import Report
from domain.case.terms import Grade, Kind, Status
from domain.org import Tier
from domain.refusals import Invalid
from domain.tests.road import RESOLVE, assigned_to
from domain.tests.story import Step, Story, at, given
from projections.cases import visibility
from projections.cases.case_file import CaseFile
from projections.following.pages import SortKey
from projections.lists import along
from projections.lists.case_filter import CaseFilter
from projections.lists.cases import listed
from projections.lists.order import Sort
from projections.lists.resembling import alike
from projections.lists.words import Words
from projections.tests.logs import NOTHING, Written, act, called, following, told

followed = following(CaseFile(), Words())


def reported(name: str, moment: str = "03-03 09:00", by: str = "citizen:1", **fields: Any) -> Story:
    return called(name, given(Step(moment, by, Report(**{"title": "Pipe", "kind": Kind.REQUEST} | fields))))


def ids(
    engine: Engine, who: str = "dispatcher", sort: Sort = Sort.REPORTED_AT, limit: int = 50, **wanted: Any
) -> list[str]:
    """The whole list, page by page."""
    found: list[str] = []
    after: str | None = None
    with engine.connect() as db:
        while True:
            page = listed(db, act(who), CaseFilter(**wanted), sort, limit, after, recall=NOTHING)
            assert len(page.items) <= limit
            found += [item.id for item in page.items]
            if (after := page.next) is None:
                return found


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_a_list_is_in_the_order_asked_for_on_any_pages(engine: Engine, limit: int) -> None:
    first = reported("first", "03-03 09:00")
    followed(
        engine,
        told(
            called("first", first.step_by("03-06 09:00", "dispatcher", Accept())),
            reported("second", "03-04 09:00"),
            reported("urgent", "03-05 09:00", grade=Grade.URGENT),
            called("done", assigned_to("T01").step_by("03-05 10:00", "head:T01", RESOLVE)),
        ),
    )
    assert ids(engine, sort=Sort.REPORTED_AT, limit=limit) == ["urgent", "second", "first", "done"]
    assert ids(engine, sort=Sort.UPDATED_AT, limit=limit) == ["first", "done", "urgent", "second"]
    assert ids(engine, sort=Sort.DUE_AT, limit=limit) == ["first", "urgent", "second", "done"]


def test_each_reader_lists_what_the_gate_shows_him(engine: Engine, many_lives: Written) -> None:
    followed(engine, many_lives)
    cases = many_lives.states({stream for *_, stream in many_lives.lines}, len(many_lives.lines)).values()
    for who in ("head:T01", "cadre:V0101", "officer:D-TRANSPORT", "follow-up", "discipline", "citizen:1", "auditor"):
        assert sorted(ids(engine, who, limit=7)) == sorted(case.id for case in cases if sees(case, act(who)))


@pytest.mark.parametrize("who", ["head:T01", "auditor"])
def test_a_list_is_the_same_whichever_way_it_is_found(
    engine: Engine, many_lives: Written, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """As one whole; or stretch by stretch, as those see long lists who see many cases."""
    followed(engine, many_lives)
    conditions: list[dict[str, Any]] = [
        {},
        {"overdue": True},
        {"due_before": at("03-12 09:00")},
        {"status": Status.ASSIGNED},
        {"status": Status.ASSIGNED, "q": "e"},
        {"reported_after": at("03-05 00:00"), "reported_before": at("03-10 00:00")},
    ]
    whole = [ids(engine, who, sort, 200, **wanted) for sort in Sort for wanted in conditions]
    for name, value in {"FIRST": 2, "GROWING": 2, "FURTHEST": 8}.items():
        monkeypatch.setattr(along, name, value)
    monkeypatch.setattr(visibility, "FEW", 0)
    assert [ids(engine, who, sort, 5, **wanted) for sort in Sort for wanted in conditions] == whole
    assert all(whole)


def test_a_list_is_not_looked_along_beyond_what_may_be_on_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    followed(engine, told(*(reported(f"case-{hour}", f"03-03 {hour}:00") for hour in range(10, 20))))
    edges: list[SortKey | None] = []
    find = along._edge

    def edge(*asked: Any) -> SortKey | None:
        edges.append(find(*asked))
        return edges[-1]

    monkeypatch.setattr(along, "FIRST", 2)
    monkeypatch.setattr(along, "_edge", edge)
    assert ids(engine, sort=Sort.REPORTED_AT, reported_after=at("03-03 18:00")) == ["case-19", "case-18"]
    assert ids(engine, sort=Sort.DUE_AT, due_before=at("03-03 09:00")) == []
    assert edges == [None, None]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"status": Status.ASSIGNED}, ["town"]),
        ({"tier": Tier.TOWN}, ["town"]),
        ({"unit": "T01"}, ["town"]),
        ({"village": "V0101"}, ["village"]),
        ({"kind": Kind.INQUIRY}, ["village"]),
        ({"category": "roads"}, ["village"]),
        ({"grade": Grade.MAJOR}, ["village"]),
        ({"household": "HH-1"}, ["village"]),
        ({"overdue": True}, ["town"]),
        ({"overdue": False}, ["village"]),
        ({"due_before": at("03-06 00:00")}, ["town"]),
        ({"reported_after": at("03-07 09:00")}, ["village"]),
        ({"reported_before": at("03-07 09:00")}, ["town"]),
        ({"status": Status.ASSIGNED, "village": "V0101"}, []),
        ({}, ["village", "town"]),
    ],
)
def test_a_list_holds_what_meets_every_condition(engine: Engine, wanted: dict[str, Any], found: list[str]) -> None:
    fields = {"village": "V0101", "kind": Kind.INQUIRY, "category": "roads", "grade": Grade.MAJOR, "household": "HH-1"}
    followed(engine, told(called("town", assigned_to("T01")), reported("village", "03-07 09:00", **fields)))
    assert ids(engine, **wanted) == found


def test_a_case_is_found_by_its_number_however_it_was_written_down(engine: Engine) -> None:
    followed(engine, told(called("town", assigned_to("T01")), reported("village", "03-07 09:00", village="V0101")))
    code = number_of("village")
    year, first, last = "2025", code[:5], code[5:]
    wide = "".join(chr(ord(one) + 0xFEE0) for one in f"{year}-{code}")
    misread = first.replace("0", "O").replace("1", "l")
    for written in (f"{year}-{first}-{last}", f" {year} {first} {last}".lower(), f"{year}-{misread}-{last}", wide):
        assert ids(engine, q=written) == ["village"], written
    assert ids(engine, q=f"{year}-{code}", status=Status.ASSIGNED) == []
    assert ids(engine, "cadre:V0201", q=f"{year}-{code}") == []
    assert ids(engine, q=f"2024-{code}") == ids(engine, q=code) == []


@pytest.mark.parametrize("wanted", [{"q": "a\0"}, {"village": "\0"}, {"category": "\ud800"}])
def test_what_no_database_could_hold_is_refused(engine: Engine, wanted: dict[str, Any]) -> None:
    with engine.connect() as db, pytest.raises(Invalid):
        listed(db, act("dispatcher"), CaseFilter(**wanted), recall=NOTHING)


def test_a_cursor_of_another_order_is_refused(engine: Engine) -> None:
    followed(engine, told(reported("a"), reported("b")))
    with engine.connect() as db:
        following = listed(db, act("dispatcher"), CaseFilter(), Sort.DUE_AT, 1, recall=NOTHING).next
        with pytest.raises(Invalid):
            listed(db, act("dispatcher"), CaseFilter(), Sort.REPORTED_AT, 1, following, recall=NOTHING)


def test_nothing_is_skipped_or_repeated_by_what_is_reported_while_one_reads(engine: Engine) -> None:
    log = told(*(reported(f"case-{hour}", f"03-03 {hour:02}:00") for hour in range(9, 15)))
    follower = followed(engine, log)
    with engine.connect() as db:
        first = listed(db, act("dispatcher"), CaseFilter(), limit=3, recall=NOTHING)
    log.goes_on(told(reported("new", "03-04 09:00"), reported("late entry", "03-03 08:30")))
    follower.catch_up()
    with engine.connect() as db:
        rest = listed(db, act("dispatcher"), CaseFilter(), limit=9, after=first.next, recall=log.recall)
    read = [item.id for item in (*first.items, *rest.items)]
    assert read == [f"case-{hour}" for hour in range(14, 8, -1)] + ["late entry"]


def test_reports_alike_are_earlier_ones_of_the_same_place_that_the_reader_may_see(engine: Engine) -> None:
    def broken(name: str, moment: str = "03-03 09:00", **fields: Any) -> Story:
        return reported(name, moment, **{"title": "Water pipe broken", "village": "V0101"} | fields)

    new = broken("new", "03-05 09:00")
    log = told(
        broken("same"),
        broken("alike", title="The water pipe is broken"),
        broken("long ago", "2024-11-03 09:00"),
        broken("elsewhere", village="V0102"),
        broken("other", title="Pension"),
        broken("hidden", subjects=("cadre:V0101",)),
        new,
        broken("later", "03-06 09:00"),
    )
    followed(engine, log)
    with engine.connect() as db:
        position = next(position for position, _, stream in log.lines if stream == "new")
        found = alike(db, act("cadre:V0101", "03-06 09:00"), new.case, position, log.recall)
        assert [one["id"] for one in found] == ["same", "alike"]
        all_of_them = alike(db, act("dispatcher", "03-06 09:00"), new.case, position, log.recall)
        assert [one["id"] for one in all_of_them] == ["hidden", "same", "alike"]
    assert found[0].keys() == {"id", "number", "title"}
