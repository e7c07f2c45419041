"""Two reports of one matter: how they become one case, and who may do that."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.case.clocks import ClockKind, ClockState
from domain.case.feedback import Feedback
from domain.case.figures import waited
from domain.case.gate import sees
from domain.case.handling import Assign
from domain.case.intake import Accept, Decline, Divert
from domain.case.joining import Merge, Unmerge
from domain.case.joint import Convene, Task
from domain.case.subjects import AddSubject
from domain.case.suspension import Suspend
from domain.case.terms import (
    Basis,
    Confidentiality,
    DeclineReason,
    Exit,
    FeedbackResult,
    Kind,
    Status,
    SuspensionReason,
)
from domain.case.withdrawal import ConfirmWithdrawal, Withdraw
from domain.refusals import AlreadyFinalised, ConflictOfInterest, Invalid, NotFound, NotPermitted, TooLate, WrongStatus
from domain.tests.hanbin import RULES
from domain.tests.road import NOT_SOLVED, RESOLVE, SOLVED, assigned_to, report
from domain.tests.story import Step, Story, actor, at, given, play

SAME, OTHER = Basis.SAME_PERSON_SAME_MATTER, Basis.SAME_MATTER_OTHER_PERSON
JOIN = Merge(into="case-1", basis=OTHER)
PART = Unmerge(reason="another pipe")
TRIED = Feedback(result=FeedbackResult.NO_ANSWER)


def second(first: Story | None = None, by: str = "citizen:2", case: str = "case-2", **fields: Any) -> Story:
    """A neighbour reports the same pipe on Tuesday at 10:00."""
    first = first or assigned_to("V0101", village="V0101")
    fields = {"village": "V0101"} | fields
    return first.turn_to(case).step_by("03-04 10:00", by, report(**fields))


def joined() -> Story:
    return second().step_by("03-04 11:00", "clerk:T01", JOIN)


def primary(story: Story) -> Story:
    return story.turn_to("case-1")


def test_merging_ends_the_later_report_and_adds_its_reporter_to_the_earlier() -> None:
    story = second().when("03-04 11:00", "clerk:T01", JOIN).then("case.merged")
    assert (story.case.status, story.case.merged_into, story.case.next_deadline) == (Status.MERGED, "case-1", None)
    assert [one.state for one in story.case.clocks] == [ClockState.LEFT]
    first = primary(story)
    assert first.events()[-1] == "case.report_joined"
    assert [one.id for one in first.case.reporters] == ["citizen:1", "citizen:2"]
    assert first.case.reports == 2


@pytest.mark.parametrize(
    ("kind", "tries", "calls"), [(Kind.REQUEST, 0, 1), (Kind.REQUEST, 3, 1), (Kind.PETITION, 0, 0)]
)
def test_who_joins_a_resolved_case_is_called_back_with_the_others_or_anew_and_a_petitioner_not(
    kind: Kind, tries: int, calls: int
) -> None:
    first = assigned_to("V0101", village="V0101", kind=kind).step_by("03-03 15:00", "head:V0101", RESOLVE)
    in_vain = [(f"03-03 {hour}:00", "follow-up", TRIED) for hour in range(16, 16 + tries)]
    case = primary(second(play(first, in_vain)).step_by("03-04 12:00", "clerk:T01", JOIN)).case
    running = [one for one in case.clocks if one.running and one.kind is ClockKind.CALL_BACK]
    assert (case.status, len(running)) == (Status.RESOLVED, calls)


def test_the_clocks_of_the_earlier_report_are_untouched() -> None:
    assert primary(joined()).case.clocks == assigned_to("V0101", village="V0101").case.clocks


def test_the_same_person_twice_is_two_reports_of_one_reporter() -> None:
    story = second(by="citizen:1").step_by("03-04 11:00", "clerk:T01", Merge(into="case-1", basis=SAME))
    assert [one.id for one in primary(story).case.reporters] == ["citizen:1"]
    assert primary(story).case.reports == 2


def test_a_stay_ends_with_the_merging() -> None:
    story = second()
    held = given(
        Step("03-04 10:10", "clerk:T01", Accept()), Step("03-04 10:20", "clerk:T01", Assign(unit="V0101")), story=story
    )
    merged = held.step_by("03-04 11:00", "clerk:T01", JOIN)
    [stay] = merged.case.stays
    assert (stay.exit, stay.left_at) == (Exit.MERGED, at("03-04 11:00"))


def test_everybody_who_joined_is_asked_before_it_closes() -> None:
    resolved = primary(joined()).step_by("03-05 10:00", "head:V0101", RESOLVE)
    once = resolved.when("03-06 10:00", "citizen:1", SOLVED).then("case.feedback_recorded")
    once.when("03-06 11:00", "citizen:2", SOLVED).then("case.feedback_recorded", "case.closed")


def test_one_who_joined_may_say_that_it_is_not_solved() -> None:
    resolved = primary(joined()).step_by("03-05 10:00", "head:V0101", RESOLVE)
    resolved.when("03-06 10:00", "citizen:2", NOT_SOLVED).then("case.feedback_recorded", "case.reopened")


def test_what_is_merged_from_the_pending_list_waits_no_longer_there() -> None:
    put_off = Suspend(reason=SuspensionReason.SEASON, plan="in summer", review_by=date(2025, 5, 9))
    pending = given(
        Step("03-04 11:00", "dispatcher", Accept()),
        Step("03-04 12:00", "dispatcher", Assign(unit="D-TRANSPORT")),
        Step("03-05 10:00", "leader:D-TRANSPORT", put_off),
        Step("03-06 10:00", "dispatcher", JOIN),
        story=second(),
    )
    wait = waited(pending.case, RULES, at("04-07 10:00"))
    assert (wait.elapsed_s, wait.net_s) == (48 * 3600, 24 * 3600)


def test_merging_into_a_later_report_is_refused() -> None:
    earlier = second().turn_to("case-1")
    earlier.when("03-04 11:00", "clerk:T01", Merge(into="case-2", basis=OTHER)).refused(Invalid)


@pytest.mark.parametrize("first", [Kind.REQUEST, Kind.PETITION])
def test_a_petition_joins_a_petition_alone_and_keeps_the_time_of_the_law(first: Kind) -> None:
    story = second(assigned_to("V0101", village="V0101", kind=first), kind=Kind.PETITION)
    asked = story.when("03-04 11:00", "clerk:T01", JOIN)
    if first is Kind.PETITION:
        asked.then("case.merged")
    else:
        asked.refused(Invalid, "time of the law")


def test_a_case_is_not_merged_into_itself() -> None:
    second().when("03-04 11:00", "clerk:T01", Merge(into="case-2", basis=OTHER)).refused(Invalid)


def test_what_is_not_there_cannot_be_merged_into() -> None:
    second().when("03-04 11:00", "clerk:T01", Merge(into="case-9", basis=OTHER)).refused(NotFound)


def test_what_one_may_not_see_is_not_there() -> None:
    of_the_other_town = second(assigned_to("V0201", village="V0201"))
    of_the_other_town.when("03-04 11:00", "clerk:T01", JOIN).refused(NotFound)
    about_the_clerk = second(assigned_to("D-MASSWORK", village="V0101", subjects=("clerk:T01",)))
    about_the_clerk.when("03-04 11:00", "clerk:T01", JOIN).refused(NotFound)


def test_who_merges_has_the_right_on_both_cases() -> None:
    moved_on = second(assigned_to("T01"), village="V0201")
    moved_on.when("03-04 11:00", "clerk:T02", JOIN).refused(NotFound)
    helped = assigned_to("T01").step_by(
        "03-03 10:00", "head:T01", Convene(lead="T01", tasks=(Task(unit="T02", task="Dig"),))
    )
    second(helped, village="V0201").when("03-04 11:00", "clerk:T02", JOIN).refused(NotPermitted)
    second(helped, village="V0201").when("03-04 11:00", "dispatcher", JOIN).then("case.merged")
    second().when("03-04 11:00", "head:T01", JOIN).refused(NotPermitted)


def test_a_clerk_merges_what_his_town_has_even_without_a_village() -> None:
    second(assigned_to("T01"), village=None).when("03-04 11:00", "clerk:T01", JOIN).then("case.merged")


def test_cases_are_never_merged_across_confidentiality() -> None:
    hidden = second(confidentiality=Confidentiality.IDENTITY_HIDDEN)
    hidden.when("03-04 11:00", "clerk:T01", JOIN).refused(Invalid)


def test_what_is_about_somebody_never_goes_where_he_can_read_it() -> None:
    about_the_head = second(subjects=("head:V0101",))
    about_the_head.when("03-04 11:00", "clerk:T01", JOIN).refused(ConflictOfInterest)


def test_what_he_can_read_never_leads_to_what_is_about_somebody() -> None:
    known = second(assigned_to("T01", village="V0101", subjects=("head:V0101",)))
    known.when("03-04 11:00", "clerk:T01", JOIN).refused(ConflictOfInterest)
    named = known.step_by("03-04 10:30", "clerk:T01", AddSubject(official="head:V0101"))
    named.when("03-04 11:00", "clerk:T01", JOIN).then("case.merged")


def test_nothing_goes_into_what_was_declined_withdrawn_or_merged() -> None:
    reported = given(Step("03-03 09:00", "citizen:1", report("V0101")))
    declined = reported.step_by("03-03 10:00", "dispatcher", Decline(reason=DeclineReason.NOT_GOVERNMENT))
    withdrawn = given(
        Step("03-03 10:00", "citizen:1", Withdraw()),
        Step("03-03 11:00", "follow-up", ConfirmWithdrawal(confirmed=True)),
        story=reported,
    )
    diverted = reported.step_by("03-03 10:00", "dispatcher", Divert(to="D-DISCIPLINE", basis="law"))
    for ended in (declined, withdrawn, diverted):
        second(ended).when("03-04 11:00", "clerk:T01", JOIN).refused(WrongStatus)
    third = second(joined(), by="citizen:3", case="case-3")
    third.when("03-04 12:00", "clerk:T01", Merge(into="case-2", basis=OTHER)).refused(WrongStatus)


def test_nothing_goes_into_a_finalised_case() -> None:
    story = second()
    others = {
        "case-1": replace(story.others["case-1"], case=replace(story.others["case-1"].case, status=Status.FINALISED))
    }
    replace(story, others=others).when("03-04 11:00", "clerk:T01", JOIN).refused(AlreadyFinalised)


def closed_on_5_march() -> Story:
    story = assigned_to("V0101", village="V0101").step_by("03-04 09:00", "head:V0101", RESOLVE)
    return story.step_by("03-05 09:00", "citizen:1", SOLVED)


def test_merging_into_a_case_closed_not_long_ago_reopens_it() -> None:
    again = closed_on_5_march().turn_to("case-2").step_by("06-02 09:00", "citizen:1", report("V0101"))
    story = again.step_by("06-03 23:59", "clerk:T01", Merge(into="case-1", basis=SAME))
    first = primary(story)
    assert first.events()[-2:] == ["case.report_joined", "case.reopened"]
    assert (first.case.status, first.case.reopen_count, first.case.unit) == (Status.ASSIGNED, 1, "V0101")


def test_what_was_closed_90_days_ago_stays_closed() -> None:
    again = closed_on_5_march().turn_to("case-2").step_by("06-02 09:00", "citizen:1", report("V0101"))
    again.when("06-04 00:00", "clerk:T01", Merge(into="case-1", basis=SAME)).refused(TooLate)


def test_a_report_takes_along_all_that_had_joined_it() -> None:
    chain = second()
    chain = second(chain, by="citizen:3", case="case-3").step_by(
        "03-04 11:00", "clerk:T01", Merge(into="case-2", basis=OTHER)
    )
    chain = chain.turn_to("case-2").step_by("03-04 12:00", "clerk:T01", JOIN)
    assert [one.id for one in primary(chain).case.reporters] == ["citizen:1", "citizen:2", "citizen:3"]
    assert primary(chain).case.reports == 3
    chain.turn_to("case-3").when("03-04 13:00", "clerk:T01", PART).refused(WrongStatus)
    apart = chain.step_by("03-04 13:00", "clerk:T01", PART)
    assert ([one.id for one in primary(apart).case.reporters], primary(apart).case.reports) == (["citizen:1"], 1)


def test_what_one_of_several_withdraws_stays_open_for_the_others() -> None:
    asked = primary(joined()).step_by("03-04 12:00", "citizen:1", Withdraw())
    kept = asked.when("03-04 15:00", "follow-up", ConfirmWithdrawal(confirmed=True)).then(
        "case.withdrawal_not_confirmed"
    )
    assert kept.history[-1].event.reason == "others_brought_it_too"


@pytest.mark.parametrize("by", ["citizen:3", "citizen:2"])
def test_what_was_merged_is_hidden_from_those_the_case_proves_to_be_about(by: str) -> None:
    merged = second(second(), by=by, case="case-3").step_by(
        "03-04 10:30", "clerk:T01", Merge(into="case-2", basis=OTHER)
    )
    merged = merged.turn_to("case-2").step_by("03-04 11:00", "clerk:T01", JOIN)
    merged.when("03-04 12:00", "citizen:2", AddSubject(official="head:T02")).refused(WrongStatus)
    first = primary(merged).when("03-04 12:00", "citizen:2", AddSubject(official="head:T02")).then("case.subject_added")
    for report_of in ("case-1", "case-2", "case-3"):
        story = first.turn_to(report_of)
        assert story.case.subjects == {"head:T02"}
        assert not sees(story.case, story.act(actor("head:T02"), at("03-04 12:00")))
