"""What is written down of a household: who belongs to it, when it was visited, what was told there; and who may know it."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from domain.household import Contest, DecideContest, Household, RecordVisit, RegisterHousehold
from domain.household.facts import JoinMember, LeaveMember
from domain.household.terms import Need
from domain.household.visits import due_by
from domain.refusals import Invalid, NotFound, NotPermitted, TooLate, WrongStatus
from domain.tests.home import ATTENTION, CADRE, HEAD, MEETING, POOR_HOME, REGISTERED, VILLAGE_HEAD, VISIT, Home, refused
from domain.tests.story import ORG, actor, at


@pytest.mark.parametrize("who", ["officer:D-TRANSPORT", "dispatcher", "follow-up", "head:V0102", "citizen:1"])
def test_the_register_is_nobody_elses_business(who: str) -> None:
    refused(POOR_HOME, "01-08 09:00", who, VISIT, NotFound)


def test_a_visit_counts_when_the_household_signed_and_the_next_is_due_by_its_class() -> None:
    rhythm = POOR_HOME.rules.policy.helping.visits
    assert due_by(POOR_HOME.household, rhythm) == at("02-07 09:00"), "a month after it became of key support"
    unsigned = POOR_HOME.step("01-20 09:00", CADRE, RecordVisit(met=("son",)))
    assert due_by(unsigned.household, rhythm) == at("02-07 09:00")
    signed = POOR_HOME.step("01-20 09:00", CADRE, VISIT)
    assert due_by(signed.household, rhythm) == at("02-20 09:00")


def test_when_it_was_captured_stays_apart_from_when_it_was_recorded() -> None:
    captured = RecordVisit(met=("son",), countersigned=True, captured_at=at("01-18 15:00"))
    home = POOR_HOME.step("01-20 09:00", CADRE, captured)
    [visit] = home.household.visits
    assert (visit.at, visit.captured_at) == (at("01-20 09:00"), at("01-18 15:00"))
    refused(POOR_HOME, "03-20 09:00", CADRE, captured, TooLate)
    refused(POOR_HOME, "01-10 09:00", CADRE, captured, Invalid)
    refused(POOR_HOME, "01-20 09:00", CADRE, replace(captured, captured_at=datetime(2025, 1, 18, 15)), Invalid)
    policy = POOR_HOME.rules.policy
    swift = replace(POOR_HOME.rules, policy=replace(policy, helping=replace(policy.helping, late_visit_nd=1)))
    refused(replace(POOR_HOME, rules=swift), "01-20 09:00", CADRE, captured, TooLate)


def test_needs_are_kept_with_their_answers_and_sealed_like_all_that_was_told() -> None:
    asked = RecordVisit(met=("son",), needs=(Need(title="a bed", answer="brought along"), Need(title="a road")))
    visited = POOR_HOME.step("01-20 09:00", CADRE, asked)
    assert visited.household.visits[0].needs == 2
    told = visited.history[-1].event.told
    assert told.person == "person-of-household:HH-1/told"
    assert "a bed → brought along" in told.box
    assert "a bed" not in str(replace(visited.history[-1].event, told=None))


def test_reasons_are_told_in_confidence_too() -> None:
    contested = POOR_HOME.step("01-20 09:00", CADRE, Contest(reason="the son drinks"))
    member = POOR_HOME.step("01-19 09:00", CADRE, JoinMember(member="m-1", relation="son", name="A son"))
    for home in (
        contested,
        contested.step("01-21 09:00", HEAD, DecideContest(upheld=False, reason="the son drinks")),
        member.step("01-20 09:00", CADRE, LeaveMember(member="m-1", reason="the son drinks")),
        POOR_HOME.step("01-20 09:00", VILLAGE_HEAD, replace(MEETING, to=ATTENTION, reason="the son drinks")),
        POOR_HOME.step("01-20 09:00", CADRE, replace(VISIT, notes="the son drinks")),
    ):
        assert "drinks" in home.history[-1].event.told.box
        assert "drinks" not in str(replace(home.history[-1].event, told=None))


def test_members_come_and_go_and_their_names_are_sealed() -> None:
    joined = REGISTERED.step("01-08 09:00", CADRE, JoinMember(member="m-1", relation="son", name="A villager's son"))
    assert "villager" not in str(joined.history[-1].event.relation)
    known = REGISTERED.step("01-08 09:00", CADRE, JoinMember(member="m-1", relation="son", name="N", id_number="6124"))
    assert "6124" in known.history[-1].event.identity.box
    refused(joined, "01-09 09:00", CADRE, JoinMember(member="m-1", relation="son", name="Again"), WrongStatus)
    left = joined.step("01-10 09:00", CADRE, LeaveMember(member="m-1", reason="moved to the city"))
    assert left.household.members == {}
    refused(left, "01-11 09:00", CADRE, LeaveMember(member="m-1", reason="moved"), Invalid)


def test_a_household_is_registered_once_in_a_village_by_its_own_people() -> None:
    refused(REGISTERED, "01-08 09:00", CADRE, RegisterHousehold(village="V0101"), WrongStatus)
    refused(Home(), "01-08 09:00", CADRE, RegisterHousehold(village="V0102"), NotPermitted)
    refused(Home(), "01-08 09:00", HEAD, RegisterHousehold(village="T01"), Invalid)
    refused(
        Home(household=Household(id="V0101")), "01-08 09:00", CADRE, RegisterHousehold(village="V0101"), WrongStatus
    )


def test_nobody_is_registered_in_a_village_that_is_no_more() -> None:
    closed = replace(ORG, units={**ORG.units, "V0101": replace(ORG.units["V0101"], closed_on=date(2025, 1, 1))})
    act = replace(Home().act(actor(HEAD), at("01-08 09:00")), org=closed)
    with pytest.raises(Invalid):
        list(RegisterHousehold(village="V0101").decide(Household(id="HH-1"), act))
