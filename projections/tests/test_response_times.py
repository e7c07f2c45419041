"""How long each level takes: its figures on a worked example, and on cases that strain them."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import Engine

from domain.case.clocks import ClockKind
from domain.case.handling import Contact, Dispute, Rule, Transfer
from domain.case.terms import ContactOutcome, Ground, Kind
from domain.case.tiers import Escalate, Remand
from domain.case.timing import ProvideInformation, RequestInformation
from domain.decider import Recorded
from domain.org import Tier
from domain.tests.road import NOT_SOLVED, RESOLVE, assigned_to, due
from domain.tests.story import Story, at
from projections.cards.detectors import findings
from projections.cases.case_file import CaseFile
from projections.cases.then import as_it_stood
from projections.tests import one_by_one
from projections.tests.logs import Written, act, called, following, told
from projections.tests.wandering import joined_and_parted
from projections.times import typical_times
from projections.times.held import ResponseTimes
from projections.times.response_times import Group, groups
from projections.times.selection import By, Period

followed = following(CaseFile(), ResponseTimes())

HOUR = 3600
DAY = 24 * HOUR
REACHED = Contact(outcome=ContactOutcome.REACHED)
UP = Escalate(ground=Ground.BEYOND_MEANS, tried=("all",))
EVER = Period()
MARCH = Period(start=at("03-01 00:00"), end=at("04-01 00:00"))


def figures(
    engine: Engine,
    by: By = By.TIER,
    moment: str = "03-31 09:00",
    period: Period = EVER,
    who: str = "auditor",
    tier: Tier | None = None,
    kind: Kind | None = None,
    unit: str | None = None,
) -> dict[str, Group]:
    with engine.connect() as db:
        found = groups(db, act(who, moment), by, period, tier=tier, kind=kind, unit=unit)
        return {one.group: one for one in found}


def solved_after(days: int, name: str) -> Story:
    story = assigned_to("D-TRANSPORT")
    return called(name, story.step_by(f"03-{3 + days:02} 09:30", "leader:D-TRANSPORT", RESOLVE))


def test_open_stays_are_not_left_out_of_the_typical_time(engine: Engine) -> None:
    """Eight ended after 1 to 4 days, two are still open."""
    ended = [solved_after(days, f"ended-{days}-{one}") for days in (1, 2, 3, 4) for one in "ab"]
    still = [called(f"open-{one}", assigned_to("D-TRANSPORT")) for one in "ab"]
    followed(engine, told(*ended, *still))
    district = figures(engine)["district"]
    assert (district.cases, district.entries, district.open) == (10, 10, 2)
    assert (district.hold.p50_s, district.hold.p90_s) == (3 * DAY, None)
    assert (district.hold.due, district.hold.breached, district.overdue_share) == (10, 2, 0.2)
    assert district.on_time_effective_share == 0.8


def test_the_share_of_the_late_is_of_those_that_fell_due_and_moves_no_more_once_the_period_is_over(
    engine: Engine,
) -> None:
    late = assigned_to("V0101").until("03-07 00:00")
    followed(engine, log := told(late))
    village = figures(engine, period=MARCH)["village"]
    assert (village.hold.due, village.hold.breached, village.overdue_share) == (1, 1, 1.0)
    log.goes_on(Written(late.step_by("03-10 09:00", "head:T01", RESOLVE).history[len(late.history) :]))
    followed(engine, log)
    assert figures(engine, period=MARCH)["village"].overdue_share == 1.0
    assert figures(engine, period=MARCH)["town"].overdue_share == 0.0


def test_what_is_due_at_the_end_of_a_day_belongs_to_that_day(engine: Engine) -> None:
    """Seven working days are over with Friday 28 March, and with Monday 31."""
    stories = [called(day, assigned_to("T01", day=day)) for day in ("03-19", "03-20")]
    assert [due(story, ClockKind.HOLD) for story in stories] == [at("03-29 00:00"), at("04-01 00:00")]
    followed(engine, told(*stories))
    months = figures(engine, By.MONTH, moment="04-20 09:00")
    assert {month: one.hold.due for month, one in months.items() if one.hold.due} == {"2025-03": 2}
    weeks = figures(engine, By.WEEK, moment="04-20 09:00")
    assert {week: one.hold.due for week, one in weeks.items() if one.hold.due} == {"2025-W13": 1, "2025-W14": 1}
    for moment in ("04-01 00:00", "04-20 09:00"):
        assert figures(engine, moment=moment, period=MARCH)["town"].hold.due == 2
        assert "town" not in figures(engine, moment=moment, period=Period(start=at("04-01 00:00")))
    assert figures(engine, moment="03-31 23:59", period=MARCH)["town"].hold.due == 1


def test_what_has_not_fallen_due_yet_is_in_no_share(engine: Engine) -> None:
    followed(engine, told(assigned_to("T01")))
    town = figures(engine, moment="03-12 23:59")["town"]
    assert (town.hold.due, town.overdue_share, town.on_time_effective_share) == (0, None, None)
    assert figures(engine, moment="03-13 00:00")["town"].overdue_share == 1.0


def test_time_held_counts_up_to_now_and_net_leaves_out_waits_for_the_citizen(engine: Engine) -> None:
    asked = RequestInformation(items=("deed",), delivered="sms")
    waiting = assigned_to("T01").step_by("03-03 10:30", "head:T01", asked)
    followed(engine, log := told(waiting))
    hold = figures(engine, moment="03-03 12:30")["town"].hold
    assert (hold.n, hold.total_s, hold.net_total_s) == (1, 3 * HOUR, HOUR)
    back = waiting.step_by("03-03 13:30", "citizen:1", ProvideInformation())
    log.goes_on(Written(back.step_by("03-03 15:30", "head:T01", RESOLVE).history[len(waiting.history) :]))
    followed(engine, log)
    hold = figures(engine)["town"].hold
    assert (hold.total_s, hold.net_total_s, hold.p50_s, hold.net_p50_s) == (6 * HOUR, 3 * HOUR, 6 * HOUR, 3 * HOUR)


def test_the_first_response_is_timed_from_entering_and_those_that_owe_it_count(engine: Engine) -> None:
    quick = assigned_to("T01").step_by("03-03 10:30", "head:T01", REACHED)
    followed(engine, told(called("quick", quick), called("silent", assigned_to("T01"))))
    response = figures(engine)["town"].first_response
    assert (response.n, response.p50_s, response.p90_s) == (2, HOUR, None)
    assert (response.due, response.breached) == (2, 1)


def test_a_void_stay_counts_for_the_dispatcher_and_not_for_the_unit(engine: Engine) -> None:
    disputed = assigned_to("T01").step_by("03-03 10:30", "head:T01", Dispute(ground="not ours", evidence=()))
    followed(engine, told(disputed.step_by("03-04 09:30", "adjudicator", Rule(upheld=True, unit="T02"))))
    units = figures(engine, By.UNIT)
    assert list(units) == ["D-DISPATCH", "T02"]
    dispatch = units["D-DISPATCH"]
    assert (dispatch.misdispatch.n, dispatch.misdispatch.total_s, dispatch.entries) == (1, DAY, 0)
    assert (dispatch.hold.p50_s, dispatch.overdue_share, dispatch.label) == (None, None, "Dispatch")
    assert (figures(engine)["town"].entries, figures(engine)["district"].misdispatch.n) == (1, 1)


def test_what_is_charged_to_the_dispatcher_is_in_his_tier_and_unit_and_in_no_town(engine: Engine) -> None:
    disputed = assigned_to("T01").step_by("03-03 10:30", "head:T01", Dispute(ground="not ours", evidence=()))
    followed(engine, told(disputed.step_by("03-04 09:30", "adjudicator", Rule(upheld=True, unit="T02"))))
    assert list(figures(engine, tier=Tier.TOWN)) == ["town"]
    assert figures(engine, tier=Tier.DISTRICT)["district"].misdispatch.n == 1
    assert list(figures(engine, By.UNIT, unit="T01")) == []
    towns = figures(engine, By.TOWN)
    assert list(towns) == ["T02", "none"]
    assert (towns["none"].misdispatch.n, towns["none"].entries) == (1, 0)


def test_of_one_unit_what_it_and_those_below_it_hold(engine: Engine) -> None:
    village = called("case-2", assigned_to("V0101", village="V0101").until("03-07 00:00"))
    followed(engine, told(assigned_to("T01"), village, called("case-3", assigned_to("T02"))))
    assert list(figures(engine, By.UNIT)) == ["T01", "T02", "V0101"]
    assert list(figures(engine, By.UNIT, unit="T01")) == ["T01", "V0101"]
    assert list(figures(engine, By.UNIT, unit="V0101")) == ["V0101"]
    assert figures(engine, By.TIER, unit="T01")["town"].entries == 2
    assert list(figures(engine, By.UNIT, unit="D")) == list(figures(engine, By.UNIT))


def test_a_rejected_dispute_counts_fully_and_is_told(engine: Engine) -> None:
    disputed = assigned_to("T01").step_by("03-03 10:30", "head:T01", Dispute(ground="not ours", evidence=()))
    followed(engine, told(disputed.step_by("03-04 09:30", "adjudicator", Rule(upheld=False, reason="it is"))))
    town = figures(engine)["town"]
    assert (town.entries, town.disputed_rejected, town.misdispatch.n) == (1, 1, 0)


def test_solved_in_time_but_reopened_is_not_effective(engine: Engine) -> None:
    done = assigned_to("T01").step_by("03-04 09:30", "head:T01", RESOLVE)
    followed(engine, told(done.step_by("03-05 09:30", "follow-up", NOT_SOLVED)))
    town = figures(engine, moment="03-13 00:00")["town"]
    assert (town.cases, town.entries, town.open, town.reopened) == (1, 2, 1, 1)
    assert (town.hold.due, town.hold.breached, town.on_time_effective_share) == (2, 1, 0.0)
    assert town.first_response.n == 1


def test_sent_up_in_time_is_in_time_unless_it_was_premature(engine: Engine) -> None:
    up = assigned_to("V0101", village="V0101").step_by("03-04 09:30", "head:V0101", UP)
    followed(engine, log := told(up))
    village = figures(engine)["village"]
    assert (village.escalated, village.overdue_share, village.on_time_effective_share) == (1, 0.0, 1.0)
    down = Remand(unit="V0101", instructions="do it", premature=True)
    log.goes_on(Written(up.step_by("03-05 09:30", "head:T01", down).history[len(up.history) :]))
    followed(engine, log)
    both = figures(engine, moment="03-07 00:00")
    assert (both["village"].on_time_effective_share, both["town"].remanded) == (0.0, 1)


def test_a_transfer_goes_on_with_the_stay_at_the_other_unit(engine: Engine) -> None:
    followed(engine, told(assigned_to("T01").step_by("03-04 09:30", "head:T01", Transfer(unit="T02"))))
    units = figures(engine, By.UNIT, moment="03-05 09:30")
    assert {unit: one.hold.total_s for unit, one in units.items()} == {"T02": 2 * DAY}


def test_a_merged_report_holds_nobody_up_until_it_stands_alone_again(engine: Engine) -> None:
    parted = joined_and_parted()
    apart = len(parted.history) - 1
    followed(engine, log := told(replace(parted, history=parted.history[:apart])))
    town = figures(engine, moment="03-08 08:00")["town"]
    assert (town.entries, town.open, town.cases) == (2, 1, 2)
    log.goes_on(Written(parted.history[apart:]))
    followed(engine, log)
    assert figures(engine, moment="03-08 10:00")["town"].open == 2


@pytest.mark.parametrize(
    ("by", "found"),
    [
        (By.TIER, ["village", "town"]),
        (By.TOWN, ["T01"]),
        (By.UNIT, ["T01", "V0101"]),
        (By.KIND, ["request"]),
        (By.GRADE, ["III"]),
        (By.WEEK, ["2025-W10", "2025-W11", "2025-W12"]),
        (By.MONTH, ["2025-03"]),
    ],
)
def test_figures_are_told_apart_by_whatever_is_asked(engine: Engine, by: By, found: list[str]) -> None:
    followed(engine, told(assigned_to("V0101", village="V0101").until("03-07 00:00")))
    assert list(figures(engine, by)) == found


def test_a_period_takes_in_what_entered_in_it_and_apart_from_that_what_fell_due(engine: Engine) -> None:
    followed(engine, told(assigned_to("T01")))
    first = figures(engine, period=Period(end=at("03-10 00:00")))["town"]
    then = figures(engine, period=Period(start=at("03-10 00:00")))["town"]
    assert (first.entries, first.first_response.due, first.hold.due) == (1, 1, 0)
    assert (then.entries, then.first_response.due, then.hold.due) == (0, 0, 1)
    assert (then.hold.p50_s, then.overdue_share) == (None, 1.0)


@pytest.mark.parametrize("end", ["03-05 16:00", "03-20 00:00", "05-01 00:00"])
@pytest.mark.parametrize("by", [By.TIER, By.UNIT, By.KIND, By.WEEK, By.MONTH])
def test_who_came_on_the_day_a_period_begins_but_before_it_has_not_come_in_it(engine: Engine, by: By, end: str) -> None:
    """Assigned on Wednesday morning, and taken up again at 15:00 or on Friday; the period begins at noon."""
    solved = assigned_to("T01", day="03-05").step_by("03-05 10:00", "head:T01", RESOLVE)
    stories = [solved.step_by(again, "follow-up", NOT_SOLVED) for again in ("03-05 15:00", "03-07 10:00")]
    followed(engine, log := told(*(called(f"case-{number}", story) for number, story in enumerate(stories))))
    period = Period(start=at("03-05 12:00"), end=at(end))
    [found] = [one for one in figures(engine, by, period=period).values() if one.entries]
    assert found.cases == found.entries == (1 if end < "03-06" else 2)
    with engine.connect() as db:
        then = as_it_stood(db, at("03-05 15:30"), log.recall)
        [stood] = groups(db, act("auditor", "03-31 09:00"), by, period, then=then)
        assert (stood.cases, stood.entries) == (1, 1)


def test_only_the_tier_and_kind_that_are_asked_for(engine: Engine) -> None:
    followed(engine, told(assigned_to("T01"), called("case-2", assigned_to("D-TRANSPORT", kind=Kind.SUGGESTION))))
    assert list(figures(engine, By.UNIT, tier=Tier.TOWN)) == ["T01"]
    assert list(figures(engine, By.UNIT, kind=Kind.SUGGESTION)) == ["D-TRANSPORT"]
    assert figures(engine, By.UNIT, tier=Tier.VILLAGE) == {}


def test_a_petition_is_late_by_the_law_and_where_its_time_was_to_end(engine: Engine) -> None:
    kept, risen, answered = (
        called(name, assigned_to(unit, kind=Kind.PETITION))
        for name, unit in zip("abc", ("T01", "T01", "T02"), strict=True)
    )
    risen, answered = risen.step_by("04-01 09:00", "head:T01", UP), answered.step_by("05-06 09:00", "head:T02", RESOLVE)
    followed(engine, told(kept, risen, answered))
    found = figures(engine, By.UNIT, moment="12-31 00:00")
    assert {unit: (one.entries, one.hold.due, one.overdue_share) for unit, one in found.items()} == {
        "T01": (2, 1, 1.0),
        "D-MASSWORK": (1, 1, 1.0),
        "T02": (1, 1, 0.0),
    }
    assert [one.first_response.due for one in found.values()] == [0, 0, 0]


def test_what_waits_for_the_citizen_still_is_parked_as_well(engine: Engine) -> None:
    ask = RequestInformation(items=("deed",), delivered="sms")
    waiting = assigned_to("T01").step_by("03-03 10:00", "head:T01", ask)
    followed(engine, told(*(called(name, waiting) for name in "abcde")))
    with engine.connect() as db:
        [found] = findings(db, act("auditor", "03-10 09:00"), "T01", at("03-01 00:00"), at("04-01 00:00"))
    assert (found.detector, found.cases) == ("parking", tuple("abcde"))


def test_a_complaint_is_in_nobody_s_figures_whom_it_must_not_reach(engine: Engine) -> None:
    followed(engine, told(assigned_to("T02", kind=Kind.COMPLAINT, subjects=("head:T01",))))
    assert figures(engine, who="head:T01") == {}
    assert list(figures(engine, who="head:T02")) == ["town"]


def test_time_of_a_tier_is_the_sum_of_its_stays(engine: Engine, many_lives: Written) -> None:
    followed(engine, many_lives)
    cases = many_lives.states({stream for *_, stream in many_lives.lines}, len(many_lives.lines)).values()
    moment = "08-01 00:00"
    for tier, found in figures(engine, moment=moment).items():
        stays = [stay for case in cases for stay in case.stays if stay.tier == tier and not stay.void]
        spent = [(stay.left_at or at(moment)) - stay.entered_at for stay in stays]
        paused = [pause.end - pause.start for stay in stays for pause in stay.pauses_until(stay.left_at or at(moment))]
        assert found.hold.total_s == sum(spent, timedelta()).total_seconds()
        assert found.hold.total_s - found.hold.net_total_s == sum(paused, timedelta()).total_seconds()
        assert found.entries == len(stays)


def test_the_sums_tell_what_looking_at_every_stay_tells(
    engine: Engine, many_lives: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is asked: of any group, unit, tier and kind, from any instant to any other, by any reader.

    And of all, where every bucket is told by its parts first.
    """
    random = Random(7)
    followed(engine, many_lives)
    last = max(line.at for _, line, _ in many_lives.lines if isinstance(line, Recorded))
    starts = (None, at("03-01 00:00"), at("03-05 13:20"), at("03-10 09:00"), at("04-01 00:00"))
    ends = (None, at("03-06 00:00"), at("03-20 10:10"), at("05-01 00:00"))
    with engine.connect() as db:
        for by in (*By, *By, *By, *By):
            moment = last + random.choice((timedelta(), timedelta(minutes=10), timedelta(days=9, hours=3)))
            reader = replace(act(random.choice(("auditor", "head:T01", "officer:D-MASSWORK"))), at=moment)
            period = Period(start=random.choice(starts), end=random.choice(ends))
            asked = {
                "tier": random.choice((None, None, *Tier)),
                "kind": random.choice((None, None, Kind.REQUEST, Kind.COMPLAINT)),
                "unit": random.choice((None, "D", "T01", "V0101", "D-TRANSPORT")),
            }
            expected = one_by_one.groups(db, reader, by, period, **asked)
            assert groups(db, reader, by, period, **asked) == expected, (by, moment, period, asked)
        monkeypatch.setattr(typical_times, "MANY", 0)
        for who in ("auditor", "head:T01", "officer:D-MASSWORK"):
            reader = replace(act(who), at=last)
            assert groups(db, reader, By.TIER, EVER) == one_by_one.groups(db, reader, By.TIER, EVER)
