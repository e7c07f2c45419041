"""The whole organisation is written down anew, and what differs from before is recorded."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given

from domain.decider import Actor
from domain.org import Duty, Org, OrgEvent, Post, PostDraft, ReorganiseDistrict, Role, Unit, UnitKind
from domain.org.events import (
    OfficialRegistered,
    OfficialRenamed,
    PostExtended,
    PostLeft,
    PostTaken,
    UnitChanged,
    UnitClosed,
    UnitOpened,
)
from domain.refusals import Invalid
from domain.tests.organising import (
    LONG_AGO,
    NEXT_YEAR,
    OFFICIALS,
    TODAY,
    TOMORROW,
    UNITS,
    after,
    changes,
    official,
    organised,
    plans,
    post,
    rewritten,
    someone,
    those,
    unit,
    without,
    written,
)

DISTRICT = organised(written())
YESTERDAY = date(2025, 3, 2)


def clerk(since: date = LONG_AGO, until: date | None = None) -> Post:
    return Post(unit="T01", role=Role.TOWN_CLERK, since=since, until=until)


def with_p(*posts: PostDraft) -> ReorganiseDistrict:
    """The units of the district and one official, `p`, who holds these posts."""
    return written(UNITS, [official("p", *posts)])


def next_changes(before: ReorganiseDistrict, now: ReorganiseDistrict) -> list[OrgEvent]:
    return changes(organised(before), now)


def test_the_first_time_units_are_opened_and_officials_take_their_posts() -> None:
    units = [unit("D", "district", name="汉滨区"), unit("D-MW", "department", "D", Duty.MASS_WORK, name="群众工作部")]
    officer = official("p", post("D-MW", "adjudicator"), name="老陈")
    assert changes(Org(), written(units, [officer])) == [
        UnitOpened(unit="D", name="汉滨区", kind=UnitKind.DISTRICT, parent=None, duties=()),
        UnitOpened(unit="D-MW", name="群众工作部", kind=UnitKind.DEPARTMENT, parent="D", duties=(Duty.MASS_WORK,)),
        OfficialRegistered(official="p", name="老陈"),
        PostTaken(official="p", post=Post(unit="D-MW", role=Role.ADJUDICATOR, since=LONG_AGO)),
    ]


def test_the_same_once_more_changes_nothing() -> None:
    assert changes(DISTRICT, written()) == []


def test_the_order_in_which_things_are_written_down_does_not_matter() -> None:
    assert changes(DISTRICT, written(reversed(UNITS), reversed(OFFICIALS))) == []


def test_a_tier_may_be_given_if_it_is_the_right_one() -> None:
    tiers = [replace(draft, tier=draft.kind.tier) for draft in UNITS]
    assert changes(DISTRICT, written(tiers)) == []


def test_a_unit_may_get_another_name_kind_place_or_duty() -> None:
    plan = written(
        rewritten(unit("V0102", "village", "T02", name="新村"), unit("D-ROADS", "department", "D", Duty.REVIEW))
    )
    assert changes(DISTRICT, plan) == [
        UnitChanged(unit="D-ROADS", name="D-ROADS", kind=UnitKind.DEPARTMENT, parent="D", duties=(Duty.REVIEW,)),
        UnitChanged(unit="V0102", name="新村", kind=UnitKind.VILLAGE, parent="T02", duties=()),
    ]
    assert organised(written(), plan).unit("V0102") == Unit(
        id="V0102", name="新村", kind=UnitKind.VILLAGE, parent="T02", earlier=((TODAY, "T01"),)
    )


def test_a_unit_left_out_is_closed_and_stays_known() -> None:
    plan = written(without("D-ROADS"), ())
    assert UnitClosed(unit="D-ROADS", on=TODAY, successor=None) in changes(DISTRICT, plan)
    closed = organised(written(), plan).unit("D-ROADS")
    assert closed is not None
    assert closed.closed_on == TODAY


def test_a_closed_unit_written_down_again_takes_up_its_work() -> None:
    closed = organised(written(), written(without("V0101"), those("head:T01")))
    assert changes(closed, written(officials=those("head:T01"))) == [
        UnitOpened(unit="V0101", name="V0101", kind=UnitKind.VILLAGE, parent="T01", duties=())
    ]
    elsewhere = written(rewritten(unit("V0101", "village", "T02")), those("head:T01"))
    again = after(closed, changes(closed, elsewhere))
    assert [again.town_of("V0101", day) for day in (YESTERDAY, TODAY)] == ["T01", "T02"]


def test_a_closed_unit_written_down_with_its_day_stays_closed() -> None:
    plan = written(without("V0101"), those("head:T01"))
    closed = organised(written(), plan)
    as_told = written((*without("V0101"), replace(unit("V0101", "village", "T01"), closed_on=TODAY)), those("head:T01"))
    assert changes(closed, as_told, NEXT_YEAR) == []


def test_nothing_is_merged_into_a_unit_that_is_closed() -> None:
    closed = organised(written(), written(without("V0101"), those("head:T01")))
    told = replace(unit("V0101", "village", "T01"), closed_on=TODAY)
    merging = unit("V0102", "community", "T01", successor="V0101")
    with pytest.raises(Invalid, match="the successor is closed"):
        changes(closed, written((*without("V0101", "V0102"), told, merging), those("head:T01")))


@pytest.mark.parametrize("day", [TODAY, TOMORROW])
def test_the_day_on_which_a_unit_is_closed_is_not_chosen(day: date) -> None:
    plan = written(rewritten(replace(unit("V0101", "village", "T01"), closed_on=day)), those("head:T01"))
    with pytest.raises(Invalid, match=r"^units\[\d+\]\.closed_on: "):
        changes(DISTRICT, plan)


def test_a_unit_with_a_successor_is_merged_into_it_and_stays_so() -> None:
    plan = written(rewritten(unit("V0102", "community", "T01", successor="V0101")), those("head:T01"))
    assert next_changes(written(officials=those("head:T01")), plan) == [
        UnitClosed(unit="V0102", on=TODAY, successor="V0101")
    ]
    merged = organised(written(), plan)
    assert changes(merged, plan, NEXT_YEAR) == []
    assert changes(merged, written(without("V0102"), those("head:T01")), NEXT_YEAR) == []


def test_a_town_may_be_merged_together_with_what_lies_in_it() -> None:
    village = unit("V0201", "village", "T02", successor="V0101")
    plan = written(rewritten(unit("T02", "town", "D", successor="T01"), village), those("head:T01"))
    assert next_changes(written(officials=those("head:T01")), plan) == [
        UnitClosed(unit="T02", on=TODAY, successor="T01"),
        UnitClosed(unit="V0201", on=TODAY, successor="V0101"),
    ]


def test_a_unit_closed_before_the_system_knew_it_may_be_written_down_with_its_successor() -> None:
    merged = unit("T00", "town", "D", successor="T01")
    assert changes(DISTRICT, written((*UNITS, merged))) == [
        UnitOpened(unit="T00", name="T00", kind=UnitKind.TOWN, parent="D", duties=()),
        UnitClosed(unit="T00", on=TODAY, successor="T01"),
    ]


def test_a_closed_unit_may_get_a_successor_later_and_keeps_its_day() -> None:
    closed = organised(written(), written(without("V0102"), those("head:T01")))
    plan = written(rewritten(unit("V0102", "community", "T01", successor="V0101")), those("head:T01"))
    assert changes(closed, plan, NEXT_YEAR) == [UnitClosed(unit="V0102", on=TODAY, successor="V0101")]


def test_a_merged_unit_may_be_renamed_and_stays_closed() -> None:
    merged = unit("V0102", "community", "T01", successor="V0101")
    plan = written(rewritten(replace(merged, name="旧社区")), those("head:T01"))
    org = organised(written(), written(rewritten(merged), those("head:T01")))
    assert changes(org, plan, NEXT_YEAR) == [
        UnitChanged(unit="V0102", name="旧社区", kind=UnitKind.COMMUNITY, parent="T01", duties=())
    ]
    assert after(org, changes(org, plan, NEXT_YEAR)).units["V0102"].closed_on == TODAY


def test_an_official_may_be_renamed() -> None:
    again = [replace(draft, name="老李") if draft.id == "head:T01" else draft for draft in OFFICIALS]
    assert changes(DISTRICT, written(officials=again)) == [OfficialRenamed(official="head:T01", name="老李")]


def test_a_post_left_out_ends_today_and_is_not_forgotten() -> None:
    assert next_changes(with_p(post("T01", "town_clerk")), with_p()) == [
        PostLeft(official="p", post=clerk(until=TODAY))
    ]
    left = organised(with_p(post("T01", "town_clerk")), with_p())
    assert someone(left, "p").posts == ()
    assert left.officials["p"].posts == (clerk(until=TODAY),)


def test_an_official_left_out_leaves_every_post_and_stays_known() -> None:
    before = with_p(post("T01", "town_clerk"), post("T02", "cadre"))
    assert next_changes(before, written(UNITS, ())) == [
        PostLeft(official="p", post=clerk(until=TODAY)),
        PostLeft(official="p", post=Post(unit="T02", role=Role.CADRE, since=LONG_AGO, until=TODAY)),
    ]
    assert organised(before, written(UNITS, ())).official("p")


def test_a_post_that_is_over_need_not_be_written_down_again() -> None:
    assert next_changes(with_p(post("T01", "town_clerk", until=YESTERDAY)), with_p()) == []


def test_a_post_left_out_before_it_began_is_never_held() -> None:
    coming = with_p(post("T01", "town_clerk", TOMORROW))
    assert next_changes(coming, with_p()) == [PostLeft(official="p", post=clerk(TOMORROW, TOMORROW))]
    assert organised(coming, with_p()).actor("p", NEXT_YEAR) == Actor(id="p")
    assert changes(organised(coming, with_p()), with_p()) == []


def test_a_post_may_end_on_a_day_and_go_on_after_all() -> None:
    endless, until_tomorrow = with_p(post("T01", "town_clerk")), with_p(post("T01", "town_clerk", until=TOMORROW))
    assert next_changes(endless, until_tomorrow) == [PostLeft(official="p", post=clerk(until=TOMORROW))]
    assert next_changes(until_tomorrow, endless) == [PostExtended(official="p", post=clerk())]


def test_the_same_post_taken_once_more_on_another_day_is_another_post() -> None:
    first, second = post("T01", "town_clerk", until=YESTERDAY), post("T01", "town_clerk", TODAY)
    assert next_changes(with_p(first), with_p(second)) == [PostTaken(official="p", post=clerk(TODAY))]


def test_the_day_a_post_ends_is_the_districts_and_not_that_of_greenwich() -> None:
    just_after_midnight = datetime(2025, 3, 3, 16, 0, tzinfo=UTC)
    left = changes(organised(with_p(post("T01", "town_clerk"))), with_p(), just_after_midnight)
    assert left == [PostLeft(official="p", post=clerk(until=TOMORROW))]


def test_a_post_that_is_over_may_be_written_down_even_at_a_closed_unit() -> None:
    closed = organised(written(UNITS, ()), written(without("T01"), ()))
    plan = written(without("T01"), [official("p", post("T01", "town_clerk", until=YESTERDAY))])
    assert PostTaken(official="p", post=clerk(until=YESTERDAY)) in changes(closed, plan)


@given(plans(), plans())
def test_whatever_was_before(before: ReorganiseDistrict, now: ReorganiseDistrict) -> None:
    first = organised(before)
    org = after(first, changes(first, now))
    afterwards_it_is_as_written_and_writing_it_again_changes_nothing(org, now)
    nobody_holds_a_post_at_a_closed_unit_and_no_post_is_forgotten(first, org)


def afterwards_it_is_as_written_and_writing_it_again_changes_nothing(org: Org, now: ReorganiseDistrict) -> None:
    assert changes(org, now) == []
    for draft in now.units:
        known = org.units[draft.id]
        assert (known.name, known.kind, known.parent, known.successor) == (
            draft.name, draft.kind, draft.parent, draft.successor
        )  # fmt: skip
        assert known.closed == draft.closed
    open_units = {known.id for known in org.units.values() if not known.closed}
    assert open_units == {draft.id for draft in now.units if not draft.closed}
    for official_id in org.officials:
        wanted = {seat.post for draft in now.officials if draft.id == official_id for seat in draft.posts}
        assert set(someone(org, official_id).posts) == {seat for seat in wanted if seat.held_on(TODAY)}


def nobody_holds_a_post_at_a_closed_unit_and_no_post_is_forgotten(first: Org, org: Org) -> None:
    for official_id in org.officials:
        assert not any(org.units[seat.unit].closed for seat in someone(org, official_id, NEXT_YEAR).posts)
    for known in first.officials.values():
        assert {seat.entry for seat in known.posts} <= {seat.entry for seat in org.officials[known.id].posts}
