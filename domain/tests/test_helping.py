"""Who helps a household, and how many he may; what he sees of it, and for how long."""

from dataclasses import replace

import pytest

from domain.decider import Act, Actor
from domain.household import HandOver, Helper, StartPairing, sees
from domain.household.pairing import EndPairing
from domain.refusals import ConflictOfInterest, Invalid, LimitReached, NotFound, NotPermitted, WrongStatus
from domain.tests.home import CADRE, HEAD, POOR, POOR_HOME, REGISTERED, VISIT, Home, refused
from domain.tests.story import ORG, OpenVault, actor, at


def test_one_helper_at_a_time_and_only_for_those_of_key_support() -> None:
    pairing = StartPairing(helper="officer:T01-LAND")
    refused(REGISTERED, "01-08 09:00", HEAD, pairing, WrongStatus)
    refused(POOR_HOME, "01-08 09:00", CADRE, pairing, NotPermitted)
    for nobody in (HandOver(helper="head:T01"), EndPairing()):
        refused(POOR_HOME, "01-08 09:00", HEAD, nobody, WrongStatus)
    paired = POOR_HOME.step("01-08 09:00", HEAD, pairing)
    refused(paired, "01-09 09:00", HEAD, StartPairing(helper="head:T01"), WrongStatus)
    handed = paired.step("01-10 09:00", HEAD, HandOver(helper="head:T01"))
    assert handed.events()[-1] == "pairing_handed_over"
    assert handed.household.helper == "head:T01"
    helped = {who: handed.others[f"helper:{who}"].households for who in ("officer:T01-LAND", "head:T01")}
    assert helped == {"officer:T01-LAND": set(), "head:T01": {"HH-1"}}
    refused(handed, "01-11 09:00", HEAD, HandOver(helper="head:T01"), WrongStatus)
    alone = handed.step("01-11 09:00", HEAD, EndPairing())
    assert (alone.household.helper, alone.others["helper:head:T01"].households) == (None, set())


@pytest.mark.parametrize(
    ("helper", "at_most"), [("officer:T01-LAND", 3), ("clerk:T01", 4), ("head:T01", 6), ("leader:T01", 7)]
)
def test_nobody_helps_more_than_half_as_many_again_as_his_rank_should(helper: str, at_most: int) -> None:
    stream = f"helper:{helper}"

    def helping(households: int) -> Home:
        helped = Helper(id=helper, version=1, households=frozenset(f"HH-{number + 2}" for number in range(households)))
        return replace(POOR_HOME, others={stream: helped})

    one_more = helping(at_most - 1).step("01-08 09:00", HEAD, StartPairing(helper=helper))
    assert len(one_more.others[stream].households) == at_most
    refused(helping(at_most), "01-08 09:00", HEAD, StartPairing(helper=helper), LimitReached)


def test_no_relative_and_nobody_out_of_office_helps() -> None:
    refused(POOR_HOME, "01-08 09:00", HEAD, StartPairing(helper=HEAD, related=True), ConflictOfInterest)
    refused(POOR_HOME, "01-08 09:00", HEAD, StartPairing(helper="nobody"), Invalid)


def test_a_helper_from_elsewhere_sees_and_visits_the_household_he_helps_and_no_more() -> None:
    refused(POOR_HOME, "01-08 09:00", "officer:T02-LAND", VISIT, NotFound)
    paired = POOR_HOME.step("01-08 09:00", HEAD, StartPairing(helper="officer:T02-LAND"))
    assert paired.step("01-09 09:00", "officer:T02-LAND", VISIT).household.visits
    refused(paired, "01-09 09:00", "officer:T02-LAND", POOR, NotPermitted)


def test_a_helper_who_has_left_his_posts_sees_the_household_no_more() -> None:
    paired = POOR_HOME.step("01-08 09:00", HEAD, StartPairing(helper="officer:T02-LAND"))
    now = at("01-09 09:00")
    act = Act(by=actor("officer:T02-LAND"), at=now, rules=paired.rules, org=ORG, vault=OpenVault())
    assert sees(paired.household, act)
    assert not sees(paired.household, replace(act, by=Actor(id="officer:T02-LAND")))
