"""How a household comes into need at once and out of it slowly, and what people decide against what is found."""

from dataclasses import replace

import pytest

from domain.decider import SYSTEM
from domain.household import COMMANDS, Contest, DecideContest, PostNotice, RecordVisit, StartPairing
from domain.household.decisions import SignOverride
from domain.household.ruleset import Reassess
from domain.household.terms import Hardship, HardshipKind
from domain.household.terms import Home as Dwelling
from domain.household.visits import AuditVisit
from domain.refusals import Invalid, NotPermitted, TooLate, WrongStatus
from domain.rules.helping import TABLE
from domain.tests.hanbin import RULES
from domain.tests.home import (
    ATTENTION,
    CADRE,
    HEAD,
    MEAGRE,
    MEETING,
    POOR,
    POOR_HOME,
    PRIORITY,
    RECOVERED,
    REGISTERED,
    SECURE,
    VILLAGE_HEAD,
    VISIT,
    WELL,
    Home,
    overridden,
    refused,
)
from domain.tests.story import actor, at


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


def test_facts_that_come_late_leave_what_is_known_of_a_later_day() -> None:
    known = REGISTERED.play([("01-07 09:00", CADRE, MEAGRE), ("01-10 09:00", CADRE, WELL)])
    late = known.step("01-12 09:00", CADRE, replace(WELL, members=3, captured_at=at("01-09 15:00")))
    assert late.events()[-1] == "earlier_facts_recorded"
    assert (late.household.facts, late.household.facts_as_of) == (known.household.facts, at("01-10 09:00"))
    newer = late.step("01-13 09:00", CADRE, replace(WELL, members=5, captured_at=at("01-11 15:00")))
    assert newer.household.facts is not None
    assert (newer.household.facts.members, newer.household.facts_as_of) == (5, at("01-11 15:00"))
    refused(known, "02-12 09:00", CADRE, replace(WELL, captured_at=at("01-09 15:00")), TooLate)


def test_into_need_facts_lead_however_late_they_come() -> None:
    known = REGISTERED.step("01-10 09:00", CADRE, WELL)
    late = known.step("01-12 09:00", CADRE, replace(POOR, captured_at=at("01-09 15:00")))
    assert (late.household.klass, late.household.facts) == (PRIORITY, known.household.facts)
    assert late.history[-2].event.facts_version == late.history[-3].version


def test_need_of_a_day_since_which_there_seemed_to_be_less_breaks_the_agreement_and_need_before_does_not() -> None:
    better = POOR_HOME.play([("02-03 09:00", CADRE, WELL), ("02-20 09:00", CADRE, WELL), ("03-03 09:00", CADRE, VISIT)])
    for captured, agree in (("02-02 09:00", True), ("02-10 09:00", False)):
        late = better.step("03-03 10:00", CADRE, replace(POOR, captured_at=at(captured)))
        again = late.step("05-12 09:00", CADRE, WELL)
        if agree:
            assert again.step("05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00"))).household.notice
        else:
            refused(again, "05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00")), WrongStatus)


def test_two_assessments_a_visit_and_a_notice_lead_out_of_need_and_into_aftercare() -> None:
    posted = RECOVERED.step("05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00")))
    assert posted.history[-1].event.now is ATTENTION, "the village is told the class that it gets"
    refused(posted, "05-12 10:00", CADRE, PostNotice(ends=at("05-20 00:00")), WrongStatus)
    assert posted.until(at("05-19 23:59")).household.klass is PRIORITY
    left = posted.until(at("05-20 00:00"))
    assert left.events()[-2:] == ["notice_ended", "classified"]
    assert (left.household.klass, left.household.rules) == (ATTENTION, ("A4",))
    over = left.until(at("2026-05-20 00:00"))
    assert over.household.klass is SECURE
    assert over.household.next_deadline is None


def test_whoever_leaves_need_for_little_is_of_concern_for_what_he_has_and_for_having_left() -> None:
    steps = [("02-03 09:00", CADRE, MEAGRE), ("03-03 09:00", CADRE, VISIT), ("05-12 09:00", CADRE, MEAGRE)]
    posted = POOR_HOME.play([*steps, ("05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00")))])
    left = posted.until(at("05-20 00:00")).household
    assert (left.klass, left.rules, left.aftercare_until) == (ATTENTION, ("A1", "A4"), at("2026-05-20 00:00"))


@pytest.mark.parametrize("called", ["B9", None])
def test_the_aftercare_ends_whatever_its_rule_is_called_in_the_table_of_the_district(called: str | None) -> None:
    table = (*TABLE[:-1], *([replace(TABLE[-1], rule=called)] if called else []))
    policy = replace(RULES.policy, helping=replace(RULES.policy.helping, table=table))
    recovered = replace(RECOVERED, rules=replace(RULES, policy=policy))
    left = recovered.step("05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00"))).until(at("05-20 00:00"))
    assert (left.household.klass, left.household.rules) == (ATTENTION, (called,) if called else ())
    assert left.until(at("2026-05-20 00:00")).household.klass is SECURE


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


def test_a_new_ruleset_finds_nothing_new_of_a_household_and_is_no_second_assessment_of_it() -> None:
    better = POOR_HOME.play([("02-03 09:00", CADRE, WELL), ("03-03 09:00", CADRE, VISIT)])
    other = replace(better, rules=replace(RULES, policy_label="hanbin-default-1.2"))
    again = other.asked(at("05-12 09:00"), SYSTEM, Reassess())
    assert [one.result for one in again.household.assessments[-2:]] == [SECURE, SECURE]
    refused(again, "05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00")), WrongStatus)
    known = again.step("05-13 09:00", CADRE, WELL)
    assert known.step("05-13 09:30", CADRE, PostNotice(ends=at("05-21 00:00"))).household.notice


def test_a_visit_from_before_the_first_assessment_verifies_nothing_however_late_it_is_written_down() -> None:
    earlier = replace(VISIT, captured_at=at("02-01 09:00"))
    unseen = POOR_HOME.play(
        [("02-03 09:00", CADRE, WELL), ("02-20 09:00", CADRE, earlier), ("05-12 09:00", CADRE, WELL)]
    )
    refused(unseen, "05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00")), WrongStatus)


def test_a_notice_comes_down_when_the_household_says_that_nobody_came_to_verify() -> None:
    posted = RECOVERED.step("05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00")))
    [visit] = posted.household.visits
    again = posted.step("05-13 09:00", CADRE, VISIT)
    denied = AuditVisit(visit=visit.version, happened=False)
    for home, klass in ((posted, PRIORITY), (again, ATTENTION)):
        assert home.step("05-14 09:00", HEAD, denied).until(at("05-20 00:00")).household.klass is klass
    assert posted.step("05-14 09:00", HEAD, replace(denied, happened=True)).household.notice


def test_the_notice_hangs_on_while_the_facts_are_as_good_and_comes_down_when_they_are_worse_again() -> None:
    posted = RECOVERED.step("05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00")))
    for as_good in (WELL, MEAGRE):
        assert posted.step("05-14 09:00", CADRE, as_good).until(at("05-20 00:00")).household.klass is ATTENTION
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


def test_what_the_facts_bear_out_by_then_does_not_end_with_the_override() -> None:
    helped = overridden(REGISTERED.step("01-07 09:00", CADRE, MEAGRE), "01-08 09:00", PRIORITY)
    poor = helped.step("03-10 09:00", CADRE, POOR)
    assert poor.events()[-3:] == ["assessed", "override_ended", "classified"]
    assert (poor.household.klass, poor.household.rules) == (PRIORITY, ("R1", "R3"))
    better = poor.step("12-30 09:00", CADRE, WELL).until(at("2026-01-10 09:00"))
    assert better.household.klass is PRIORITY, "out of need leads the slow way alone"
    refused(better, "2026-01-10 09:00", CADRE, PostNotice(ends=at("2026-01-20 00:00")), WrongStatus)


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
    left = RECOVERED.step("05-12 09:30", CADRE, PostNotice(ends=at("05-20 00:00"))).until(at("05-20 00:00"))
    contested = left.step("06-02 09:00", CADRE, Contest(reason="they own a lorry"))
    decided = contested.step("06-03 09:00", HEAD, DecideContest(upheld=True, reason="seen", to=SECURE))
    assert decided.step("06-10 09:00", CADRE, WELL).household.klass is SECURE, "that it had left need was known"
    assert decided.step("06-10 09:00", CADRE, MEAGRE).household.klass is ATTENTION


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


HELPED = POOR_HOME.step("01-08 09:00", HEAD, StartPairing(helper=CADRE))
PROPOSED = REGISTERED.step("01-08 09:00", VILLAGE_HEAD, MEETING)
CONTESTED = POOR_HOME.step("01-08 09:00", CADRE, Contest(reason="they own a lorry"))


@pytest.mark.parametrize(
    ("home", "by", "offered", "in_vain"),
    [
        (POOR_HOME, HEAD, {"start-pairing", "contest"}, {"hand-over", "end-pairing", "sign-override"}),
        (HELPED, HEAD, {"hand-over", "end-pairing"}, {"start-pairing", "decide-contest"}),
        (PROPOSED, HEAD, {"sign-override"}, {"start-pairing"}),
        (PROPOSED, VILLAGE_HEAD, {"override-class"}, {"sign-override"}),
        (CONTESTED, HEAD, {"decide-contest"}, {"contest"}),
    ],
)
def test_what_would_be_asked_in_vain_is_not_offered(home: Home, by: str, offered: set[str], in_vain: set[str]) -> None:
    act = home.act(actor(by), at("01-09 09:00"))
    verbs = {kind.verb for kind in COMMANDS if kind.offered(home.household, act)}
    assert offered <= verbs
    assert in_vain.isdisjoint(verbs)
