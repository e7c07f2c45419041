"""Benefits: the village applies, another decides in the town, in the statutory time; what is granted protects by itself."""

from dataclasses import replace

import pytest

from domain.decider import SYSTEM
from domain.household import PostNotice, RecordFacts
from domain.household.benefits import ApplyBenefit, EndBenefit, GrantBenefit, RefuseBenefit
from domain.household.ruleset import Reassess
from domain.household.terms import Benefit, BenefitState, HouseholdClass, Protected
from domain.refusals import Invalid, NotPermitted, Refused, WrongStatus
from domain.tests.home import RECOVERED, REGISTERED, Home
from domain.tests.story import at

CADRE, CLERK, HEAD = "cadre:V0101", "clerk:T01", "head:T01"
ALLOWANCE, GUARANTEED = Benefit.SUBSISTENCE_ALLOWANCE, Benefit.FIVE_GUARANTEES
PRIORITY, ATTENTION, SECURE = HouseholdClass.PRIORITY, HouseholdClass.ATTENTION, HouseholdClass.SECURE
POOR = RecordFacts(members=4, income_per_head=3400, debt_total=26000)
WELL = RecordFacts(members=4, income_per_head=20000)

POOR_HOME = REGISTERED.step("01-07 09:00", CADRE, POOR)
APPLIED = POOR_HOME.step("04-14 11:00", CADRE, ApplyBenefit(benefit=ALLOWANCE))


def refused(home: Home, moment: str, by: str, command: object, kind: type[Refused]) -> None:
    with pytest.raises(kind):
        home.step(moment, by, command)


def protected_by_facts(home: Home) -> Protected:
    assert home.household.facts is not None
    return home.household.facts.protected


def test_the_statutory_clock_of_a_benefit() -> None:
    """S03: from 14 April thirty working days end on 28 May; Sunday 27 April works, 1 to 5 May rest."""
    assert APPLIED.household.benefits[ALLOWANCE].due_at == at("05-29 00:00")
    granted = APPLIED.step("05-20 15:00", CLERK, GrantBenefit(benefit=ALLOWANCE))
    assert granted.household.next_deadline is None
    refused(granted, "05-21 09:00", CLERK, GrantBenefit(benefit=ALLOWANCE), WrongStatus)
    ended = granted.step("05-21 09:00", CLERK, EndBenefit(benefit=ALLOWANCE))
    refused(ended, "05-22 09:00", CLERK, EndBenefit(benefit=ALLOWANCE), WrongStatus)


def test_what_nobody_decides_is_overdue_from_the_due_instant_whenever_that_is_noticed() -> None:
    late = APPLIED.step("06-10 09:00", CLERK, RefuseBenefit(benefit=ALLOWANCE, reason="he has a lorry"))
    assert late.events()[-2:] == ["benefit_overdue", "benefit_refused"]
    [overdue] = [one for one in late.history if getattr(type(one.event), "__event__").endswith("overdue")]
    assert (overdue.at, overdue.by) == (at("05-29 00:00"), "system")
    assert "lorry" in late.history[-1].event.told.box


def test_a_benefit_that_is_overdue_ends_no_notice_that_still_hangs() -> None:
    posted = RECOVERED.step("05-12 09:30", CADRE, PostNotice(ends=at("07-10 00:00")))
    late = posted.step("05-12 10:00", CADRE, ApplyBenefit(benefit=ALLOWANCE)).until(at("07-09 00:00"))
    assert (late.events()[-1], late.household.klass) == ("benefit_overdue", PRIORITY)
    assert late.until(at("07-10 00:00")).household.klass is ATTENTION


def test_a_decision_at_the_due_instant_is_late_and_one_a_second_before_is_not() -> None:
    at_the_instant = APPLIED.step("05-29 00:00", CLERK, GrantBenefit(benefit=ALLOWANCE))
    assert "benefit_overdue" in at_the_instant.events()
    in_time = APPLIED.step("05-28 23:59", CLERK, GrantBenefit(benefit=ALLOWANCE)).until(at("06-30 00:00"))
    assert "benefit_overdue" not in in_time.events()


def test_the_town_decides_and_nobody_on_what_he_applied_for() -> None:
    for command in (GrantBenefit(benefit=ALLOWANCE), RefuseBenefit(benefit=ALLOWANCE, reason="too rich")):
        refused(APPLIED, "04-15 09:00", CADRE, command, NotPermitted)
        own = POOR_HOME.step("04-14 11:00", CLERK, ApplyBenefit(benefit=ALLOWANCE))
        refused(own, "04-15 09:00", CLERK, command, NotPermitted)
        assert own.step("04-15 09:00", HEAD, command).household.benefits[ALLOWANCE].state != BenefitState.APPLIED
    assert POOR_HOME.step("04-14 11:00", CLERK, GrantBenefit(benefit=ALLOWANCE)), "the town may act by itself"
    refused(POOR_HOME, "04-14 11:00", CLERK, RefuseBenefit(benefit=ALLOWANCE, reason="too rich"), WrongStatus)
    refused(APPLIED, "04-14 11:00", CADRE, ApplyBenefit(benefit=ALLOWANCE), WrongStatus)


def test_a_refused_benefit_may_be_applied_for_again() -> None:
    no = RefuseBenefit(benefit=ALLOWANCE, reason="no such site")
    again = APPLIED.play([("04-20 09:00", CLERK, no), ("04-21 09:00", CADRE, ApplyBenefit(benefit=ALLOWANCE))])
    assert again.household.benefits[ALLOWANCE].state == "applied"


def test_the_five_guarantees_protect_even_where_nothing_else_is_known() -> None:
    granted = REGISTERED.step("01-08 09:00", CLERK, GrantBenefit(benefit=GUARANTEED))
    assert granted.events() == ["registered", "benefit_granted", "assessed", "classified"]
    assert (granted.household.klass, granted.household.rules, granted.household.facts) == (PRIORITY, ("R0",), None)


def test_who_is_protected_is_assessed_under_a_new_ruleset_even_where_nothing_else_is_known() -> None:
    granted = REGISTERED.step("01-08 09:00", CLERK, GrantBenefit(benefit=GUARANTEED))
    newer = replace(granted.rules, policy_label="hanbin-default-1.2")
    anew = replace(granted, rules=newer).asked(at("02-01 00:00"), SYSTEM, Reassess())
    assert (anew.household.ruleset, anew.household.found.rules) == ("hanbin-default-1.2", ("R0",))


def test_the_five_guarantees_count_beside_the_facts_and_are_not_written_into_them() -> None:
    granted = REGISTERED.play([("01-07 09:00", CADRE, WELL), ("01-08 09:00", CLERK, GrantBenefit(benefit=GUARANTEED))])
    assert (granted.household.klass, granted.household.rules) == (PRIORITY, ("R0",))
    assert protected_by_facts(granted) is Protected.NONE
    later = granted.step("01-09 09:00", CADRE, WELL)
    assert later.household.assessments[-1].result is PRIORITY, "new facts leave it as it is"
    ended = later.step("02-09 09:00", CLERK, EndBenefit(benefit=GUARANTEED))
    assert (ended.household.klass, ended.household.assessments[-1].result) == (PRIORITY, SECURE), "out the slow way"


def test_the_end_of_the_five_guarantees_leaves_a_minor_unsupported() -> None:
    alone = RecordFacts(members=1, income_per_head=20000, protected=Protected.UNSUPPORTED_MINOR)
    home = REGISTERED.play(
        [
            ("01-07 09:00", CADRE, alone),
            ("01-08 09:00", CLERK, GrantBenefit(benefit=GUARANTEED)),
            ("02-08 09:00", CLERK, EndBenefit(benefit=GUARANTEED)),
        ]
    )
    assert protected_by_facts(home) is Protected.UNSUPPORTED_MINOR
    assert home.household.assessments[-1].rules == ("R0",)


def test_the_end_of_the_five_guarantees_ends_what_the_facts_say_of_it() -> None:
    said = RecordFacts(members=1, income_per_head=20000, protected=Protected.FIVE_GUARANTEES)
    home = REGISTERED.play(
        [
            ("01-07 09:00", CADRE, said),
            ("01-08 09:00", CLERK, GrantBenefit(benefit=GUARANTEED)),
            ("02-08 09:00", CLERK, EndBenefit(benefit=GUARANTEED)),
        ]
    )
    assert protected_by_facts(home) is Protected.NONE
    assert home.household.facts_version == home.household.version - 1


def test_the_village_is_told_of_an_application_for_a_week_at_least() -> None:
    week = PostNotice(ends=at("04-22 00:00"), benefit=ALLOWANCE)
    refused(POOR_HOME, "04-14 12:00", CADRE, week, WrongStatus)
    refused(APPLIED, "04-15 12:00", CADRE, week, Invalid)
    posted = APPLIED.step("04-14 12:00", CADRE, week)
    refused(posted, "04-14 13:00", CADRE, week, WrongStatus)
    over = posted.until(at("04-22 00:00"))
    assert over.events()[-2:] == ["benefit_posted", "benefit_notice_ended"]
    assert over.history[-1].at == at("04-22 00:00")
    assert over.household.posted == {}
    for decided in (GrantBenefit(benefit=ALLOWANCE), RefuseBenefit(benefit=ALLOWANCE, reason="too rich")):
        assert posted.step("04-15 12:00", CLERK, decided).household.posted == {}, "nor of one that is decided"
