"""The map of the district is drawn anew while cases go on: a village comes to another town, units are merged."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.case.clocks import ClockKind
from domain.case.handling import Assign
from domain.case.intake import Accept, ChallengeDecline, DecideChallenge, Decline, Divert
from domain.case.terms import DeclineReason, Ground
from domain.case.tiers import Escalate
from domain.case.timing import DecideExtension, RequestExtension
from domain.refusals import Invalid, NotFound
from domain.tests.road import NOT_SOLVED, RESOLVE, assigned_to, clock, report
from domain.tests.story import Step, Story, given


def redrawn(story: Story, unit: str, **changes: Any) -> Story:
    """From now on the unit lies elsewhere, or was merged into another."""
    units = {**story.org.units, unit: replace(story.org.units[unit], **changes)}
    return replace(story, org=replace(story.org, units=units))


def held_by_a_village_that_moved() -> Story:
    """Village 3 has the case, and comes from town 2 to town 1."""
    return redrawn(assigned_to("V0201"), "V0201", parent="T01")


def test_a_report_waits_in_the_town_its_village_lies_in_today() -> None:
    waiting = redrawn(given(Step("03-03 09:00", "citizen:1", report("V0201"))), "V0201", parent="T01")
    assert clock(waiting.step_by("03-03 10:00", "clerk:T01", Accept()).case, ClockKind.INTAKE).unit == "T01"
    challenged = given(
        Step("03-03 10:00", "dispatcher", Decline(reason=DeclineReason.UNLAWFUL)),
        Step("03-03 11:00", "citizen:1", ChallengeDecline(reason="it is not")),
        Step("03-04 09:00", "adjudicator", DecideChallenge(upheld=True)),
        story=waiting,
    )
    assert clock(challenged.case, ClockKind.INTAKE).unit == "T01"


def test_of_a_merged_village_the_one_that_took_it_over_gets_the_case() -> None:
    accepted = given(Step("03-03 09:00", "citizen:1", report("V0102")), Step("03-03 09:10", "clerk:T01", Accept()))
    merged = redrawn(accepted, "V0102", closed_on=date(2025, 3, 3), successor="V0101")
    merged.when("03-03 10:00", "clerk:T01", Assign(unit="V0101")).then("case.assigned")
    merged.when("03-03 10:00", "clerk:T01", Assign(unit="V0102")).refused(Invalid, "cannot hold")


def test_what_a_village_that_is_no_more_did_not_solve_goes_to_its_town() -> None:
    resolved = assigned_to("V0101").step_by("03-04 16:00", "head:V0101", RESOLVE)
    closed = redrawn(resolved, "V0101", closed_on=date(2025, 3, 5))
    again = closed.when("03-06 09:00", "citizen:1", NOT_SOLVED).then("case.feedback_recorded", "case.reopened")
    assert again.case.unit == "T01"


def test_nothing_is_diverted_to_a_body_that_is_no_more() -> None:
    reported = given(Step("03-03 09:00", "citizen:1", report("V0101")))
    closed = redrawn(reported, "D-DISCIPLINE", closed_on=date(2025, 3, 3))
    closed.when("03-03 10:00", "dispatcher", Divert(to="D-DISCIPLINE", basis="law")).refused(Invalid)


@pytest.mark.parametrize("unit", ["T01", None])
def test_a_village_rises_to_the_town_it_lies_in_today(unit: str | None) -> None:
    moved = held_by_a_village_that_moved()
    up = Escalate(unit=unit, ground=Ground.SAFETY, tried=("all",))
    assert moved.when("03-05 09:00", "head:V0201", up).then("case.escalated").case.unit == "T01"
    moved.when("03-05 09:00", "head:V0201", replace(up, unit="T02")).refused(Invalid)
    assert moved.until("03-07 00:00").case.stays[-1].accountable == "head:T01"


def test_a_village_asks_the_town_it_lies_in_today_for_more_time() -> None:
    more = RequestExtension(days=1, reason="rain", petitioner_told=True)
    asked = held_by_a_village_that_moved().step_by("03-05 09:00", "head:V0201", more)
    assert asked.case.extension_asked is not None
    assert asked.case.extension_asked.to == "T01"
    asked.when("03-05 10:00", "head:T02", DecideExtension(granted=True)).refused(NotFound)
    asked.when("03-05 10:00", "head:T01", DecideExtension(granted=True)).then("case.extension_granted")
