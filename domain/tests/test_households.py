"""How a household comes into need at once and out of it slowly; who helps it, who visits it."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from domain.decider import Act, Actor
from domain.household import (
    Contest,
    DecideContest,
    EndPairing,
    HandOver,
    Helper,
    Household,
    JoinMember,
    LeaveMember,
    OverrideClass,
    PostNotice,
    RecordFacts,
    RecordVisit,
    RegisterHousehold,
    SignOverride,
    StartPairing,
    sees,
)
from domain.household.terms import Hardship, HardshipKind, HouseholdClass, Need
from domain.household.terms import Home as Dwelling
from domain.household.visits import due_by
from domain.refusals import (
    ConflictOfInterest,
    Invalid,
    LimitReached,
    NotFound,
    NotPermitted,
    Refused,
    TooLate,
    WrongStatus,
)
from domain.tests.home import REGISTERED, Home
from domain.tests.story import ORG, OpenVault, actor, at

CADRE, VILLAGE_HEAD, HEAD = "cadre:V0101", "head:V0101", "head:T01"
POOR = RecordFacts(members=4, income_per_head=3400, debt_total=26000)
MEAGRE = RecordFacts(members=4, income_per_head=8000)
WELL = RecordFacts(members=4, income_per_head=20000)
VISIT = RecordVisit(met=("grandmother",), countersigned=True)
PRIORITY, ATTENTION, SECURE = HouseholdClass.PRIORITY, HouseholdClass.ATTENTION, HouseholdClass.SECURE
MEETING = OverrideClass(to=PRIORITY, minutes="no. 7", reason="seen by all")

POOR_HOME = REGISTERED.step("01-07 09:00", CADRE, POOR)
RECOVERED = POOR_HOME.play([("02-03 09:00", CADRE, WELL), ("03-03 09:00", CADRE, VISIT), ("05-12 09:00", CADRE, WELL)])


def refused(home: Home, moment: str, by: str, command: object, kind: type[Refused]) -> None:
    with pytest.raises(kind):
        home.step(moment, by, command)


def test_need_is_recognised_on_the_day_the_facts_are_known() -> None:
    assert POOR_HOME.events() == ["registered", "facts_recorded", "assessed", "classified"]
    assert (POOR_HOME.household.klass, POOR_HOME.household.rules) == (PRIORITY, ("R1", "R3"))
    assert POOR_HOME.household.ruleset == "hanbin-default-1.1"
    assert POOR_HOME.history[2].event.facts_version == POOR_HOME.household.facts_version == POOR_HOME.history[1].version


def test_better_facts_alone_take_nobody_out_of_need() -> None:
    better = POOR_HOME.step("02-03 09:00", CADRE, WELL)
    assert better.household.klass is PRIORITY
    assert better.household.assessments[-1].result is SECURE
    refused(better, "02-03 09:30", CADRE, PostNotice(ends=at("02-20 09:00")), WrongStatus)


def test_two_assessments_a_visit_and_a_notice_lead_out_of_need_and_into_aftercare() -> None:
    posted = RECOVERED.step("05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00")))
    assert posted.history[-1].event.now is ATTENTION, "the village is told the class that it gets"
    assert posted.until(at("05-19 23:59")).household.klass is PRIORITY
    left = posted.until(at("05-20 00:00"))
    assert left.events()[-2:] == ["notice_ended", "classified"]
    assert (left.household.klass, left.household.rules) == (ATTENTION, ("A4",))
    over = left.until(at("2026-05-20 00:00"))
    assert over.household.klass is SECURE
    assert over.household.next_deadline is None


def test_out_of_attention_the_same_way_leads_to_no_aftercare() -> None:
    steps = [("01-07 09:00", CADRE, MEAGRE), ("02-03 09:00", CADRE, WELL), ("03-03 09:00", CADRE, VISIT)]
    recovered = REGISTERED.play([*steps, ("05-12 09:00", CADRE, WELL)])
    assert recovered.household.klass is ATTENTION
    posted = recovered.step("05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00")))
    assert posted.history[-1].event.now is SECURE
    left = posted.until(at("05-20 00:00"))
    assert (left.household.klass, left.household.next_deadline) == (SECURE, None)
    again = left.step("06-02 09:00", CADRE, WELL)
    assert (again.household.klass, again.household.found.result) == (SECURE, SECURE)


def test_a_notice_hangs_seven_days_at_least_and_a_leap_year_at_most() -> None:
    for ends in ("05-19 09:30", "2026-05-13 09:30"):
        assert RECOVERED.step("05-12 09:30", CADRE, PostNotice(ends=at(ends))).household.notice
    for ends in ("05-19 09:29", "2026-05-13 09:31"):
        refused(RECOVERED, "05-12 09:30", CADRE, PostNotice(ends=at(ends)), Invalid)


def test_without_a_visit_that_the_household_signed_for_there_is_no_notice() -> None:
    unseen = POOR_HOME.play([("02-03 09:00", CADRE, WELL), ("05-12 09:00", CADRE, WELL)])
    refused(unseen, "05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00")), WrongStatus)


def test_nor_is_there_one_after_a_visit_that_nobody_signed_for_or_while_the_assessments_do_not_agree() -> None:
    unsigned = POOR_HOME.play(
        [
            ("02-03 09:00", CADRE, WELL),
            ("03-03 09:00", CADRE, RecordVisit(met=("son",))),
            ("05-12 09:00", CADRE, WELL),
        ]
    )
    refused(unsigned, "05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00")), WrongStatus)
    poor_again = RECOVERED.step("05-12 09:10", CADRE, POOR)
    refused(poor_again, "05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00")), WrongStatus)


@pytest.mark.parametrize(("again", "enough"), [("05-04 08:59", False), ("05-04 09:00", True)])
def test_the_two_assessments_lie_ninety_days_apart(again: str, enough: bool) -> None:
    home = POOR_HOME.play([("02-03 09:00", CADRE, WELL), ("03-03 09:00", CADRE, VISIT), (again, CADRE, WELL)])
    notice = PostNotice(ends=at("05-20 00:00"))
    if enough:
        assert home.step("05-04 09:30", CADRE, notice).household.notice
    else:
        refused(home, "05-04 09:30", CADRE, notice, WrongStatus)


def test_a_visit_from_before_the_first_assessment_verifies_nothing_however_late_it_is_written_down() -> None:
    earlier = replace(VISIT, captured_at=at("02-01 09:00"))
    unseen = POOR_HOME.play(
        [("02-03 09:00", CADRE, WELL), ("02-20 09:00", CADRE, earlier), ("05-12 09:00", CADRE, WELL)]
    )
    refused(unseen, "05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00")), WrongStatus)


def test_the_notice_hangs_on_while_the_facts_are_as_good_and_comes_down_when_they_are_worse_again() -> None:
    posted = RECOVERED.step("05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00")))
    assert posted.step("05-14 09:00", CADRE, WELL).until(at("05-20 00:00")).household.klass is ATTENTION
    worse = posted.step("05-14 09:00", CADRE, POOR)
    assert worse.household.notice is None
    assert worse.until(at("06-30 00:00")).household.klass is PRIORITY


def test_a_contest_takes_the_notice_down_until_the_town_head_decides() -> None:
    posted = RECOVERED.step("05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00")))
    contested = posted.step("05-13 09:00", CADRE, Contest(reason="the son lost his work"))
    assert contested.until(at("06-30 00:00")).household.klass is PRIORITY
    refused(contested, "05-14 09:00", CADRE, PostNotice(ends=at("05-25 00:00")), WrongStatus)
    refused(contested, "05-14 09:00", CADRE, DecideContest(upheld=False, reason="no proof"), NotPermitted)
    decided = contested.step("05-14 09:00", HEAD, DecideContest(upheld=True, reason="seen", to=ATTENTION))
    assert decided.household.klass is ATTENTION


def test_an_override_needs_two_signatures_and_ends_after_a_year() -> None:
    sign = SignOverride(to=PRIORITY, minutes="no. 7")
    refused(REGISTERED, "01-08 09:00", HEAD, sign, WrongStatus)
    refused(REGISTERED, "01-08 09:00", CADRE, MEETING, NotPermitted)
    proposed = REGISTERED.step("01-08 09:00", VILLAGE_HEAD, MEETING)
    assert proposed.household.klass is SECURE, "one signature changes nothing"
    refused(proposed, "01-08 09:00", VILLAGE_HEAD, sign, NotPermitted)
    refused(proposed, "01-08 09:00", HEAD, SignOverride(to=ATTENTION, minutes="no. 7"), Invalid)
    overridden = proposed.step("01-08 10:00", HEAD, sign)
    assert overridden.household.klass is PRIORITY
    assert overridden.history[-2].event.signed_by == (VILLAGE_HEAD, HEAD)
    over = overridden.until(at("2026-01-08 10:00"))
    assert over.events()[-2:] == ["override_ended", "classified"]
    assert over.household.klass is SECURE


def test_a_proposal_that_events_have_overtaken_is_not_made_or_signed() -> None:
    sign = SignOverride(to=PRIORITY, minutes="no. 7")
    refused(POOR_HOME, "01-08 09:00", VILLAGE_HEAD, MEETING, WrongStatus)
    poor_by_now = REGISTERED.play([("01-08 09:00", VILLAGE_HEAD, MEETING), ("01-08 09:30", CADRE, POOR)])
    refused(poor_by_now, "01-08 10:00", HEAD, sign, WrongStatus)


def overridden(home: Home, moment: str, to: HouseholdClass) -> Home:
    proposal = OverrideClass(to=to, minutes="no. 7", reason="seen by all")
    signed = SignOverride(to=to, minutes="no. 7")
    return home.play([(moment, VILLAGE_HEAD, proposal), (moment, HEAD, signed)])


def test_a_downward_override_stands_while_the_facts_are_the_same_and_ends_with_a_new_reason() -> None:
    down = overridden(POOR_HOME, "01-08 09:00", ATTENTION)
    same = down.step("01-09 09:00", CADRE, POOR)
    assert (same.household.klass, same.events()[-1]) == (ATTENTION, "assessed")
    ill = replace(POOR, hardships=(Hardship(kind=HardshipKind.ILLNESS, severity=3),))
    worse = same.step("01-10 09:00", CADRE, ill)
    assert (worse.household.klass, worse.household.override) == (PRIORITY, None)


def test_an_override_that_ends_leaves_what_the_facts_give_and_no_aftercare() -> None:
    known = REGISTERED.step("01-07 09:00", CADRE, WELL)
    over = overridden(known, "01-08 09:00", PRIORITY).until(at("2026-01-08 09:00"))
    assert (over.household.klass, over.household.rules) == (SECURE, ())
    again = over.step("2026-01-09 09:00", CADRE, WELL)
    assert (again.household.klass, again.household.rules) == (SECURE, ()), "it never was in need by assessment"


def test_the_aftercare_is_not_cut_short_by_better_facts() -> None:
    left = RECOVERED.step("05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00"))).until(at("05-20 00:00"))
    again = left.play([("05-21 09:00", CADRE, WELL), ("06-20 09:00", CADRE, VISIT), ("09-01 09:00", CADRE, WELL)])
    assert (again.household.found.result, again.household.rules) == (ATTENTION, ("A4",))
    refused(again, "09-01 09:30", CADRE, PostNotice(ends=at("09-20 00:00")), WrongStatus)


def test_what_the_head_decided_on_a_contest_stands_when_the_aftercare_is_over() -> None:
    left = RECOVERED.step("05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00"))).until(at("05-20 00:00"))
    for moment, to in (("06-02 09:00", SECURE), ("06-03 09:00", ATTENTION)):
        contested = left.step(moment, CADRE, Contest(reason="they own a lorry"))
        left = contested.step(moment, HEAD, DecideContest(upheld=True, reason="seen", to=to))
    assert left.household.aftercare_until == at("2026-05-20 00:00")
    over = left.until(at("2026-05-20 00:00"))
    assert (over.household.klass, over.household.next_deadline) == (ATTENTION, None)


def test_what_the_meeting_decided_stands_when_a_lost_home_counts_no_more() -> None:
    lost = REGISTERED.step("01-07 09:00", CADRE, replace(WELL, housing=Dwelling.LOST))
    down = overridden(lost, "01-08 09:00", ATTENTION).until(at("07-07 09:00"))
    assert (down.events()[-2:], down.household.klass) == (["lost_home_counts", "assessed"], ATTENTION)
    assert down.household.override is not None


def test_an_override_during_the_aftercare_hides_it_and_leaves_it_to_end_in_its_time() -> None:
    left = RECOVERED.step("05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00"))).until(at("05-20 00:00"))
    assert left.household.aftercare_until == at("2026-05-20 00:00")
    helped = overridden(left, "05-21 09:00", PRIORITY).step("05-22 09:00", CADRE, WELL)
    assert (helped.household.klass, helped.household.aftercare_until) == (PRIORITY, None)
    assert helped.until(at("2026-05-20 23:00")).household.klass is PRIORITY, "the end of the aftercare ends no override"
    assert helped.until(at("2026-05-21 09:00")).household.klass is SECURE


def test_no_notice_takes_a_household_out_of_what_the_meeting_decided() -> None:
    up = overridden(POOR_HOME.step("01-07 10:00", CADRE, POOR), "01-08 09:00", ATTENTION)
    refused(up, "05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00")), WrongStatus)


def test_a_contest_that_is_upheld_names_the_right_class_and_ends_what_the_meeting_decided() -> None:
    contested = overridden(POOR_HOME, "01-08 09:00", ATTENTION).step("01-13 09:00", CADRE, Contest(reason="too poor"))
    for wrong in (DecideContest(upheld=True, reason="seen"), DecideContest(upheld=False, reason="seen", to=PRIORITY)):
        refused(contested, "01-14 09:00", HEAD, wrong, Invalid)
    decided = contested.step("01-14 09:00", HEAD, DecideContest(upheld=True, reason="seen", to=PRIORITY))
    assert (decided.household.klass, decided.household.override, decided.household.next_deadline) == (
        PRIORITY,
        None,
        None,
    )


def test_a_contest_that_was_decided_stands_against_the_same_facts() -> None:
    contested = POOR_HOME.step("01-13 09:00", CADRE, Contest(reason="they own a lorry"))
    decided = contested.step("01-14 09:00", HEAD, DecideContest(upheld=True, reason="seen", to=SECURE))
    assert decided.step("01-15 09:00", CADRE, POOR).household.klass is SECURE


def test_what_nobody_contested_is_not_decided() -> None:
    refused(POOR_HOME, "01-14 09:00", HEAD, DecideContest(upheld=True, reason="by the way", to=SECURE), WrongStatus)


def test_a_home_lost_to_a_disaster_is_looked_at_again_when_it_counts_no_more() -> None:
    lost = REGISTERED.step("01-07 09:00", CADRE, replace(WELL, housing=Dwelling.LOST))
    assert (lost.household.klass, lost.household.rules) == (PRIORITY, ("R4",))
    over = lost.until(at("07-07 09:00"))
    assert over.events()[-2:] == ["lost_home_counts", "assessed"]
    assert (over.household.klass, over.household.found.result) == (PRIORITY, SECURE), "out of need the slow way"
    again = over.step("07-08 09:00", CADRE, replace(WELL, housing=Dwelling.LOST))
    assert again.household.next_deadline is None


def test_one_helper_at_a_time_and_only_for_those_of_key_support() -> None:
    pairing = StartPairing(helper="officer:T01-LAND")
    refused(REGISTERED, "01-08 09:00", HEAD, pairing, WrongStatus)
    refused(POOR_HOME, "01-08 09:00", CADRE, pairing, NotPermitted)
    paired = POOR_HOME.step("01-08 09:00", HEAD, pairing)
    refused(paired, "01-09 09:00", HEAD, StartPairing(helper="head:T01"), WrongStatus)
    handed = paired.step("01-10 09:00", HEAD, HandOver(helper="head:T01"))
    assert handed.events()[-1] == "pairing_handed_over"
    assert handed.household.helper == "head:T01"
    helped = {who: handed.others[f"helper:{who}"].households for who in ("officer:T01-LAND", "head:T01")}
    assert helped == {"officer:T01-LAND": set(), "head:T01": {"HH-1"}}
    refused(handed, "01-11 09:00", HEAD, HandOver(helper="head:T01"), WrongStatus)
    assert handed.step("01-11 09:00", HEAD, EndPairing()).household.helper is None


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
