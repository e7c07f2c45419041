"""Scorecards: what counts for whom, and that any reader gets the same."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine

from domain.assessment.events import AppealDecided, Appealed
from domain.case.clocks import ClockKind
from domain.case.correction import Reclassify
from domain.case.events import FeedbackRecorded
from domain.case.feedback import Feedback, RejectResolution
from domain.case.handling import Contact, Dispute, Rule
from domain.case.outcome import Resolve
from domain.case.oversight import Urge
from domain.case.subjects import AddSubject
from domain.case.terms import ContactOutcome, FeedbackResult, Grade, Ground, Outcome, Proof, Satisfaction
from domain.case.tiers import Escalate, Remand
from domain.case.withdrawal import ConfirmWithdrawal, Withdraw
from domain.decider import Recorded
from domain.org import Org
from domain.tests.hanbin import RULES
from domain.tests.road import NOT_SOLVED, RESOLVE, SOLVED, assigned_to, due
from domain.tests.story import ORG, Story, at
from domain.tests.test_joining import PART, joined, primary
from domain.tests.test_joint import convened
from projections.cards.marking import Scorecards
from projections.cards.marks import CONTACT
from projections.cards.proofs import Evidence, evidence
from projections.cards.scorecards import Card, cards
from projections.cases.case_file import CaseFile
from projections.tests.logs import Written, act, called, everything, following, told

followed = following(CaseFile(), Scorecards())

SCHEME = RULES.policy.assessment
REACHED = Contact(outcome=ContactOutcome.REACHED)


def card(
    engine: Engine, unit: str = "T01", who: str = "auditor", as_of: datetime | None = None, year: int = 2025
) -> Card:
    with engine.connect() as db:
        return next(one for one in cards(db, act(who, "12-31 09:00"), year, None, SCHEME, as_of) if one.unit == unit)


def behind(engine: Engine, figure: str, who: str = "auditor", unit: str = "T01") -> list[Evidence]:
    with engine.connect() as db:
        return [one for one in evidence(db, act(who, "12-31 09:00"), unit, 2025) if one.figure == figure]


def without(who: str, day: date) -> Org:
    """The organisation that he leaves on that day, and nobody comes after him."""
    official = ORG.officials[who]
    left = replace(official, posts=tuple(replace(post, until=day) for post in official.posts))
    return replace(ORG, officials={**ORG.officials, who: left})


def answered(name: str = "case-1", unit: str = "T01", answer: object = SOLVED) -> Story:
    handled = assigned_to(unit, village="V0101").step_by("03-03 10:00", f"head:{unit}", REACHED)
    done = handled.step_by("03-04 10:00", f"head:{unit}", RESOLVE)
    return called(name, done.step_by("03-05 10:00", "follow-up", answer))


def test_what_was_solved_in_time_counts_for_the_town_and_its_head(engine: Engine) -> None:
    followed(engine, told(answered()))
    town = card(engine)
    assert (town.rates.solved.n, town.rates.solved.raw, town.rates.satisfied.raw) == (1, 1.0, 1.0)
    assert (town.rates.response.raw, town.on_time_effective.raw, town.rates.answer_rate) == (1.0, 1.0, 1.0)
    assert [term.official for term in town.officials] == ["head:T01"]
    assert (town.score.points, town.score.note, town.rank, town.duty) == (None, "not_enough_answers", None, None)
    assert not town.automatic_decision


def test_what_a_village_does_its_town_answers_for(engine: Engine) -> None:
    followed(engine, told(answered(unit="V0101")))
    assert card(engine).rates.solved.n == 1


def test_a_solution_that_was_none_counts_against_the_unit_from_the_moment_it_is_known(engine: Engine) -> None:
    followed(engine, told(answered(answer=NOT_SOLVED)))
    assert (card(engine).rates.solved.raw, card(engine).on_time_effective.raw) == (0.0, 0.0)
    before = card(engine, as_of=at("03-05 09:59"))
    assert (before.rates.solved.n, before.on_time_effective.raw) == (0, 1.0)


def test_a_false_closure_is_found_and_taken_off(engine: Engine) -> None:
    done = assigned_to("T01").step_by("03-04 10:00", "head:T01", RESOLVE)
    followed(engine, told(done.step_by("03-05 10:00", "follow-up", RejectResolution(finding="nothing there"))))
    town = card(engine)
    assert (town.findings.false_closures, town.score.deductions["false_closures"]) == (1, 2)
    assert town.on_time_effective.raw == 0.0


def test_a_false_closure_stands_though_the_citizen_withdraws_afterwards(engine: Engine) -> None:
    done = assigned_to("T01").step_by("03-04 10:00", "head:T01", RESOLVE)
    found = done.step_by("03-05 10:00", "follow-up", RejectResolution(finding="nothing there"))
    asked = found.step_by("03-05 15:00", "citizen:1", Withdraw(reason="tired of it"))
    followed(engine, told(asked.step_by("03-06 10:00", "follow-up", ConfirmWithdrawal(confirmed=True))))
    assert (card(engine).findings.false_closures, card(engine).excluded.cases) == (1, {"withdrawn": 1})
    assert card(engine).on_time_effective.n == 0


def test_a_clock_that_ends_with_a_year_counts_in_that_year(engine: Engine) -> None:
    """Seven working days from Monday 22 December are over with Wednesday 31."""
    story = assigned_to("T01", day="12-22")
    assert due(story, ClockKind.HOLD) == at("2026-01-01 00:00")
    followed(engine, told(story.until("2026-01-05 09:00")))
    assert (card(engine).on_time_effective.n, card(engine, year=2026).on_time_effective.n) == (1, 0)


def test_what_never_belonged_there_is_charged_to_the_dispatcher(engine: Engine) -> None:
    disputed = assigned_to("T01").step_by("03-03 10:00", "head:T01", Dispute(ground="not ours", evidence=()))
    ruled = disputed.step_by("03-04 10:00", "adjudicator", Rule(upheld=True, unit="T02"))
    followed(engine, told(ruled))
    assert (card(engine).findings.assignments, card(engine, "T02").findings.assignments) == (0, 1)
    assert card(engine, "D-DISPATCH").misdispatched == 1
    gone = ruled.step_by("03-04 11:00", "citizen:1", Withdraw())
    followed(engine, told(gone.step_by("03-05 10:00", "follow-up", ConfirmWithdrawal(confirmed=True))))
    assert card(engine, "D-DISPATCH").misdispatched == 1, "whatever becomes of the case"


def test_pushing_up_too_soon_stays_with_the_town(engine: Engine) -> None:
    up = Escalate(ground=Ground.BEYOND_MEANS, tried=("all",))
    story = assigned_to("T01").step_by("03-03 10:00", "head:T01", up)
    back = Remand(unit="T01", instructions="you can", premature=True)
    followed(engine, told(story.step_by("03-04 10:00", "adjudicator", back)))
    assert (card(engine).findings.premature_escalations, card(engine).on_time_effective.raw) == (1, 0.0)


def test_what_is_left_out_is_listed_and_too_much_of_it_calls_for_a_review(engine: Engine) -> None:
    asked = assigned_to("T01").step_by("03-04 10:00", "citizen:1", Withdraw(reason="settled"))
    gone = asked.step_by("03-05 10:00", "follow-up", ConfirmWithdrawal(confirmed=True))
    refused = assigned_to("T01").step_by(
        "03-04 10:00", "head:T01", Resolve(outcome=Outcome.NOT_SUPPORTED, proof=(Proof(kind="opinion"),))
    )
    followed(engine, told(called("gone", gone), called("refused", refused), answered()))
    left_out = card(engine).excluded
    assert left_out.cases == {"not_supported": 1, "withdrawn": 1}
    assert left_out.review
    assert card(engine).rates.solved.n == 1


def test_a_case_that_comes_to_a_town_twice_is_one_of_those_something_is_left_out_of(engine: Engine) -> None:
    """Eight that rose from a village, and one that was withdrawn: one of nine, not of seventeen."""
    asked = assigned_to("T01").step_by("03-04 10:00", "citizen:1", Withdraw(reason="settled"))
    gone = asked.step_by("03-05 10:00", "follow-up", ConfirmWithdrawal(confirmed=True))
    risen = [called(f"risen-{n}", assigned_to("V0101").until("03-07 00:00")) for n in range(8)]
    followed(engine, told(gone, *risen))
    town = card(engine)
    assert (town.findings.assignments, town.excluded.share, town.excluded.review) == (16, 0.111111, True)


def test_nobody_answers_for_what_fell_due_or_was_solved_between_two_heads(engine: Engine) -> None:
    vacant = without("head:T01", date(2025, 3, 6))
    handled = assigned_to("T01", village="V0101").step_by("03-03 10:00", "head:T01", REACHED)
    late = replace(handled, org=vacant).until("03-13 00:00")
    solved = replace(handled, org=vacant).step_by("03-10 10:00", "officer:T01-LAND", RESOLVE)
    told_of = solved.step_by("03-11 10:00", "follow-up", SOLVED)
    followed(engine, told(called("late", late), called("solved", told_of)))
    found = {
        term.official: (term.on_time_effective.n, term.rates.solved.n, term.rates.response.n)
        for term in card(engine).officials
    }
    assert found == {None: (2, 1, 0), "head:T01": (0, 0, 2)}


def test_what_is_late_and_still_open_falls_to_who_headed_the_unit_when_it_fell_due(engine: Engine) -> None:
    vacant = without("leader:D-TRANSPORT", date(2025, 3, 20))
    followed(engine, told(replace(assigned_to("D-TRANSPORT"), org=vacant).until("03-25 00:00")))
    found = {term.official: term.on_time_effective.n for term in card(engine, "D-TRANSPORT").officials}
    assert found == {None: 1, "leader:D-TRANSPORT": 0}


def test_an_appeal_that_is_upheld_takes_back_what_was_given_anew_meanwhile(engine: Engine) -> None:
    """No answer was given in time. That the leader had left by then is known once one is given."""
    vacant = replace(assigned_to("D-TRANSPORT"), org=without("leader:D-TRANSPORT", date(2025, 3, 4)))
    late = vacant.step_by("03-06 10:00", "adjudicator", Urge())
    lines = late.step_by("03-07 10:00", "officer:D-TRANSPORT", REACHED).history
    first, rest = lines[: len(late.history)], lines[len(late.history) :]
    mark = {"figure": "first_response", "mark": "no", "event": len(first), "case": "case-1"}
    against: dict[str, Any] = {"appeal": 1, **mark}
    made = Appealed(**against, grounds="he was reached", due_at=at("04-10 00:00"), policy="", calendar="")
    upheld, now = AppealDecided(**against, upheld=True, panel=("a", "b")), at("03-28 09:00")
    said = [
        Recorded(stream="assessment:D-TRANSPORT:2025", version=n, at=now, recorded_at=now, by="organiser", event=one)
        for n, one in enumerate((made, upheld), 1)
    ]
    for panel, counted in (([said[0]], 1), (said, 0)):
        followed(engine, Written([*first, *rest, *panel]))
        assert card(engine, "D-TRANSPORT").rates.response.n == counted


def test_what_a_citizen_said_stands_with_his_answer_though_the_case_is_of_another_grade_since(engine: Engine) -> None:
    blamed = answered(answer=NOT_SOLVED)
    raised = blamed.step_by("03-06 10:00", "dispatcher", Reclassify(grade=Grade.MAJOR, reason="many"))
    [event] = [n for n, line in enumerate(raised.history, 1) if isinstance(line.event, FeedbackRecorded)]
    followed(engine, told(raised))
    [said] = behind(engine, "solved")
    assert [one.event for one in said.events] == [event]


def test_what_a_neighbour_said_is_no_verdict_on_a_case_that_was_not_his(engine: Engine) -> None:
    his = Feedback(result=FeedbackResult.ANSWERED, solved=True, satisfaction=Satisfaction.DISSATISFIED)
    judged = primary(joined()).step_by("03-05 09:00", "head:V0101", RESOLVE).step_by("03-05 10:00", "citizen:2", his)
    followed(engine, told(judged))
    assert (card(engine).rates.satisfied.n, card(engine).rates.asked) == (1, 2)
    apart = judged.turn_to("case-2").step_by("03-06 09:00", "clerk:T01", PART)
    followed(engine, told(apart))
    assert (card(engine).rates.satisfied.n, card(engine).rates.asked) == (0, 1)


def test_nobody_is_out_of_reach_until_he_was_tried_as_often_as_the_policy_asks(engine: Engine) -> None:
    resolved = assigned_to("T01").step_by("03-04 10:00", "head:T01", RESOLVE)
    tried = [resolved]
    for moment in ("03-05 09:00", "03-05 15:00", "03-06 11:00"):
        tried.append(tried[-1].step_by(moment, "follow-up", Feedback(result=FeedbackResult.NO_ANSWER)))
    followed(engine, told(*(called(f"tried-{times}", story) for times, story in enumerate(tried))))
    assert card(engine).excluded.cases == {"unreachable": 1}


def test_only_who_spoke_with_the_citizen_has_answered_him(engine: Engine) -> None:
    """Solved or sent up on the same day without a word, he owed no answer any more; and has given none."""
    up = Escalate(ground=Ground.BEYOND_MEANS, tried=("all",))
    solved = assigned_to("T01").step_by("03-03 10:00", "head:T01", RESOLVE)
    risen = assigned_to("T01").step_by("03-03 10:00", "head:T01", up)
    followed(engine, told(called("solved", solved), called("risen", risen), answered()))
    assert (card(engine).rates.response.n, card(engine).rates.response.hits) == (1, 1)
    assert card(engine).on_time_effective.hits == 3


def test_a_task_that_ended_with_the_stay_was_neither_done_nor_missed(engine: Engine) -> None:
    followed(engine, told(convened().step_by("03-05 10:00", "head:T01", RESOLVE)))
    assert card(engine, "D-TRANSPORT").tasks.n == 0


def test_a_clock_that_nobody_stops_counts_as_late_from_the_next_event_and_not_before(engine: Engine) -> None:
    story = assigned_to("T01")
    followed(engine, told(story))
    assert (card(engine).rates.response.n, card(engine).on_time_effective.n) == (0, 0)
    followed(engine, log := told(story))
    log.goes_on(Written(story.until("04-01 09:00").history[len(story.history) :]))
    followed(engine, log)
    assert (card(engine).rates.response.raw, card(engine).on_time_effective.raw) == (0.0, 0.0)


def test_the_sums_are_what_the_marks_add_up_to(engine: Engine, many_lives: Written) -> None:
    followed(engine, many_lives)
    rows = everything(engine)
    given, sums = rows["mark_given"], rows["mark_sum"]
    summed = [row for row in given if row["figure"] not in CONTACT]
    assert sum(row["n"] for row in summed) * 2 == sum(row["n"] for row in sums)
    assert all(row["n"] > 0 for row in sums if row["span"].startswith("m:") and row["figure"] == "assigned")


def test_every_figure_rests_on_events_and_those_one_may_not_see_are_only_counted(engine: Engine) -> None:
    followed(engine, told(answered("one"), answered("two", answer=NOT_SOLVED)))
    [no, yes] = behind(engine, "solved")
    assert ([one.case for one in no.events], [one.case for one in yes.events]) == (["two"], ["one"])
    assert (no.n, no.withheld) == (1, 0)
    [no, yes] = behind(engine, "solved", who="head:T02")
    assert (no.events, no.withheld, yes.withheld) == ([], 1, 1)


@pytest.mark.parametrize("who", ["head:T01", "clerk:T01"])
def test_what_turns_out_to_be_about_somebody_is_in_no_count_of_his_even_of_the_past(engine: Engine, who: str) -> None:
    story = answered()
    followed(engine, told(story))
    assert card(engine, who=who).rates.solved.n == 1
    log = told(replace(story).step_by("03-06 10:00", "citizen:1", AddSubject(official="head:T01")))
    followed(engine, log)
    assert (card(engine).rates.solved.n, card(engine, who=who).rates.solved.n) == (1, 0)
    assert card(engine, who=who, as_of=at("03-05 12:00")).rates.solved.n == 0
    assert behind(engine, "solved", who=who) == []


def test_the_same_log_gives_the_same_bytes_on_either_database(
    new_database: Callable[[str], str], opened: Callable[[str], Engine], many_lives: Written
) -> None:
    def dossier(kind: str) -> bytes:
        engine = opened(new_database(kind))
        followed(engine, many_lives)
        with engine.connect() as db:
            auditor = act("auditor", "12-31 09:00")
            units = [one.unit for one in cards(db, auditor, 2025, None, SCHEME)]
            whole = [cards(db, auditor, 2025, None, SCHEME, at(day)) for day in ("03-20 10:00", "12-31 09:00")]
            found = orjson.dumps([whole, [evidence(db, auditor, unit, 2025) for unit in units]])
        engine.dispose()
        return found

    assert dossier("sqlite") == dossier("postgresql")
    assert len(dossier("sqlite")) > 5000
