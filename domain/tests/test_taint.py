"""A complaint must never reach the person complained about, his unit, or those under him (Regulations 2005, art. 23)."""

from hypothesis import given
from hypothesis import strategies as st

from domain.decider import Actor
from domain.org import Org, Post, ReorganiseDistrict, Role
from domain.tests.organising import (
    LONG_AGO,
    NOW,
    TODAY,
    TOMORROW,
    UNITS,
    official,
    organised,
    plans,
    post,
    someone,
    those,
    unit,
    without,
    written,
)

DISTRICT = organised(written())


def units_kept_from(*subjects: str, org: Org = DISTRICT) -> set[str]:
    return set(org.taint(subjects, NOW).units)


def test_a_village_cadre_taints_his_village_and_not_the_town_above_it() -> None:
    assert units_kept_from("cadre:V0101-c1") == {"V0101"}


def test_a_town_head_taints_the_town_its_offices_and_its_villages() -> None:
    assert units_kept_from("head:T01") == {"T01", "T01-LAND", "T01-CIVIL", "V0101", "V0102"}


def test_a_town_clerk_belongs_to_the_town_and_taints_it_like_its_head() -> None:
    assert units_kept_from("clerk:T01-station") == units_kept_from("head:T01")


def test_an_officer_of_an_office_taints_the_office_and_leaves_the_town_to_its_head() -> None:
    assert units_kept_from("officer:T01-LAND") == {"T01-LAND"}


def test_a_department_post_taints_that_department_only() -> None:
    assert units_kept_from("leader:D1") == {"D-ROADS"}


def test_a_post_at_the_district_itself_taints_all_that_lies_in_it_but_no_body() -> None:
    bodies = {"CITY-GOV", "D-DISCIPLINE"}
    assert units_kept_from("leader:D") == {draft.id for draft in UNITS} - bodies


def test_a_post_at_a_body_taints_that_body_only() -> None:
    assert units_kept_from("officer:D-DISCIPLINE") == {"D-DISCIPLINE"}


def test_every_post_held_counts() -> None:
    assert units_kept_from("leader:D2") == {"D-MASSWORK", "D-dispatch"}


def test_every_subject_counts() -> None:
    assert units_kept_from("cadre:V0102-c1", "officer:D-ROADS") == {"V0102", "D-ROADS"}


def test_a_post_that_was_left_taints_nothing_any_more() -> None:
    moved = official("p", post("T01", "town_officer", LONG_AGO, TODAY), post("D-ROADS", "department_officer", TODAY))
    assert units_kept_from("p", org=organised(written(UNITS, [moved]))) == {"D-ROADS"}


def test_a_post_not_yet_taken_taints_nothing_yet() -> None:
    coming = official("p", post("T01", "town_head", TOMORROW))
    assert units_kept_from("p", org=organised(written(UNITS, [coming]))) == set()


def test_a_subject_is_tainted_himself_wherever_he_sits_now() -> None:
    without_post = Actor(id="head:V0101")
    assert DISTRICT.tainted(without_post, ["head:V0101"], NOW)
    assert DISTRICT.taint(["head:V0101"], NOW).persons == {"head:V0101"}


def test_colleagues_and_subordinates_are_tainted_and_superiors_and_neighbours_are_not() -> None:
    def kept_from(official_id: str) -> bool:
        return DISTRICT.tainted(someone(DISTRICT, official_id), ["head:T01"], NOW)

    assert kept_from("clerk:T01-station")
    assert kept_from("officer:T01-LAND")
    assert kept_from("cadre:V0102-c1")
    assert not kept_from("leader:D")
    assert not kept_from("head:T02")
    assert not kept_from("clerk:D-dispatch")


def test_one_tainted_post_among_several_is_enough() -> None:
    both = Actor(
        id="p",
        posts=(
            Post(unit="D-ROADS", role=Role.CADRE, since=LONG_AGO),
            Post(unit="V0101", role=Role.CADRE, since=LONG_AGO),
        ),
    )
    assert DISTRICT.tainted(both, ["head:V0101"], NOW)


def test_without_subjects_nobody_is_tainted() -> None:
    assert not DISTRICT.tainted(someone(DISTRICT, "head:T01"), [], NOW)
    assert not DISTRICT.unit_tainted("T01", [], NOW)


def test_somebody_outside_the_organisation_taints_no_unit() -> None:
    assert units_kept_from("a stranger") == set()


def test_a_unit_is_tainted_by_those_who_belong_to_it_or_stand_above_it() -> None:
    assert DISTRICT.unit_tainted("V0101", ["cadre:V0101-c1"], NOW)
    assert DISTRICT.unit_tainted("V0101", ["head:T01"], NOW)
    assert not DISTRICT.unit_tainted("T01", ["cadre:V0101-c1"], NOW)
    assert not DISTRICT.unit_tainted("D-DISCIPLINE", ["leader:D"], NOW)


def test_a_merged_town_is_tainted_by_those_of_the_town_that_took_it_over() -> None:
    merged = organised(
        written(),
        written((*without("T02"), unit("T02", "town", "D", successor="T01")), those("head:T01")),
    )
    assert {"T02", "V0201"} <= units_kept_from("head:T01", org=merged)
    assert units_kept_from("head:T02", org=merged) == set()


def test_from_an_official_are_hidden_complaints_about_himself_his_colleagues_and_everybody_above() -> None:
    cadre = someone(DISTRICT, "cadre:V0101-c1")
    assert DISTRICT.subjects_hidden_from(cadre, NOW) == {
        "cadre:V0101-c1", "head:V0101", "head:T01", "clerk:T01-station", "leader:D"
    }  # fmt: skip


def test_from_a_citizen_nothing_is_hidden_but_what_is_about_himself() -> None:
    assert DISTRICT.subjects_hidden_from(Actor(id="citizen:a"), NOW) == {"citizen:a"}


@given(plans(), plans(), st.sets(st.sampled_from(["p", "q", "r", "s", "t", "u"])))
def test_whatever_district_it_is(before: ReorganiseDistrict, now: ReorganiseDistrict, subjects: set[str]) -> None:
    org = organised(before, now)
    a_complaint_is_hidden_from_exactly_those_whom_it_taints(org)
    several_subjects_taint_what_each_of_them_taints(org, subjects)
    whatever_lies_in_a_tainted_unit_is_tainted(org)


def a_complaint_is_hidden_from_exactly_those_whom_it_taints(org: Org) -> None:
    for reader in org.officials:
        actor = someone(org, reader)
        tainting = {subject for subject in org.officials if org.tainted(actor, [subject], NOW)}
        assert org.subjects_hidden_from(actor, NOW) == tainting


def several_subjects_taint_what_each_of_them_taints(org: Org, subjects: set[str]) -> None:
    one_by_one = [org.taint([subject], NOW) for subject in subjects]
    together = org.taint(subjects, NOW)
    assert together.persons == subjects
    assert together.units == frozenset().union(*(taint.units for taint in one_by_one))


def whatever_lies_in_a_tainted_unit_is_tainted(org: Org) -> None:
    for subject in org.officials:
        tainted = org.taint([subject], NOW).units
        assert all((unit_id in tainted) >= bool(tainted.intersection(org.ancestors(unit_id))) for unit_id in org.units)
