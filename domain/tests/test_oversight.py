"""What others do about a case without having it: urging, supervising, claiming, noting. No clock cares."""

from dataclasses import replace

import pytest

from domain.case.gate import CaseCommand
from domain.case.oversight import FULL, Attach, Claim, LinkHousehold, Release, Supervise, TakeNote, Urge
from domain.case.terms import Ground, Status
from domain.case.tiers import Escalate
from domain.refusals import Invalid, LimitReached, NotPermitted, WrongStatus
from domain.tests.road import RESOLVE, assigned_to
from domain.tests.story import Step, given

CLAIM = Claim(lease_s=600)


@pytest.mark.parametrize(
    ("who", "command", "event"),
    [
        ("adjudicator", Urge(note="please"), "case.urged"),
        ("adjudicator", Supervise(note="now"), "case.supervised"),
        ("head:T01", CLAIM, "case.claimed"),
        ("citizen:1", TakeNote(text="It still drips"), "case.noted"),
        ("citizen:1", Attach(kind="photo", ref="file:1"), "case.evidence_attached"),
        ("head:T01", LinkHousehold(household="HH-1"), "case.household_linked"),
    ],
)
def test_none_of_these_moves_a_clock_or_changes_the_status(who: str, command: CaseCommand, event: str) -> None:
    before = assigned_to("T01")
    after = before.when("03-03 10:00", who, command).then(event)
    assert (after.case.clocks, after.case.status, after.case.stays) == (
        before.case.clocks,
        before.case.status,
        before.case.stays,
    )


def test_what_is_attached_is_named_or_uploaded() -> None:
    assigned_to("T01").when("03-03 10:00", "citizen:1", Attach(kind="photo")).refused(Invalid)
    assigned_to("T01").when("03-03 10:00", "citizen:1", Attach(kind="photo", sha256="a" * 64)).then(
        "case.evidence_attached"
    )


def test_a_town_head_urges_his_village_and_not_himself() -> None:
    assigned_to("V0101").when("03-03 10:00", "head:T01", Urge()).then("case.urged")
    assigned_to("T01-LAND").when("03-03 10:00", "head:T01", Urge()).refused(NotPermitted)


def test_only_what_is_open_is_urged_or_supervised() -> None:
    resolved = assigned_to("T01").step_by("03-04 09:00", "head:T01", RESOLVE)
    for command in (Urge(), Supervise()):
        resolved.when("03-04 10:00", "adjudicator", command).refused(WrongStatus)


def test_a_second_claim_by_somebody_else_is_refused_while_the_first_lasts() -> None:
    claimed = assigned_to("T01").step_by("03-03 10:00", "head:T01", CLAIM)
    claimed.when("03-03 10:09:59", "clerk:T01", CLAIM).refused(WrongStatus)
    claimed.when("03-03 10:10", "clerk:T01", CLAIM).then("case.claimed")


def test_claiming_again_renews_ones_own_claim() -> None:
    renewed = given(
        Step("03-03 10:00", "head:T01", CLAIM), Step("03-03 10:05", "head:T01", CLAIM), story=assigned_to("T01")
    )
    renewed.when("03-03 10:14", "clerk:T01", CLAIM).refused(WrongStatus)


def test_only_the_one_who_claimed_releases() -> None:
    claimed = assigned_to("T01").step_by("03-03 10:00", "head:T01", CLAIM)
    claimed.when("03-03 10:05", "clerk:T01", Release()).refused(NotPermitted)
    free = claimed.when("03-03 10:05", "head:T01", Release()).then("case.released")
    free.when("03-03 10:06", "head:T01", Release()).refused(WrongStatus)
    free.when("03-03 10:06", "clerk:T01", CLAIM).then("case.claimed")


def test_a_claim_ends_when_the_case_moves_on() -> None:
    claimed = assigned_to("T01").step_by("03-03 10:00", "head:T01", CLAIM)
    up = claimed.step_by("03-03 10:01", "head:T01", Escalate(ground=Ground.BEYOND_POWERS, tried=("all",)))
    up.when("03-03 10:02", "officer:D-MASSWORK", CLAIM).then("case.claimed")


def test_whoever_has_something_to_add_may_add_it_after_the_end() -> None:
    resolved = assigned_to("T01").step_by("03-04 09:00", "head:T01", RESOLVE)
    closed = resolved.until("04-01 09:00")
    assert closed.case.status is Status.CLOSED
    closed.when("04-01 10:00", "citizen:1", TakeNote(text="It drips again")).then("case.noted")


def test_what_moves_nothing_is_added_up_to_a_thousand_events() -> None:
    story = assigned_to("T01")
    full, almost = [replace(story, case=replace(story.case, version=version)) for version in (FULL, FULL - 1)]
    for by, addition in (
        ("citizen:1", TakeNote(text="And again")),
        ("citizen:1", Attach(kind="photo", ref="file:photo")),
        ("head:T01", CLAIM),
    ):
        full.when("03-03 10:00", by, addition).refused(LimitReached)
        almost.when("03-03 10:00", by, addition)
    full.when("03-03 10:00", "adjudicator", Supervise()).then("case.supervised")
    full.when("03-03 10:00", "head:T01", RESOLVE).then("case.resolved")
