"""The queues: their order, their pages and their counts."""

from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine

from domain.case.correction import Reclassify
from domain.case.handling import Contact
from domain.case.subjects import AddSubject
from domain.case.terms import ContactOutcome, Grade, Ground, Kind
from domain.case.tiers import Escalate
from domain.case.timing import RequestInformation
from domain.refusals import Invalid
from domain.tests.road import RESOLVE, assigned_to, report
from domain.tests.story import ORG, Step, Story, at, given
from projections.cases.case_file import CaseFile
from projections.cases.waits import Why
from projections.queues.load import Counts, counts
from projections.queues.town_queue import TownQueue, page
from projections.tests.logs import NOTHING, Written, act, called, following, told
from projections.tests.test_visibility import merged, staffed

followed = following(CaseFile(), TownQueue())

UP = Escalate(ground=Ground.BEYOND_MEANS, tried=("all",))


def reported(name: str, moment: str, village: str | None = "V0101", **fields: Any) -> Story:
    return called(name, given(Step(moment, "citizen:1", report(village, **fields))))


def ids(engine: Engine, who: str, *units: str, limit: int = 50, moment: str = "03-10 09:00") -> list[str]:
    """The whole queue, page by page."""
    found: list[str] = []
    after: str | None = None
    with engine.connect() as db:
        while True:
            read = page(db, act(who, moment), units, limit, after, recall=NOTHING)
            assert len(read.items) <= limit
            found += [item.id for item in read.items]
            if (after := read.next) is None:
                return found


def test_what_is_due_first_comes_first_then_grade_then_report_then_id(engine: Engine) -> None:
    followed(
        engine,
        told(
            reported("later", "03-04 08:00"),
            reported("b", "03-03 10:00"),
            reported("a", "03-03 10:00"),
            reported("earlier", "03-03 09:00"),
            reported("major", "03-03 11:00", grade=Grade.MAJOR),
            reported("urgent", "03-03 12:00", grade=Grade.URGENT),
        ),
    )
    in_order = ["urgent", "major", "earlier", "a", "b", "later"]
    assert ids(engine, "head:T01", "T01") == in_order
    assert ids(engine, "head:T01", "T01", limit=1) == in_order
    assert ids(engine, "head:T01", "T01", limit=4) == in_order


def test_what_has_no_due_instant_comes_last(engine: Engine) -> None:
    story = assigned_to("T01").step_by("03-03 10:00", "head:T01", Contact(outcome=ContactOutcome.REACHED))
    waiting = story.step_by("03-03 11:00", "head:T01", RequestInformation(items=("deed",), delivered="sms"))
    followed(engine, told(called("paused", waiting), reported("new", "03-07 09:00")))
    assert ids(engine, "head:T01", "T01", limit=1) == ["new", "paused"]
    with engine.connect() as db:
        assert [item.due_at for item in page(db, act("head:T01"), ["T01"], recall=NOTHING).items] == [
            at("03-11 00:00"),
            None,
        ]


def test_an_item_says_why_it_is_here_and_what_it_is(engine: Engine) -> None:
    followed(engine, told(assigned_to("V0101", village="V0101")))
    with engine.connect() as db:
        [item] = page(db, act("head:T01"), ["T01"], recall=NOTHING).items
    assert (item.id, item.version, item.title, item.village) == ("case-1", 3, "The pipe is broken", "V0101")
    assert (item.why, item.tier, item.status) == (Why.ANSWERS_FOR_VILLAGE, "village", "assigned")


def test_a_case_that_waits_for_two_units_of_one_reader_stands_in_his_queue_once(engine: Engine) -> None:
    late = told(*(called(name, reported(name, "03-03 09:00").until("03-05 00:00")) for name in "abc"))
    followed(engine, late)
    assert ids(engine, "dispatcher", "T01", limit=2) == ["a", "b", "c"]
    assert ids(engine, "dispatcher", "T01", "D-MASSWORK", limit=2) == ["a", "b", "c"]


def test_an_office_works_off_the_queue_of_its_town(engine: Engine) -> None:
    followed(engine, told(assigned_to("T01-LAND")))
    assert ids(engine, "officer:T01-LAND", "T01-LAND") == ids(engine, "head:T01", "T01") == ["case-1"]


def test_a_town_works_off_what_waited_for_the_one_that_was_merged_into_it(engine: Engine) -> None:
    followed(engine, told(assigned_to("T02")))
    with engine.connect() as db:
        now = replace(act("head:T01"), org=merged(staffed(ORG)))
        assert [item.id for item in page(db, now, ["T01"], recall=NOTHING).items] == ["case-1"]
        assert counts(db, now, ["T01"], at("03-11 00:00")).open == 1


def test_what_somebody_may_not_know_is_not_in_his_queue_and_not_counted(engine: Engine) -> None:
    followed(
        engine,
        told(
            reported("plain", "03-03 09:00"),
            reported("about-the-village", "03-03 09:00", subjects=("head:V0101",)),
            reported("about-the-town", "03-03 09:00", subjects=("head:T01",)),
            reported("sealed", "03-03 09:00", kind=Kind.ACCUSATION, subjects=("head:V0102",)),
        ),
    )
    assert ids(engine, "head:T01", "T01") == ["about-the-village", "plain"]
    assert open_(engine, "head:T01", "T01") == 2
    dispatcher = ids(engine, "dispatcher", "T01", "D-DISPATCH", limit=2)
    assert dispatcher == ["about-the-town", "about-the-village", "plain", "sealed"]
    assert open_(engine, "dispatcher", "T01", "D-DISPATCH") == 4


def test_a_case_vanishes_from_a_queue_when_it_turns_out_to_be_about_its_head(engine: Engine) -> None:
    told_of = reported("case-1", "03-03 09:00").step_by("03-03 10:00", "citizen:1", AddSubject(official="clerk:T01"))
    followed(engine, told(told_of))
    assert ids(engine, "head:T01", "T01") == []
    assert open_(engine, "head:T01", "T01") == 0


def open_(engine: Engine, who: str, *units: str) -> int:
    with engine.connect() as db:
        return counts(db, act(who), units, at("03-11 00:00")).open


def test_the_counts_tell_late_from_soon(engine: Engine) -> None:
    followed(
        engine,
        told(reported("late", "03-06 09:00"), reported("due", "03-07 09:00"), reported("new", "03-10 08:00")),
    )
    with engine.connect() as db:
        assert counts(db, act("head:T01"), ["T01"], at("03-11 00:00")) == Counts(open=3, due_soon=1, overdue=1)
        assert counts(db, act("head:T01", "03-11 00:00"), ["T01"], at("03-12 00:00")).overdue == 2
        assert counts(db, act("head:T02"), ["T02"], at("03-11 00:00")) == Counts(open=0, due_soon=0, overdue=0)


def test_what_is_settled_leaves_no_trace_in_queue_or_count(engine: Engine) -> None:
    up = assigned_to("V0101", village="V0101").step_by("03-03 10:00", "head:V0101", UP)
    followed(engine, told(up.step_by("03-03 11:00", "head:T01", RESOLVE)))
    assert ids(engine, "dispatcher", "T01", "V0101") == []
    assert ids(engine, "follow-up", "D-FOLLOWUP") == ["case-1"]
    assert (open_(engine, "head:T01", "T01"), open_(engine, "follow-up", "D-FOLLOWUP")) == (0, 1)


def test_a_case_that_moves_while_one_reads_is_met_once_in_the_place_it_had(engine: Engine) -> None:
    stories = [called(f"case-{number}", assigned_to("T01", village="V0101")) for number in range(4)]
    log = told(*stories)
    follower = followed(engine, log)
    with engine.connect() as db:
        first = page(db, act("head:T01"), ["T01"], 2, recall=log.recall)
    less = stories[0].step_by("03-03 11:00", "head:T01", Contact(outcome=ContactOutcome.REACHED))
    more = stories[3].step_by("03-03 11:00", "dispatcher", Reclassify(grade=Grade.URGENT, reason="it floods"))
    log.goes_on(Written(line for one in (less, more) for line in one.history[len(stories[0].history) :]))
    follower.catch_up()
    assert ids(engine, "head:T01", "T01") == ["case-3", "case-1", "case-2", "case-0"]
    with engine.connect() as db:
        rest = page(db, act("head:T01"), ["T01"], 2, first.next, recall=log.recall)
    assert [item.id for item in (*first.items, *rest.items)] == ["case-0", "case-1", "case-2", "case-3"]


def test_a_case_that_comes_while_one_reads_makes_no_other_come_twice_and_is_for_the_next_reading(
    engine: Engine,
) -> None:
    names = [f"case-{number}" for number in range(6)]
    log = told(*(reported(name, "03-03 09:00") for name in names))
    follower = followed(engine, log)
    with engine.connect() as db:
        first = page(db, act("head:T01"), ["T01"], 3, recall=log.recall)
    more = told(reported("urgent", "03-03 10:00", grade=Grade.URGENT), reported("new", "03-07 10:00"))
    log.goes_on(more)
    follower.catch_up()
    with engine.connect() as db:
        rest = page(db, act("head:T01"), ["T01"], 9, first.next, recall=log.recall)
    assert [item.id for item in (*first.items, *rest.items)] == names


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "ä", "=", "W10", urlsafe_b64encode(b'["due_at",1,"a"]').decode(), urlsafe_b64encode(b"[" * 300).decode()]
    + [
        urlsafe_b64encode(text.encode()).decode()
        for text in ('["queue",1,"I",1,"a\\u0000",1]', '["queue",1e30,"I",1,"a",1]')
    ]
    + [urlsafe_b64encode(f'["queue",{2**63},"I",1,"a",1]'.encode()).decode(), "A" * 3000],
)
def test_a_cursor_that_we_never_gave_is_refused(engine: Engine, cursor: str) -> None:
    with engine.connect() as db, pytest.raises(Invalid):
        page(db, act("head:T01"), ["T01"], 10, cursor, recall=NOTHING)
