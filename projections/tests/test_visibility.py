"""Whom SQL shows a case to: exactly those to whom the gate shows it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, select

from domain.case import Case, sees
from domain.case.intake import Divert
from domain.case.terms import Confidentiality
from domain.decider import Act, Actor
from domain.org import Official, Org, Post, Role
from domain.streams import CASE
from domain.tests.hanbin import RULES
from domain.tests.road import assigned_to, report
from domain.tests.story import ORG, POSTS, OpenVault, Step, Story, at, given
from projections.cases.case_file import CaseFile, case_file
from projections.cases.guard import counts_for, guard_of
from projections.cases.visibility import each_visible_to, few_seen, visible_among, visible_to
from projections.following.follower import Follower
from projections.tests.logs import Written, told
from projections.tests.wandering import PEOPLE

NOW = at("06-01 09:00")

MORE = {
    "cadre:D": ("D", Role.CADRE),
    "clerk:T01-LAND": ("T01-LAND", Role.TOWN_CLERK),
    "officer:D-GOV": ("D-GOV", Role.DEPARTMENT_OFFICER),
    "head:V0201": ("V0201", Role.VILLAGE_HEAD),
    "integrator": ("D", Role.INTEGRATOR),
    "admin": ("D", Role.ADMIN),
    "privacy": ("D", Role.PRIVACY_OFFICER),
    "cadre:D-TRANSPORT": ("D-TRANSPORT", Role.CADRE),
}


def staffed(org: Org) -> Org:
    """The same units, with more kinds of posts, and two persons who have two."""
    more = {who: Official(id=who, name=who, posts=(held(*post),)) for who, post in MORE.items()}
    double = Official(id="double", name="Double", posts=(held("V0101", Role.CADRE), held("D-FOLLOWUP", Role.FOLLOW_UP)))
    initiated = Official(
        id="initiated", name="Both", posts=(held("V0101", Role.CADRE), held("D-DISCIPLINE", Role.CADRE))
    )
    return replace(org, officials={**org.officials, **more, "double": double, "initiated": initiated})


def held(unit: str, role: Role) -> Post:
    return Post(unit=unit, role=role, since=date(2020, 1, 1))


def merged(org: Org) -> Org:
    """Town 2 was merged into town 1, and village 2 into village 1; their officials keep the posts they had."""
    units = dict(org.units)
    for unit, successor in (("T02", "T01"), ("V0102", "V0101")):
        units[unit] = replace(units[unit], closed_on=date(2025, 5, 1), successor=successor)
    return replace(org, units=units)


def actors(org: Org) -> Iterator[Act]:
    for who in (*PEOPLE, *MORE, "double", "initiated", "nobody"):
        by = org.actor(who, NOW) or Actor(id=who)
        yield Act(by=by, at=NOW, rules=RULES, org=org, vault=OpenVault())


@pytest.mark.parametrize("org", [staffed(ORG), merged(staffed(ORG))], ids=["as it was", "after a merger"])
def test_sql_shows_what_the_gate_shows(engine: Engine, many_lives: Written, org: Org) -> None:
    Follower(engine, many_lives, (CaseFile(),)).catch_up()
    cases = many_lives.states({stream for *_, stream in many_lives.lines}, len(many_lives.lines)).values()
    seen_by = {}
    with engine.connect() as db:
        for act in actors(org):
            expected = {case.id for case in cases if sees(case, act)}
            assert set(db.scalars(select(case_file.c.case_id).where(visible_to(act, few_seen(db, act))))) == expected
            assert set(db.scalars(select(case_file.c.case_id).where(each_visible_to(act)))) == expected
            assert visible_among(db, act, [case.id for case in cases]) == expected
            seen_by[act.by.id] = len(expected)
    assert seen_by["nobody"] == 0
    assert 0 < seen_by["cadre:V0101"] < seen_by["follow-up"] < seen_by["dispatcher"] <= len(cases)


def diverted() -> Story:
    away = Divert(to="D-GOV", basis="law")
    return given(Step("03-03 09:00", "citizen:1", report()), Step("03-03 10:00", "dispatcher", away))


def sealed() -> Story:
    return given(Step("03-03 09:00", "citizen:1", report("V0101", confidentiality=Confidentiality.SEALED)))


@pytest.mark.parametrize(
    ("story", "who", "others"),
    [
        (assigned_to("V0101"), {"head:T01", "head:V0101"}, {"head:T02", "head:V0102"}),
        (diverted(), {"officer:D-GOV"}, {"officer:D-TRANSPORT", "head:T01"}),
        (sealed(), {"discipline", "adjudicator"}, {"initiated", "cadre:V0101"}),
    ],
    ids=["held by a village", "diverted", "sealed"],
)
def test_a_case_is_listed_by_whoever_the_same_post_lets_know_of_it(
    engine: Engine, story: Story, who: set[str], others: set[str]
) -> None:
    Follower(engine, told(story), (CaseFile(),)).catch_up()
    with engine.connect() as db:
        listing = {act.by.id for act in actors(staffed(ORG)) if visible_among(db, act, [story.case.id])}
    assert who <= listing
    assert listing.isdisjoint(others)


def test_of_more_cases_than_a_statement_may_name_those_he_sees_are_told(engine: Engine, many_lives: Written) -> None:
    Follower(engine, many_lives, (CaseFile(),)).catch_up()
    there = {stream.removeprefix(CASE) for *_, stream in many_lives.lines if stream.startswith(CASE)}
    [act] = (one for one in actors(staffed(ORG)) if one.by.id == "auditor")
    with engine.connect() as db:
        assert visible_among(db, act, [*there, *map(str, range(70_000))]) == there


def test_a_count_tells_nobody_of_cases_that_he_would_not_see_from_anywhere(many_lives: Written) -> None:
    org = staffed(ORG)
    for case in many_lives.states({stream for *_, stream in many_lives.lines}, len(many_lives.lines)).values():
        for act in actors(org):
            everywhere = replace(act, by=replace(act.by, posts=(*act.by.posts, held("D-DISPATCH", Role.DISPATCHER))))
            assert counts_for(everywhere)(guard_of(case)) == sees(case, everywhere)


def test_a_count_tells_of_what_is_sealed_only_those_who_know_of_such_cases() -> None:
    knowing = {"D-MASSWORK", "D-DISPATCH", "D-DISCIPLINE"}
    initiated = {who for who, (unit, role) in POSTS.items() if unit in knowing or role is Role.AUDITOR}
    assert counted(Case(id="case-1", confidentiality=Confidentiality.SEALED)) == initiated
    about = counted(Case(id="case-1", subjects=frozenset({"head:V0101"})))
    assert POSTS.keys() - about == {"head:V0101", "cadre:V0101"}


def counted(case: Case) -> set[str]:
    return {act.by.id for act in actors(ORG) if counts_for(act)(guard_of(case))}


def test_a_case_about_more_officials_than_a_key_can_name_is_in_no_count() -> None:
    crowd = Case(id="case-1", subjects=frozenset(f"official-{number}" for number in range(200)))
    assert not any(counts_for(act)(guard_of(crowd)) for act in actors(staffed(ORG)))
