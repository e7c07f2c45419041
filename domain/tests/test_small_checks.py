"""Small checks of the rules that belong to no single chapter."""

from dataclasses import replace
from datetime import date
from functools import reduce

import pytest

from domain.case import Case, ConfirmDeadlines, Lapse
from domain.case.clocks import CITIZEN, ClockKind, ClockState
from domain.case.handling import Assign, Dispute, Rule, Transfer
from domain.case.intake import Accept, ChallengeDecline, DecideChallenge, Decline
from domain.case.joining import Merge, Unmerge
from domain.case.joint import Convene, Task
from domain.case.terms import Basis, DeclineReason, Ground, Kind, Status
from domain.case.tiers import Escalate
from domain.case.timing import ProvideInformation, RequestInformation
from domain.decider import SYSTEM, Act
from domain.duties import FlagTarget, Target, TargetKind, Unflagged
from domain.org import Official, Post, Role
from domain.refusals import Invalid, LimitReached, NotFound, NotPermitted, TooLate
from domain.rules import CalendarYear, Rules, WorkingCalendar
from domain.rules.policy import PerTier
from domain.tests.hanbin import CN_2025, CN_2026, RULES, limited
from domain.tests.home import Home
from domain.tests.road import RESOLVE, assigned_to, clock, due, report
from domain.tests.story import ORG, Step, Story, actor, at, given

NOT_MINE = Dispute(ground="not_my_duty", evidence=())


def test_a_report_on_a_saturday_is_triaged_by_monday_midnight() -> None:
    story = given(Step("03-01 10:00", "citizen:1", report("V0101")))
    assert due(story, ClockKind.INTAKE) == at("03-04 00:00")


def test_a_report_on_a_sunday_of_make_up_work_is_triaged_by_the_day_after() -> None:
    story = given(Step("04-26 10:00", "citizen:1", report("V0101")))
    assert due(story, ClockKind.INTAKE) == at("04-28 00:00")


def test_an_assignment_is_disputed_on_the_second_working_day_and_not_on_the_third() -> None:
    assigned_to("T01").when("03-05 23:59:59", "head:T01", NOT_MINE).then("case.assignment_disputed")
    assigned_to("T01").when("03-06 00:00", "head:T01", NOT_MINE).refused(TooLate)


def test_a_second_dispute_of_one_assignment_is_refused() -> None:
    once = given(
        Step("03-03 10:00", "head:T01", NOT_MINE),
        Step("03-03 11:00", "adjudicator", Rule(upheld=False)),
        story=assigned_to("T01"),
    )
    once.when("03-03 12:00", "head:T01", NOT_MINE).refused(LimitReached)


def test_where_the_policy_allows_two_the_second_is_in_time_by_the_same_window() -> None:
    once = given(
        Step("03-03 10:00", "head:T01", NOT_MINE),
        Step("03-03 11:00", "adjudicator", Rule(upheld=False)),
        story=replace(assigned_to("T01"), rules=limited(disputes_per_assignment=2)),
    )
    once.when("03-06 00:00", "head:T01", NOT_MINE).refused(TooLate)
    twice = once.when("03-05 23:59:59", "head:T01", NOT_MINE).then("case.assignment_disputed")
    assert clock(twice.case, ClockKind.DISPUTE_WINDOW).state is ClockState.MET


def test_what_falls_to_the_mass_work_department_stays_there() -> None:
    assigned_to("D-MASSWORK").when("03-03 10:00", "officer:D-MASSWORK", NOT_MINE).refused(NotPermitted)


def headed_anew(story: Story, change: date) -> Story:
    """From that day on town 1 has another head."""
    old = replace(
        ORG.officials["head:T01"], posts=(Post(unit="T01", role=Role.TOWN_HEAD, since=date(2020, 1, 1), until=change),)
    )
    new = Official(id="head2:T01", name="new", posts=(Post(unit="T01", role=Role.TOWN_HEAD, since=change),))
    return replace(story, org=replace(ORG, officials={**ORG.officials, old.id: old, new.id: new}))


def test_when_the_town_head_changes_the_stay_keeps_who_answered_for_it_and_the_next_has_the_new_one() -> None:
    story = headed_anew(assigned_to("V0101"), date(2025, 3, 5)).until("03-07 00:00")
    assert [stay.accountable for stay in story.case.stays] == ["head:T01", "head2:T01"]
    story.when("03-07 09:00", "head:T01", RESOLVE).refused(NotFound)
    story.when("03-07 09:00", "head2:T01", RESOLVE).then("case.resolved")


def test_for_time_that_ran_out_as_the_town_head_changed_the_one_before_answers() -> None:
    story = headed_anew(assigned_to("V0101"), date(2025, 3, 7)).until("03-07 00:00")
    assert clock(story.case, ClockKind.HOLD, "V0101").accountable == "head:T01"
    assert story.case.stays[-1].accountable == "head2:T01"


def merged_into_town_2(story: Story) -> Story:
    """Town 1 is merged into town 2; its villages lie there, its office is closed with it."""
    units = dict(ORG.units)
    for unit in ("T01", "T01-LAND"):
        units[unit] = replace(units[unit], closed_on=date(2025, 3, 4), successor="T02" if unit == "T01" else "T02-LAND")
    for village in ("V0101", "V0102"):
        units[village] = replace(units[village], parent="T02")
    left = {
        who: replace(official, posts=tuple(replace(post, until=date(2025, 3, 4)) for post in official.posts))
        for who, official in ORG.officials.items()
        if who.endswith((":T01", ":T01-LAND"))
    }
    return replace(story, org=replace(ORG, units=units, officials={**ORG.officials, **left}))


@pytest.mark.parametrize(
    ("unit", "by"),
    [("T01", "head:T02"), ("T01", "officer:T02-LAND"), ("T01-LAND", "officer:T02-LAND"), ("V0101", "head:V0101")],
)
def test_a_case_follows_the_successor_of_its_unit(unit: str, by: str) -> None:
    story = merged_into_town_2(assigned_to(unit))
    assert story.case.stays[0].accountable == "head:T01", "as it was when the stay began"
    story.when("03-05 09:00", by, RESOLVE).then("case.resolved")


def test_a_village_of_a_merged_town_rises_to_the_successor() -> None:
    story = merged_into_town_2(assigned_to("V0101")).until("03-07 00:00")
    assert (story.case.unit, story.case.stays[-1].accountable) == ("T02", "head:T02")
    up = Escalate(unit="T02", ground=Ground.BEYOND_POWERS, tried=("all",))
    merged_into_town_2(assigned_to("V0101")).when("03-05 09:00", "head:V0101", up).then("case.escalated")


def test_what_a_merged_town_had_is_reopened_and_risen_from_by_the_successor() -> None:
    late = merged_into_town_2(assigned_to("T01")).until("03-13 00:00")
    assert late.case.unit == "D-MASSWORK"
    dispatched = given(Step("03-03 09:00", "citizen:1", report("V0101")), Step("03-03 09:10", "dispatcher", Accept()))
    merged_into_town_2(dispatched).when("03-05 09:00", "dispatcher", Assign(unit="T02")).then(
        "case.supervised", "case.assigned"
    )


def test_after_a_declined_report_the_clock_runs_from_the_first_report() -> None:
    story = given(
        Step("03-03 09:00", "citizen:1", report("V0101")),
        Step("03-03 15:00", "dispatcher", Decline(reason=DeclineReason.OUTSIDE_AREA, where_to="elsewhere")),
        Step("03-04 10:00", "citizen:1", ChallengeDecline(reason="it is here")),
        Step("03-06 09:00", "adjudicator", DecideChallenge(upheld=True, reason="it is")),
    )
    assert (story.case.status, story.case.reported_at) == (Status.REPORTED, at("03-03 09:00"))
    assert due(story, ClockKind.INTAKE) == at("03-08 00:00"), "the office has its time anew, the citizen's runs on"
    declined = story.step_by("03-06 10:00", "clerk:D-DISPATCH", Decline(reason=DeclineReason.UNLAWFUL))
    declined.when("03-06 11:00", "citizen:1", ChallengeDecline(reason="again")).refused(LimitReached)


def test_a_change_of_policy_leaves_running_clocks_and_is_followed_by_the_next() -> None:
    policy = replace(RULES.policy, hold_wd=PerTier(V=1, T=2, D=3), information_wait_wd=1)
    hurried = replace(RULES, policy=policy, policy_label="hanbin-hurried.1")
    story = replace(assigned_to("V0101"), rules=hurried)
    assert due(story.until("03-06 23:59"), ClockKind.HOLD) == at("03-07 00:00")
    risen = story.until("03-07 00:00")
    village, town = (one for one in risen.case.clocks if one.kind is ClockKind.HOLD)
    assert (village.policy, town.policy) == ("hanbin-default-1.1", "hanbin-hurried.1")
    assert town.due_at == at("03-12 00:00")


def only(*years: CalendarYear) -> Rules:
    return replace(RULES, calendar=WorkingCalendar(region="cn", years={one.year: one for one in years}))


def over_the_new_year() -> Story:
    story = replace(Story(), rules=only(CN_2025))
    return given(
        Step("12-22 09:00", "citizen:1", report()),
        Step("12-22 09:10", "dispatcher", Accept()),
        Step("12-22 09:30", "dispatcher", Assign(unit="D-TRANSPORT")),
        story=story,
    )


def test_a_due_instant_in_a_year_without_a_calendar_is_provisional_until_the_notice_comes() -> None:
    story = over_the_new_year()
    assert (due(story, ClockKind.HOLD), clock(story.case, ClockKind.HOLD).provisional) == (at("2026-01-13 00:00"), True)
    assert not clock(story.case, ClockKind.FIRST_RESPONSE).provisional
    known = replace(story, rules=only(CN_2025, CN_2026))
    confirmed = known.when("12-23 09:00", "system", ConfirmDeadlines()).then("case.deadline_confirmed")
    hold = clock(confirmed.case, ClockKind.HOLD)
    assert (hold.due_at, hold.provisional, hold.calendar) == (at("2026-01-14 00:00"), False, "cn-2025.1+cn-2026.1")
    assert confirmed.case.next_deadline == at("2026-01-14 00:00")
    confirmed.when("12-24 09:00", "system", ConfirmDeadlines()).then()


def test_what_has_run_out_is_not_reckoned_again_when_the_notice_comes() -> None:
    late = over_the_new_year().until("2026-01-13 09:00")
    assert late.events()[-1] == "case.supervised"
    known = replace(late, rules=only(CN_2025, CN_2026))
    known.when("2026-01-13 09:00", "system", ConfirmDeadlines()).then()


def test_what_was_not_reckoned_again_in_time_lapses_by_the_notice_all_the_same() -> None:
    known = replace(over_the_new_year(), rules=only(CN_2025, CN_2026))
    assert known.until("2026-01-13 09:00").events()[-1] == "case.deadline_confirmed"
    assert known.until("2026-01-14 00:00").events()[-2:] == ["case.deadline_confirmed", "case.supervised"]


def test_a_task_that_has_as_long_as_the_case_is_reckoned_with_it() -> None:
    whistle = Convene(lead="D-TRANSPORT", tasks=(Task(unit="T02", task="Lend the digger"),))
    convened = over_the_new_year().step_by("12-23 09:00", "leader:D-TRANSPORT", whistle)
    known = replace(convened, rules=only(CN_2025, CN_2026))
    for story in (known.step_by("12-24 09:00", "system", ConfirmDeadlines()), known.until("2026-01-13 09:00")):
        assert due(story, ClockKind.TASK) == due(story, ClockKind.HOLD) == at("2026-01-14 00:00")


def test_without_a_notice_nothing_is_confirmed() -> None:
    over_the_new_year().when("12-23 09:00", "system", ConfirmDeadlines()).then()


def test_a_paused_clock_is_confirmed_by_running_on() -> None:
    asked = over_the_new_year().step_by(
        "12-23 09:00", "officer:D-TRANSPORT", RequestInformation(items=("x",), delivered="y")
    )
    known = replace(asked, rules=only(CN_2025, CN_2026)).step_by("12-24 09:00", "system", ConfirmDeadlines())
    assert due(known, ClockKind.HOLD) is None
    on = known.step_by("12-25 09:00", "citizen:1", ProvideInformation())
    assert (due(on, ClockKind.HOLD), clock(on.case, ClockKind.HOLD).provisional) == (at("2026-01-15 00:00"), False)


def test_what_was_merged_when_the_notice_came_is_reckoned_with_it_once_it_stands_alone() -> None:
    merged = given(
        Step("12-22 10:00", "citizen:2", report()),
        Step("12-22 10:10", "dispatcher", Accept()),
        Step("12-22 10:30", "dispatcher", Assign(unit="D-TRANSPORT")),
        Step("12-22 11:00", "dispatcher", Merge(into="case-1", basis=Basis.SAME_MATTER_OTHER_PERSON)),
        story=over_the_new_year().turn_to("case-2"),
    )
    known = replace(merged, rules=only(CN_2025, CN_2026))
    apart = known.step_by("12-24 09:00", "dispatcher", Unmerge(reason="another road"))
    assert (due(apart, ClockKind.HOLD), clock(apart.case, ClockKind.HOLD).provisional) == (
        at("2026-01-14 00:00"),
        False,
    )


def test_a_timer_that_runs_twice_escalates_once() -> None:
    story = assigned_to("V0101").until("03-07 00:00")
    again = Act(
        by=SYSTEM,
        at=at("03-07 00:00"),
        rules=story.rules,
        org=story.org,
        vault=story.act(SYSTEM, at("03-07 00:00")).vault,
    )
    assert list(Lapse().decide(story.case, again)) == []
    assert story.events().count("case.escalated") == 1


@pytest.mark.parametrize("moment", ["03-06 23:59:59", "03-07 00:00:01", "04-01 00:00"])
def test_nothing_lapses_at_another_instant_than_its_own(moment: str) -> None:
    story = assigned_to("V0101")
    assert list(Lapse().decide(story.case, story.act(SYSTEM, at(moment)))) == []


def test_a_late_timer_changes_no_instant() -> None:
    punctual = reduce(Story.until, ("03-06 00:00", "03-07 00:00", "03-18 00:00", "04-10 00:00"), assigned_to("V0101"))
    late = assigned_to("V0101").until("04-10 00:00")
    assert [(one.at, one.event) for one in late.history] == [(one.at, one.event) for one in punctual.history]


def test_replaying_any_prefix_gives_what_was_seen_then() -> None:
    story = assigned_to("V0101").until("04-10 00:00")
    case = Case(id="case-1")
    for recorded in story.history:
        case = case.evolve(recorded)
    assert case == story.case


def test_a_late_report_counts_from_when_it_happened() -> None:
    late = given(Step("03-05 10:00", "cadre:V0101", report("V0101", occurred_at=at("02-28 09:00")))).until(
        "03-05 10:00"
    )
    assert (late.case.reported_at, late.case.recorded_at) == (at("02-28 09:00"), at("03-05 10:00"))
    assert [one.at for one in late.history] == [at("02-28 09:00"), at("03-04 00:00")], "the intake was over already"


def test_a_transfer_inside_the_tier_goes_on_with_the_same_clock() -> None:
    story = assigned_to("T01").when("03-05 10:00", "head:T01", Transfer(unit="T02")).then("case.transferred")
    assert (due(story, ClockKind.HOLD, "T02"), clock(story.case, ClockKind.HOLD).started_at) == (
        at("03-13 00:00"),
        at("03-03 09:30"),
    )
    assert CITIZEN not in {one.unit for one in story.case.clocks}


def test_a_petition_runs_on_its_statutory_clock_alone() -> None:
    story = assigned_to("T01", kind=Kind.PETITION)
    assert {str(one.kind) for one in story.case.clocks if one.running} == {"statutory", "dispute_window", "notice"}


def test_no_visit_is_owed_to_a_village_that_is_no_more_and_what_was_owed_there_is_owed_no_longer() -> None:
    units = {**ORG.units, "V0101": replace(ORG.units["V0101"], closed_on=date(2025, 1, 1), successor="V0102")}
    now = at("03-03 09:00")
    act = replace(Home().act(actor("dispatcher", ORG, now), now), org=replace(ORG, units=units))
    known = {kind: Target(id="V0101", version=1, village="V0101", flags=frozenset({kind})) for kind in TargetKind}
    poor, remote = TargetKind.POOR_HOUSEHOLD, TargetKind.REMOTE
    for flag in (FlagTarget(target="V0101", kind=remote), FlagTarget(target="h-1", kind=poor, village="V0101")):
        with pytest.raises(Invalid):
            list(flag.decide(Target(id=flag.target), act))
        assert list(replace(flag, flagged=False).decide(known[flag.kind], act)) == [Unflagged(kind=flag.kind)]
    elsewhere = FlagTarget(target="h-1", kind=TargetKind.FIVE_GUARANTEES, village="V0102")
    assert list(elsewhere.decide(known[poor], act)), "control: who lived there is flagged where he lives now"
