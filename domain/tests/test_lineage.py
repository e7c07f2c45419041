"""Households part, join and move, and are related to officials: who is in need stays so, and names stay sealed."""

from dataclasses import replace
from datetime import date

import pytest

from domain.case.intake import Accept
from domain.case.oversight import LinkHousehold
from domain.case.reporting import Report
from domain.case.terms import Grade, Kind
from domain.decider import Actor, Sealed
from domain.household import (
    ApplyBenefit,
    Contest,
    DecideContest,
    DiscloseHousehold,
    GrantBenefit,
    HandOver,
    Household,
    HouseholdCommand,
    PostNotice,
    RecordVisit,
    RefuseBenefit,
    StartPairing,
)
from domain.household.benefits import EndBenefit
from domain.household.facts import JoinMember
from domain.household.kin import CheckRelation, DeclareRelation
from domain.household.lineage import MergeHousehold, MoveHousehold, SplitHousehold
from domain.household.terms import Benefit, HouseholdClass
from domain.org import Post, Role
from domain.refusals import ConflictOfInterest, Invalid, NotFound, NotPermitted, WrongStatus
from domain.streams import household_stream
from domain.tests.home import POOR, RECOVERED, REGISTERED, WELL, Home, overridden, refused
from domain.tests.story import Step, at, given

CADRE, CLERK, HEAD = "cadre:V0101", "clerk:T01", "head:T01"
POOR_HOME = REGISTERED.play(
    [
        ("01-07 09:00", CADRE, POOR),
        ("01-07 10:00", CADRE, JoinMember(member="m-1", relation="son", name="A son")),
    ]
)
ORGANISER = Actor(id="organiser", posts=(Post(unit="D", role=Role.ORGANISATION_OFFICER, since=date(2024, 1, 1)),))
OTHER = Household(id="HH-2", version=1, village="V0101", town="T01")


def beside(home: Home, other: Household = OTHER) -> Home:
    return Home(household=home.household, history=home.history, others={household_stream(other.id): other})


def test_who_parts_from_a_household_in_need_is_in_need_until_his_own_facts_are_known() -> None:
    parted = POOR_HOME.step("01-08 09:00", CADRE, SplitHousehold(into="HH-9", members=("m-1",)))
    new: Household = parted.others[household_stream("HH-9")]
    assert parted.household.members == {}
    assert (new.klass, new.village, list(new.members)) == (HouseholdClass.PRIORITY, "V0101", ["m-1"])
    assert new.members["m-1"].sealed_at == "household:HH-1:m-1", "the name is read where it was sealed"
    refused(POOR_HOME, "01-08 09:00", CADRE, SplitHousehold(into="HH-9", members=("m-2",)), Invalid)
    for taken in ("HH-2", "V0102"):
        refused(beside(POOR_HOME), "01-08 09:00", CADRE, SplitHousehold(into=taken, members=("m-1",)), WrongStatus)


@pytest.mark.parametrize("command", [SplitHousehold(into="HH-2", members=("m-1",)), MergeHousehold(into="HH-2")])
def test_the_aftercare_goes_along_and_ends_when_it_would_have_ended(command: HouseholdCommand) -> None:
    joining = JoinMember(member="m-1", relation="son", name="A son")
    told = RECOVERED.play([("05-12 09:20", CADRE, joining), ("05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00")))])
    new = Household(id="HH-2") if isinstance(command, SplitHousehold) else OTHER
    parted = beside(told.until(at("05-20 00:00")), new).step("06-20 09:00", CADRE, command)
    other = Home(household=parted.others[household_stream("HH-2")])
    assert (other.household.klass, other.household.rules) == (HouseholdClass.ATTENTION, ("A4",))
    assert other.step("06-23 09:00", CADRE, WELL).household.found.rules == ("A4",), "nobody is led out of it before"
    assert other.until(at("2026-05-19 23:59")).household.klass is HouseholdClass.ATTENTION
    assert other.until(at("2026-05-20 00:00")).household.klass is HouseholdClass.SECURE


def test_a_household_that_joins_another_ends_there_with_its_help_and_takes_its_need_along() -> None:
    paired = beside(POOR_HOME).step("01-08 09:00", HEAD, StartPairing(helper="officer:T01-LAND"))
    joined = paired.step("01-09 09:00", CADRE, MergeHousehold(into="HH-2"))
    assert joined.events()[-2:] == ["pairing_ended", "merged_into"]
    other: Household = joined.others[household_stream("HH-2")]
    assert (other.klass, list(other.members)) == (HouseholdClass.PRIORITY, ["m-1"])
    assert joined.others["helper:officer:T01-LAND"].households == set()
    for command in (POOR, RecordVisit(met=("son",)), MoveHousehold(village="V0102")):
        refused(joined, "01-10 09:00", CADRE, command, WrongStatus)
    assert joined.household.next_deadline is None
    told = DiscloseHousehold(purpose="to write to those who lived there")
    assert joined.step("01-10 09:00", CADRE, told).household == joined.household


def test_neither_a_notice_nor_an_override_takes_away_the_need_that_is_brought_along() -> None:
    told = RECOVERED.step("05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00")))
    down = overridden(told, "05-13 09:00", HouseholdClass.SECURE)
    up = overridden(REGISTERED, "05-13 09:00", HouseholdClass.PRIORITY)
    for home in (told, down, up):
        other = replace(home.household, id="HH-2")
        joined = beside(POOR_HOME, other).step("05-14 09:00", CADRE, MergeHousehold(into="HH-2"))
        after: Household = joined.others[household_stream("HH-2")]
        assert (after.klass, after.next_deadline) == (HouseholdClass.PRIORITY, None)


def test_what_was_assessed_before_another_joined_leads_nobody_out_of_need() -> None:
    other = replace(RECOVERED.household, id="HH-2")
    joined = beside(POOR_HOME, other).step("05-12 10:00", CADRE, MergeHousehold(into="HH-2"))
    after = Home(household=joined.others[household_stream("HH-2")])
    assert (after.household.klass, after.household.rules) == (HouseholdClass.PRIORITY, ("R1", "R3"))
    refused(after, "05-12 10:30", CADRE, PostNotice(ends=at("05-20 00:00")), WrongStatus)


def test_what_people_decided_stands_where_a_household_of_that_class_joins() -> None:
    down = overridden(POOR_HOME, "01-08 09:00", HouseholdClass.ATTENTION)
    other = replace(down.household, id="HH-2", members={})
    joined = beside(down, other).step("01-09 09:00", CADRE, MergeHousehold(into="HH-2"))
    after = Home(household=joined.others[household_stream("HH-2")])
    assert after.step("01-10 09:00", CADRE, POOR).household.klass is HouseholdClass.ATTENTION
    assert after.until(at("2026-01-08 09:00")).household.klass is HouseholdClass.PRIORITY


def test_the_village_is_told_no_longer_of_a_household_that_is_merged() -> None:
    applied = RECOVERED.step("05-12 09:30", CADRE, ApplyBenefit(benefit=Benefit.SUBSISTENCE_ALLOWANCE))
    week = PostNotice(ends=at("05-20 00:00"))
    both = [("05-12 10:00", CADRE, one) for one in (week, replace(week, benefit=Benefit.SUBSISTENCE_ALLOWANCE))]
    joined = beside(applied.play(both)).step("05-14 09:00", CADRE, MergeHousehold(into="HH-2"))
    assert joined.events()[-3:] == ["notice_ended", "benefit_notice_ended", "merged_into"]


def test_what_a_household_applied_for_or_was_granted_goes_along_and_its_time_runs_on() -> None:
    allowance, insurance, relief = (
        Benefit.SUBSISTENCE_ALLOWANCE,
        Benefit.MEDICAL_INSURANCE,
        Benefit.TEMPORARY_RELIEF,
    )
    had = POOR_HOME.play(
        [
            ("04-14 11:00", CADRE, ApplyBenefit(benefit=relief)),
            ("04-14 12:00", CLERK, RefuseBenefit(benefit=relief, reason="too rich")),
            ("04-14 11:00", CLERK, ApplyBenefit(benefit=allowance)),
            ("04-15 11:00", CLERK, GrantBenefit(benefit=insurance)),
        ]
    )
    joined = beside(had).step("04-16 09:00", CADRE, MergeHousehold(into="HH-2"))
    assert list(joined.household.benefits) == [relief], "what is over is past, and stays here"
    other = Home(household=joined.others[household_stream("HH-2")])
    assert other.household.benefits == {one: had.household.benefits[one] for one in (allowance, insurance)}
    refused(other, "04-17 09:00", CLERK, GrantBenefit(benefit=allowance), NotPermitted)
    assert other.household.next_deadline == at("05-29 00:00")
    late = other.until(at("05-29 00:00"))
    assert late.events() == ["benefit_overdue"]
    again = Home(
        household=replace(late.household, id="HH-3"), others={household_stream("HH-1"): replace(OTHER, id="HH-1")}
    )
    there = again.step("05-30 09:00", CADRE, MergeHousehold(into="HH-1")).others[household_stream("HH-1")]
    assert (there.benefits[allowance].overdue, there.next_deadline) == (True, None), "late once, late for good"


def test_of_the_same_benefit_what_is_granted_stands_before_an_application_and_the_sooner_due_before_the_later() -> None:
    benefit = Benefit.SUBSISTENCE_ALLOWANCE
    first, later = (POOR_HOME.step(day, CADRE, ApplyBenefit(benefit=benefit)) for day in ("04-14 11:00", "04-15 11:00"))
    granted, since = (
        POOR_HOME.step(day, CLERK, GrantBenefit(benefit=benefit)) for day in ("04-14 15:00", "04-15 15:00")
    )
    over = granted.step("04-15 15:00", CLERK, EndBenefit(benefit=benefit))
    posted = later.step("04-15 16:00", CADRE, PostNotice(ends=at("04-24 00:00"), benefit=benefit))
    for one, there, stands in (
        (first, later, first),
        (later, first, first),
        (granted, posted, granted),
        (first, granted, granted),
        (since, granted, granted),
        (first, over, first),
    ):
        other = replace(there.household, id="HH-2", members={})
        after = beside(one, other).step("04-16 09:00", CADRE, MergeHousehold(into="HH-2")).others["household:HH-2"]
        assert after.benefits == stands.household.benefits
        assert after.posted == {}, "what is granted is asked nobody about"


def test_nobody_joins_a_household_that_he_may_not_see() -> None:
    far = Household(id="HH-2", version=1, village="V0201", town="T02")
    refused(beside(POOR_HOME, far), "01-08 09:00", CADRE, MergeHousehold(into="HH-2"), NotFound)
    refused(POOR_HOME, "01-08 09:00", CADRE, MergeHousehold(into="HH-7"), NotFound)
    refused(POOR_HOME, "01-08 09:00", CADRE, MergeHousehold(into="HH-1"), Invalid)


def test_no_household_whose_class_is_contested_joins_another_before_that_is_decided() -> None:
    contested = beside(POOR_HOME).step("01-08 09:00", CADRE, Contest(reason="they own a lorry"))
    refused(contested, "01-08 10:00", CADRE, MergeHousehold(into="HH-2"), WrongStatus)
    decided = contested.step("01-08 11:00", HEAD, DecideContest(upheld=False, reason="it is borrowed"))
    assert decided.step("01-08 12:00", CADRE, MergeHousehold(into="HH-2")).household.merged_into


def test_members_of_one_id_are_told_apart_before_their_households_become_one() -> None:
    twin = replace(POOR_HOME.household, id="HH-2")
    refused(beside(POOR_HOME, twin), "01-08 09:00", CADRE, MergeHousehold(into="HH-2"), Invalid)


def test_it_moves_by_somebody_who_may_write_in_both_villages() -> None:
    refused(POOR_HOME, "01-08 09:00", CADRE, MoveHousehold(village="V0102"), NotPermitted)
    moved = POOR_HOME.step("01-08 09:00", HEAD, MoveHousehold(village="V0102"))
    assert (moved.household.village, moved.household.klass) == ("V0102", HouseholdClass.PRIORITY)
    refused(moved, "01-09 09:00", CADRE, POOR, NotFound)
    refused(moved, "01-09 09:00", HEAD, MoveHousehold(village="V0102"), WrongStatus)


def test_a_relative_does_not_help_and_the_district_checks_the_class_each_time() -> None:
    kin = REGISTERED.step("01-07 09:00", CADRE, DeclareRelation(official="officer:T01-LAND", relation="his uncle"))
    told = kin.history[-1].event.told
    assert isinstance(told, Sealed)
    assert "uncle" in told.box
    refused(
        kin, "01-08 09:00", HEAD, CheckRelation(official="officer:T01-LAND", fair=True, finding="seen"), NotPermitted
    )
    checked = kin.asked(
        at("01-08 09:00"), ORGANISER, CheckRelation(official="officer:T01-LAND", fair=True, finding="seen")
    )
    assert checked.household.relatives == {"officer:T01-LAND": True}
    himself = replace(ORGANISER, id="officer:T01-LAND")
    with pytest.raises(Invalid, match="his own relatives"):
        kin.asked(at("01-08 09:00"), himself, CheckRelation(official=himself.id, fair=True, finding="seen"))
    poor = checked.step("01-09 09:00", CADRE, POOR)
    assert poor.household.relatives == {"officer:T01-LAND": None}, "in need, so it is checked again"
    refused(poor, "01-10 09:00", HEAD, StartPairing(helper="officer:T01-LAND"), ConflictOfInterest)
    helped = poor.step("01-10 09:00", HEAD, StartPairing(helper=HEAD))
    refused(helped, "01-11 09:00", HEAD, HandOver(helper="officer:T01-LAND"), ConflictOfInterest)


def test_a_helper_who_turns_out_to_be_a_relative_helps_no_longer() -> None:
    paired = POOR_HOME.step("01-08 09:00", HEAD, StartPairing(helper="officer:T01-LAND"))
    declared = paired.step("01-09 09:00", CADRE, DeclareRelation(official="officer:T01-LAND", relation="his uncle"))
    assert (declared.events()[-1], declared.household.helper) == ("pairing_ended", None)
    assert declared.others["helper:officer:T01-LAND"].households == set()


def test_who_parts_or_joins_takes_his_relatives_along() -> None:
    kin = POOR_HOME.step("01-08 09:00", CADRE, DeclareRelation(official="officer:T01-LAND", relation="his uncle"))
    parted = kin.step("01-09 09:00", CADRE, SplitHousehold(into="HH-9", members=("m-1",)))
    joined = beside(kin).step("01-09 09:00", CADRE, MergeHousehold(into="HH-2"))
    for home, id in ((parted, "HH-9"), (joined, "HH-2")):
        other: Household = home.others[household_stream(id)]
        assert other.relatives == {"officer:T01-LAND": None}
        refused(Home(household=other), "01-10 09:00", HEAD, StartPairing(helper="officer:T01-LAND"), ConflictOfInterest)
    helped = replace(OTHER, klass=HouseholdClass.PRIORITY, helper="officer:T01-LAND")
    refused(beside(kin, helped), "01-09 09:00", CADRE, MergeHousehold(into="HH-2"), ConflictOfInterest)


@pytest.mark.parametrize(("household", "grade"), [("HH-1", Grade.ORDINARY), ("HH-2", Grade.MAJOR)])
def test_the_illness_of_a_key_support_household_is_at_least_grade_ii(household: str, grade: Grade) -> None:
    ill = Report(title="He is ill", kind=Kind.REQUEST, village="V0101", category="illness", household=household)
    assert given(Step("03-03 09:00", "cadre:V0101", ill)).case.grade is grade
    for stranger in ("citizen:1", "gateway", "clerk:T02"):
        said = given(Step("03-03 09:00", stranger, ill))
        assert said.case.grade is Grade.ORDINARY, "who may not see the household learns nothing of its class by it"
    assert said.step_by("03-03 10:00", "clerk:T01", Accept()).case.grade is grade
    plain = Report(title="He is ill", kind=Kind.REQUEST, village="V0101", category="illness")
    linked = given(Step("03-03 09:00", "cadre:V0101", plain)).step_by(
        "03-03 10:00", "cadre:V0101", LinkHousehold(household=household)
    )
    assert linked.case.grade is grade


def test_a_case_names_no_household_that_is_not_in_the_register() -> None:
    unknown = Report(title="A roof", kind=Kind.REQUEST, village="V0101", household="HH-7")
    given().when("03-03 09:00", "citizen:1", unknown).refused(Invalid)
    reported = given(Step("03-03 09:00", "cadre:V0101", Report(title="A roof", kind=Kind.REQUEST, village="V0101")))
    reported.when("03-03 09:00", "cadre:V0101", LinkHousehold(household="HH-7")).refused(Invalid)
