"""The organisation as it stands: who lies where, who acts in whose name, who heads what on which day."""

from datetime import UTC, date, datetime, timedelta

from domain.decider import Actor
from domain.org import Duty, Org, Post, Role, Tier, UnitKind
from domain.tests.organising import (
    LONG_AGO,
    NOW,
    TODAY,
    TOMORROW,
    UNITS,
    official,
    organised,
    post,
    rewritten,
    those,
    unit,
    without,
    written,
)

DISTRICT = organised(written())
MERGED = organised(
    written(),
    written(
        rewritten(
            unit("T02", "town", "D", successor="T01"),
            unit("V0201", "village", "T01"),
            unit("V0102", "community", "T01", successor="V0101"),
        ),
        those("head:T01"),
    ),
)


def headed_by(*heads: tuple[str, date, date | None]) -> Org:
    """The district with these town heads of T01, each from one day until another."""
    return organised(
        written(UNITS, (official(who, post("T01", "town_head", since, until)) for who, since, until in heads))
    )


def test_a_tier_knows_the_one_above() -> None:
    assert [tier.above for tier in Tier] == [Tier.TOWN, Tier.DISTRICT, None]


def test_offices_are_of_the_town_tier_departments_of_the_district_tier_and_bodies_of_none() -> None:
    assert {str(kind): kind.tier for kind in UnitKind} == {
        "village": Tier.VILLAGE,
        "community": Tier.VILLAGE,
        "town": Tier.TOWN,
        "office": Tier.TOWN,
        "district": Tier.DISTRICT,
        "department": Tier.DISTRICT,
        "body": None,
    }


def test_a_unit_knows_what_it_lies_in_the_nearest_first() -> None:
    assert DISTRICT.ancestors("V0101") == ("T01", "D")
    assert DISTRICT.ancestors("D") == ()
    assert DISTRICT.ancestors("no such unit") == ()


def test_below_a_unit_is_all_that_lies_in_it_at_any_depth_and_not_the_unit_itself() -> None:
    assert DISTRICT.below("T01") == {"T01-LAND", "T01-CIVIL", "V0101", "V0102"}
    assert DISTRICT.below("D") == {draft.id for draft in UNITS} - {"D", "CITY-GOV", "D-DISCIPLINE"}
    assert DISTRICT.below("V0101") == frozenset()


def test_a_village_an_office_and_the_town_itself_know_their_town() -> None:
    assert [DISTRICT.town_of(unit_id) for unit_id in ("V0101", "T01-LAND", "T01")] == ["T01"] * 3


def test_there_is_no_town_at_the_district_or_outside_the_tiers() -> None:
    assert [DISTRICT.town_of(unit_id) for unit_id in ("D", "D-ROADS", "CITY-GOV", "no such unit")] == [None] * 4


def test_the_places_of_a_town_are_its_offices_too_and_nobody_at_the_district_has_any() -> None:
    assert DISTRICT.area("T01-LAND") == DISTRICT.area("T01") == DISTRICT.within("T01")
    assert DISTRICT.area("V0101") == {"V0101"}
    assert [DISTRICT.area(unit_id) for unit_id in ("D", "D-ROADS", "CITY-GOV", "no such unit")] == [frozenset()] * 4


def test_everything_but_a_body_lies_in_a_district() -> None:
    assert [DISTRICT.district_of(unit_id) for unit_id in ("V0101", "D-ROADS", "D")] == ["D"] * 3
    assert DISTRICT.district_of("CITY-GOV") is None


def test_an_office_acts_for_its_town_and_everybody_else_for_themselves() -> None:
    assert DISTRICT.acts_for("T01-LAND") == "T01"
    assert [DISTRICT.acts_for(unit_id) for unit_id in ("T01", "V0101", "D-ROADS", "CITY-GOV")] == [
        "T01", "V0101", "D-ROADS", "CITY-GOV"
    ]  # fmt: skip


def test_a_town_and_its_offices_are_one_house() -> None:
    assert DISTRICT.same_house("T01-LAND", "T01")
    assert DISTRICT.same_house("T01", "T01-CIVIL")
    assert DISTRICT.same_house("T01-LAND", "T01-CIVIL")


def test_a_town_and_its_villages_or_its_district_and_a_department_are_not_one_house() -> None:
    assert not DISTRICT.same_house("V0101", "T01")
    assert not DISTRICT.same_house("T01-LAND", "T02")
    assert not DISTRICT.same_house("D-ROADS", "D")


def test_a_village_lies_in_itself_its_town_the_towns_offices_and_the_districts_departments() -> None:
    assert all(DISTRICT.lies_in("V0101", unit_id) for unit_id in ("V0101", "T01", "T01-LAND", "D-ROADS", "D"))


def test_a_village_does_not_lie_in_its_neighbours_in_other_towns_or_in_a_body() -> None:
    assert not any(DISTRICT.lies_in("V0101", unit_id) for unit_id in ("V0102", "T02", "D-DISCIPLINE", "no such unit"))


def test_the_unit_with_a_duty_for_all_is_found_and_of_several_the_first_by_id() -> None:
    assert DISTRICT.with_duty(Duty.MASS_WORK) == "D-MASSWORK"
    assert DISTRICT.with_duty(Duty.REVIEW) is None
    two = unit("Z", "body", None, Duty.REVIEW), unit("A", "body", None, Duty.REVIEW)
    assert organised(written(two, ())).with_duty(Duty.REVIEW) == "A"


def test_a_unit_has_the_duties_written_down_for_it_until_it_is_closed() -> None:
    assert DISTRICT.has_duty("D-MASSWORK", Duty.MASS_WORK)
    assert not DISTRICT.has_duty("D-MASSWORK", Duty.DISPATCH)
    closed = organised(written(), written(without("D-MASSWORK"), ()))
    assert not closed.has_duty("D-MASSWORK", Duty.MASS_WORK)
    assert closed.with_duty(Duty.MASS_WORK) is None


def test_the_head_of_the_town_answers_for_the_town_its_offices_and_its_villages() -> None:
    units = ("T01", "T01-LAND", "V0101", "V0102")
    assert {DISTRICT.head_of(unit_id, NOW) for unit_id in units} == {"head:T01"}


def test_at_the_district_the_leader_with_a_post_at_that_very_unit_answers_for_it() -> None:
    assert DISTRICT.head_of("D-ROADS", NOW) == "leader:D1"
    assert DISTRICT.head_of("D-MASSWORK", NOW) == "leader:D2"


def test_nobody_answers_for_a_vacant_unit_a_body_or_an_unknown_one() -> None:
    vacant = organised(written(UNITS, ()))
    assert [vacant.head_of(unit_id, NOW) for unit_id in ("V0101", "D-ROADS")] == [None, None]
    assert [DISTRICT.head_of(unit_id, NOW) for unit_id in ("CITY-GOV", "no such unit")] == [None, None]


def test_the_head_changes_at_midnight_in_the_district() -> None:
    org = headed_by(("lan", LONG_AGO, date(2025, 6, 1)), ("mei", date(2025, 6, 1), None))
    assert org.head_of("V0101", datetime(2025, 5, 31, 15, 59, 59, tzinfo=UTC)) == "lan"
    assert org.head_of("V0101", datetime(2025, 5, 31, 16, tzinfo=UTC)) == "mei"


def test_between_two_heads_the_post_is_vacant() -> None:
    org = headed_by(("lan", LONG_AGO, date(2025, 3, 1)), ("mei", date(2025, 6, 1), None))
    assert org.head_of("T01", NOW) is None


def test_of_two_heads_at_once_the_one_who_came_last_answers() -> None:
    org = headed_by(("mei", date(2025, 2, 1), None), ("zhou", LONG_AGO, None))
    assert org.head_of("T01", NOW) == "mei"


def test_an_official_acts_with_the_posts_held_that_day() -> None:
    past, present, future = (
        post("T01", "cadre", LONG_AGO, TODAY),
        post("T02", "town_clerk", TODAY, TOMORROW),
        post("D-ROADS", "department_officer", TOMORROW),
    )
    org = organised(written(UNITS, [official("p", past, present, future)]))
    assert org.actor("p", NOW) == Actor(
        id="p", posts=(Post(unit="T02", role=Role.TOWN_CLERK, since=TODAY, until=TOMORROW),)
    )


def test_an_official_without_a_post_is_still_known_and_a_stranger_is_not() -> None:
    org = organised(written(), written(UNITS, ()))
    assert org.actor("head:T01", NOW) == Actor(id="head:T01")
    assert org.actor("no such official", NOW) is None
    assert org.official("no such official") is None


def test_units_and_officials_may_have_the_same_id() -> None:
    assert DISTRICT.unit("CITY-GOV")
    assert DISTRICT.official("CITY-GOV")


def test_a_merged_unit_is_followed_to_the_one_that_stands_today() -> None:
    assert MERGED.successor("T02") == "T01"
    assert MERGED.successor("V0201") == "V0201"
    assert MERGED.successor("no such unit") == "no such unit"


def test_a_chain_of_mergers_is_followed_to_its_end() -> None:
    town = [unit("D", "district"), unit("C", "town", "D")]
    first = (*town, unit("B", "town", "D"), unit("A", "town", "D", successor="B"))
    then = (*town, unit("B", "town", "D", successor="C"))
    org = organised(written(first, ()), written(then, ()))
    assert org.successor("A") == "C"
    assert org.town_of("A") == "C"


def test_what_a_merged_town_held_lies_in_the_town_that_took_it_over() -> None:
    assert MERGED.town_of("T02") == "T01"
    for place in ("T02", "V0201"):
        assert MERGED.head_of(place, NOW) == "head:T01"
        assert MERGED.head_of(place, NOW - timedelta(days=1)) == "head:T02", "until then it had a head of its own"
    assert MERGED.acts_for("T02") == "T01"
    assert MERGED.same_house("T02", "T01-LAND")
    assert "T02" in MERGED.below("T01")


def test_for_a_merged_department_the_leader_of_its_successor_answers() -> None:
    merged = rewritten(unit("D-ROADS", "department", "D", successor="D-MASSWORK"))
    org = organised(written(), written(merged, those("leader:D2")))
    assert org.head_of("D-ROADS", NOW) == "leader:D2"


def test_a_case_from_a_merged_village_lies_in_the_village_that_took_it_over() -> None:
    assert MERGED.lies_in("V0102", "V0101")
    assert MERGED.lies_in("V0102", "T01")
    assert MERGED.lies_in("V0101", "V0102")


def test_an_office_closed_without_a_successor_acts_for_the_town_that_took_over_its_town() -> None:
    with_an_office = (*UNITS, unit("T02-LAND", "office", "T02"))
    merged = (*without("T02"), unit("T02", "town", "D", successor="T01"))
    org = organised(written(with_an_office), written(merged, ()))
    assert org.acts_for("T02-LAND") == "T01"
    assert org.lies_in("V0101", "T02-LAND")
