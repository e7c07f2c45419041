"""Worked cases, reckoned by hand to the minute. Towns and villages are those of the story's district."""

from datetime import date

from domain.case.clocks import ClockKind, ClockState
from domain.case.feedback import Feedback
from domain.case.figures import follow_up_wait_s, held, paused_s, suspended_s, waited
from domain.case.handling import Acknowledge, Assign, Contact, Dispute, Rule, Start
from domain.case.intake import Accept, Decline, Divert, RecordOutcome
from domain.case.joining import Merge
from domain.case.outcome import Resolve
from domain.case.oversight import TakeNote
from domain.case.reporting import Report
from domain.case.review import (
    DecideFinalReview,
    DecideReview,
    EndHearing,
    RequestFinalReview,
    RequestReview,
    StartHearing,
)
from domain.case.suspension import Reactivate, RequestSuspension, Suspend
from domain.case.terms import (
    Basis,
    Channel,
    Confidentiality,
    ContactOutcome,
    DeclineReason,
    FeedbackResult,
    Grade,
    Ground,
    Kind,
    Outcome,
    Petitioner,
    Proof,
    Satisfaction,
    Status,
    SuspensionReason,
    Verdict,
)
from domain.case.tiers import Escalate
from domain.case.timing import DecideExtension, ProvideInformation, RequestExtension, RequestInformation
from domain.org import Tier
from domain.refusals import ConflictOfInterest, NotFound
from domain.tests.hanbin import RULES
from domain.tests.road import SOLVED, report
from domain.tests.story import Step, Story, at, given

REACHED = Contact(outcome=ContactOutcome.REACHED)
AFTERWARDS = at("2026-12-31 00:00")
SOMEONE = Petitioner(name="Petitioner", phone="000")


def resolve(*proofs: str, outcome: Outcome = Outcome.SOLVED) -> Resolve:
    return Resolve(outcome=outcome, proof=tuple(Proof(kind=proof) for proof in proofs))


def stays(story: Story) -> list[tuple[str, str | None, str | None, int, int, int]]:
    """Tier, unit, exit and the minutes held: elapsed, net and working time."""
    found: list[tuple[str, str | None, str | None, int, int, int]] = []
    for stay in story.case.stays:
        figures = held(stay, RULES, AFTERWARDS)
        elapsed, net, work = (figures.hold_elapsed_s // 60, figures.hold_net_s // 60, figures.hold_work_s // 60)
        found.append((stay.tier[0].upper(), stay.unit, stay.exit, elapsed, net, work))
    return found


def responses(story: Story) -> list[tuple[int | None, int | None]]:
    """Minutes to the first response of each stay, elapsed and working."""
    found = [held(stay, RULES, AFTERWARDS) for stay in story.case.stays]
    return [(minutes(one.first_response_elapsed_s), minutes(one.first_response_work_s)) for one in found]


def minutes(seconds: int | None) -> int | None:
    return None if seconds is None else seconds // 60


def citizen(story: Story) -> tuple[int, int, int]:
    wait = waited(story.case, RULES, AFTERWARDS)
    return wait.elapsed_s // 60, wait.net_s // 60, wait.work_s // 60


def clocks(story: Story, kind: ClockKind) -> list[tuple[str, str, ClockState]]:
    """Holder, due day and hour, and state of each clock of a kind."""
    return [
        (one.unit, f"{RULES.local(one.due_at):%m-%d %H:%M}", one.state)
        for one in story.case.clocks
        if one.kind is kind and one.due_at is not None
    ]


def test_s01_a_village_fixes_it_on_the_spot() -> None:
    collected = Report(title="Pipe", kind=Kind.REQUEST, village="V0101", petitioner=SOMEONE)
    story = (
        given(
            Step("03-03 09:10", "cadre:V0101", collected),
            Step("03-03 09:20", "clerk:T01", Accept()),
            Step("03-03 09:30", "clerk:T01", Assign(unit="V0101")),
            Step("03-03 10:00", "head:V0101", REACHED),
            Step("03-03 10:05", "head:V0101", Start()),
            Step("03-04 16:00", "head:V0101", resolve("photo", "receipt")),
        )
        .when("03-05 10:00", "follow-up", SOLVED)
        .then("case.feedback_recorded", "case.closed")
    )
    assert stays(story) == [("V", "V0101", "resolved", 1830, 1830, 750)]
    assert responses(story) == [(30, 30)]
    assert clocks(story, ClockKind.FIRST_RESPONSE) == [("V0101", "03-05 00:00", ClockState.MET)]
    assert clocks(story, ClockKind.HOLD) == [("V0101", "03-07 00:00", ClockState.MET)]
    assert citizen(story) == (1850, 1850, 770)
    assert story.case.stays[0].accountable == "head:T01"


def test_s04_a_road_beyond_the_towns_means_waits_for_the_budget() -> None:
    up = Escalate(
        unit="D-TRANSPORT", ground=Ground.BEYOND_MEANS, tried=("village labour plan", "town maintenance fund")
    )
    off = Suspend(reason=SuspensionReason.BUDGET_CYCLE, plan="county road fund", review_by=date(2025, 12, 12))
    story = given(
        Step("08-18 09:00", "head:V0102", report("V0102", grade=Grade.MAJOR, petitioner=SOMEONE)),
        Step("08-18 09:30", "clerk:T01", Accept()),
        Step("08-18 10:00", "clerk:T01", Assign(unit="T01")),
        Step("08-19 09:30", "head:T01", REACHED),
        Step("08-26 16:00", "head:T01", up),
        Step("08-27 11:00", "officer:D-TRANSPORT", REACHED),
        Step("09-12 10:00", "officer:D-TRANSPORT", RequestSuspension(reason=SuspensionReason.BUDGET_CYCLE)),
        Step("09-15 09:00", "leader:D-TRANSPORT", off),
        Step("11-03 09:00", "leader:D-TRANSPORT", Reactivate()),
        Step("11-21 17:00", "officer:D-TRANSPORT", resolve("acceptance_form", "photo")),
        Step("11-24 10:00", "follow-up", SOLVED),
    )
    assert stays(story) == [
        ("T", "T01", "escalated_manual", 11880, 11880, 3120),
        ("D", "D-TRANSPORT", "suspended", 28380, 28380, 6420),
        ("D", "D-TRANSPORT", "resolved", 26400, 26400, 7080),
    ]
    assert responses(story) == [(1410, 450), (1140, 300), (None, None)]
    assert clocks(story, ClockKind.FIRST_RESPONSE) == [
        ("T01", "08-20 00:00", ClockState.MET),
        ("D-TRANSPORT", "08-28 00:00", ClockState.MET),
    ]
    assert clocks(story, ClockKind.HOLD) == [
        ("T01", "08-28 00:00", ClockState.LEFT),
        ("D-TRANSPORT", "09-17 00:00", ClockState.LEFT),
        ("D-TRANSPORT", "11-25 00:00", ClockState.MET),
    ]
    assert suspended_s(story.case, AFTERWARDS) == 70_560 * 60
    assert citizen(story) == (137280, 66720, 31560)
    assert story.case.status is Status.CLOSED


def test_s06_an_idle_town_loses_the_case_across_national_day() -> None:
    story = given(
        Step("09-22 08:30", "citizen:6", report()),
        Step("09-22 08:50", "dispatcher", Accept()),
        Step("09-22 09:00", "dispatcher", Assign(unit="T01")),
        Step("09-22 17:00", "clerk:T01", Acknowledge()),
        Step("09-24 16:00", "head:T01", Dispute(ground="not_my_duty", evidence=())),
        Step("09-26 10:00", "adjudicator", Rule(upheld=False, reason="duty list item 4.2 is the town's")),
        Step("09-29 10:00", "head:T01", REACHED),
    ).until("10-01 00:05")
    assert (story.events()[-1], story.history[-1].at) == ("case.escalated", at("10-01 00:00"))
    story = given(
        Step("10-09 09:00", "officer:D-MASSWORK", REACHED),
        Step("10-20 16:00", "officer:D-MASSWORK", resolve("photo")),
        Step("10-22 10:00", "follow-up", SOLVED),
        story=story,
    )
    assert stays(story) == [
        ("T", "T01", "escalated_deadline", 12420, 12420, 3780),
        ("D", "D-MASSWORK", "resolved", 28320, 28320, 4200),
    ]
    assert responses(story) == [(10140, 2940), (12060, 60)]
    assert clocks(story, ClockKind.DISPUTE_WINDOW)[0] == ("T01", "09-25 00:00", ClockState.MET)
    assert clocks(story, ClockKind.FIRST_RESPONSE) == [
        ("T01", "09-24 00:00", ClockState.BREACHED),
        ("D-MASSWORK", "10-10 00:00", ClockState.MET),
    ]
    assert clocks(story, ClockKind.HOLD) == [
        ("T01", "10-01 00:00", ClockState.BREACHED),
        ("D-MASSWORK", "10-29 00:00", ClockState.MET),
    ]
    assert story.case.stays[0].rejected_disputes == 1
    assert citizen(story) == (40770, 40770, 8010)
    assert story.case.stays[1].accountable == "leader:D-MASSWORK"


def test_s07_waiting_for_a_paper_over_labour_day_and_one_extension() -> None:
    story = given(
        Step("04-24 10:00", "citizen:7", report()),
        Step("04-24 10:40", "clerk:T02", Accept()),
        Step("04-24 11:00", "clerk:T02", Assign(unit="T02")),
        Step("04-25 09:00", "officer:T02-LAND", REACHED),
    )
    dues = [clocks(story, ClockKind.HOLD)[0][1]]
    story = given(
        Step("04-28 15:00", "officer:T02-LAND", RequestInformation(items=("land certificate",), delivered="sms+paper")),
        Step("05-07 09:30", "citizen:7", ProvideInformation()),
        story=story,
    )
    dues.append(clocks(story, ClockKind.HOLD)[0][1])
    more = RequestExtension(days=5, reason="field survey rained off", petitioner_told=True)
    story = given(
        Step("05-12 09:00", "head:T02", more),
        Step("05-12 16:00", "adjudicator", DecideExtension(granted=True, days=5)),
        story=story,
    )
    dues.append(clocks(story, ClockKind.HOLD)[0][1])
    assert dues == ["05-08 00:00", "05-13 00:00", "05-20 00:00"]
    story = given(
        Step("05-19 17:30", "officer:T02-LAND", resolve("survey_record")),
        Step("05-21 10:00", "follow-up", SOLVED),
        story=story,
    )
    assert stays(story) == [("T", "T02", "resolved", 36390, 23760, 5760)]
    assert responses(story) == [(1320, 360)]
    assert clocks(story, ClockKind.FIRST_RESPONSE) == [("T02", "04-26 00:00", ClockState.MET)]
    assert clocks(story, ClockKind.INFORMATION_WAIT) == [("citizen", "05-16 00:00", ClockState.MET)]
    assert clocks(story, ClockKind.HOLD) == [("T02", "05-20 00:00", ClockState.MET)]
    assert paused_s(story.case, AFTERWARDS) == 12_630 * 60
    assert citizen(story) == (36450, 23820, 7530)


def test_s09_an_anonymous_complaint_about_a_town_head_never_reaches_his_town() -> None:
    complaint = Report(
        title="He took it",
        kind=Kind.ACCUSATION,
        grade=Grade.MAJOR,
        channel=Channel.WEB,
        confidentiality=Confidentiality.SEALED,
        subjects=("head:T01",),
    )
    story = given().when("03-11 20:15", "citizen:anon", complaint).then("case.reported", "case.identity_sealed")
    story.when("03-12 09:00", "dispatcher", Assign(unit="T01")).refused(ConflictOfInterest)
    diverted = story.when("03-12 09:30", "officer:D-MASSWORK", Divert(to="D-DISCIPLINE", basis="accusation matters"))
    story = diverted.then("case.diverted", "case.notice_issued")
    assert {one.unit for one in story.case.clocks} == {"D-DISPATCH", "D-MASSWORK"}
    assert clocks(story, ClockKind.NOTICE) == [("D-MASSWORK", "03-27 00:00", ClockState.MET)]
    assert story.case.reported_at == at("03-11 20:15")
    assert (at("03-12 09:30") - at("03-11 20:15")).total_seconds() == 795 * 60
    for who in ("head:T01", "clerk:T01", "head:V0101"):
        story.when("03-12 10:00", who, TakeNote(text="?")).refused(NotFound)
    handled = RecordOutcome(outcome="handled", visible_to_reporter=True)
    story = story.when("04-24 15:00", "discipline", handled).then("case.external_outcome_recorded", "case.closed")
    assert (story.case.status, story.case.stays, story.case.tier, story.case.unit) == (Status.CLOSED, (), None, None)
    assert story.history[-1].event.reason == "diverted_outcome_notified"


def test_s10_the_same_person_twice_and_a_neighbour_are_one_case() -> None:
    story = given(
        Step("11-10 09:00", "citizen:a", report("V0102")),
        Step("11-10 09:10", "clerk:T01", Accept()),
        Step("11-10 09:20", "clerk:T01", Assign(unit="V0102")),
        Step("11-10 15:00", "head:V0102", REACHED),
    )
    story = given(
        Step("11-12 20:10", "citizen:a", report(channel=Channel.HOTLINE)),
        Step("11-13 08:40", "dispatcher", Merge(into="case-1", basis=Basis.SAME_PERSON_SAME_MATTER)),
        story=story.turn_to("case-B"),
    )
    story = given(
        Step("11-13 10:00", "citizen:b", report("V0102")),
        Step("11-13 10:30", "clerk:T01", Merge(into="case-1", basis=Basis.SAME_MATTER_OTHER_PERSON)),
        story=story.turn_to("case-C"),
    )
    assert [story.turn_to(case).case.status for case in ("case-B", "case-C")] == [Status.MERGED] * 2
    partly = Feedback(
        result=FeedbackResult.ANSWERED,
        solved=True,
        satisfaction=Satisfaction.BASICALLY_SATISFIED,
        reporter="citizen:b",
    )
    first = Feedback(
        result=FeedbackResult.ANSWERED, solved=True, satisfaction=Satisfaction.SATISFIED, reporter="citizen:a"
    )
    story = story.turn_to("case-1").step_by("11-13 17:00", "head:V0102", resolve("photo"))
    story = story.when("11-14 10:00", "follow-up", first).then("case.feedback_recorded")
    story = story.when("11-17 10:00", "follow-up", partly).then("case.feedback_recorded", "case.closed")
    assert stays(story) == [("V", "V0102", "resolved", 4780, 4780, 1780)]
    assert responses(story) == [(340, 220)]
    assert clocks(story, ClockKind.HOLD) == [("V0102", "11-14 00:00", ClockState.MET)]
    assert (story.case.reports, len(story.case.reporters)) == (3, 2)
    assert citizen(story) == (4800, 4800, 1800)


def test_s11_a_petition_through_all_its_instances() -> None:
    more = RequestExtension(days=30, reason="complex", petitioner_told=True)
    refusal = resolve("opinion_document", "delivery_receipt", outcome=Outcome.NOT_SUPPORTED)
    story = given(
        Step("08-01 10:00", "citizen:11", report(kind=Kind.PETITION, grade=Grade.MAJOR, channel=Channel.LETTER)),
        Step("08-04 09:00", "clerk:T01", Accept(written_notice=True)),
        Step("08-04 09:00", "dispatcher", Assign(unit="T01")),
    )
    assert clocks(story, ClockKind.NOTICE) == [("D-DISPATCH", "08-19 00:00", ClockState.MET)]
    assert clocks(story, ClockKind.STATUTORY) == [("T01", "10-10 00:00", ClockState.RUNNING)]
    story = given(
        Step("09-29 10:00", "head:T01", more),
        Step("09-29 10:00", "head:T01", DecideExtension(granted=True, days=30)),
        Step("10-31 15:00", "head:T01", refusal),
        story=story,
    )
    assert clocks(story, ClockKind.STATUTORY) == [("T01", "11-04 00:00", ClockState.MET)]
    story = given(
        Step("11-25 10:00", "citizen:11", RequestReview(reason="disagrees")),
        Step("12-22 16:00", "reviewer", DecideReview(decision=Verdict.UPHELD)),
        Step("2026-01-12 09:00", "citizen:11", RequestFinalReview(reason="disagrees")),
        Step("2026-01-26 00:00", "final-reviewer", StartHearing()),
        Step("2026-01-31 00:00", "final-reviewer", EndHearing()),
        story=story,
    )
    last = story.when("2026-02-10 11:00", "final-reviewer", DecideFinalReview(decision=Verdict.UPHELD))
    story = last.then("case.final_review_decided", "case.finalised")
    assert clocks(story, ClockKind.REVIEW_REQUEST) == [("citizen", "12-02 00:00", ClockState.MET)]
    assert clocks(story, ClockKind.REVIEW_DECISION) == [("D-GOV", "12-26 00:00", ClockState.MET)]
    assert clocks(story, ClockKind.FINAL_REQUEST) == [("citizen", "01-22 00:00", ClockState.MET)]
    assert clocks(story, ClockKind.FINAL_DECISION) == [("CITY-GOV", "02-25 00:00", ClockState.MET)]
    assert stays(story) == [("T", "T01", "resolved", 127080, 127080, 29040)]
    assert responses(story) == [(None, None)]
    assert citizen(story) == (131340, 131340, 29460)
    assert (story.case.status, follow_up_wait_s(story.case)) == (Status.FINALISED, 0)
    again = story.turn_to("case-B").step_by("2026-03-02 09:00", "citizen:11", report(kind=Kind.PETITION))
    declined = again.when("2026-03-02 15:00", "dispatcher", Decline(reason=DeclineReason.ALREADY_FINALISED))
    assert declined.then("case.declined", "case.notice_issued").case.status is Status.DECLINED


def test_every_stay_of_a_town_or_village_is_answered_for_by_the_town_head() -> None:
    story = given(
        Step("03-03 09:10", "cadre:V0101", report("V0101")),
        Step("03-03 09:20", "clerk:T01", Accept()),
        Step("03-03 09:30", "clerk:T01", Assign(unit="V0101")),
    ).until("04-30 00:00")
    assert [(stay.tier, stay.accountable) for stay in story.case.stays] == [
        (Tier.VILLAGE, "head:T01"),
        (Tier.TOWN, "head:T01"),
        (Tier.DISTRICT, "leader:D-MASSWORK"),
    ]
