"""For whom a case waits, and why: at every stage of its life."""

from datetime import date, datetime

import pytest

from domain.case.correction import Reclassify
from domain.case.handling import Assign, Contact, Dispute, Rule, Start, Transfer
from domain.case.intake import Accept, ChallengeDecline, Decline, Divert, RecordOutcome
from domain.case.joint import CompleteTask, Convene, Task
from domain.case.review import RequestReview
from domain.case.suspension import Reactivate, RequestSuspension, Suspend
from domain.case.terms import ContactOutcome, DeclineReason, Grade, Ground, Kind, SuspensionReason
from domain.case.tiers import Escalate, Remand
from domain.case.timing import DecideExtension, ProvideInformation, RequestExtension, RequestInformation
from domain.case.withdrawal import ConfirmWithdrawal, Withdraw
from domain.tests.road import NOT_SOLVED, RESOLVE, SOLVED, assigned_to, report
from domain.tests.story import Step, Story, at, given
from projections.cases.waits import Wait, Why, waits

REACHED = Contact(outcome=ContactOutcome.REACHED)
LEADER = "leader:D-TRANSPORT"
PETITION = assigned_to("T01", kind=Kind.PETITION)
UP = Escalate(ground=Ground.BEYOND_MEANS, tried=("all",))
DOWN = Remand(unit="T01", instructions="do it")
HURRY = Reclassify(grade=Grade.URGENT, reason="danger")
TASK = Convene(
    lead="T01", tasks=(Task(unit="T02", task="dig", due=date(2025, 3, 5)), Task(unit="T01-LAND", task="ask"))
)
OFF = Suspend(reason=SuspensionReason.SEASON, plan="spring", review_by=date(2025, 5, 1))
PROPOSE = RequestSuspension(reason=SuspensionReason.SEASON)
MORE_TIME = RequestExtension(days=2, reason="rain", petitioner_told=True)
GRANTED = DecideExtension(granted=True)
ASK = RequestInformation(items=("deed",), delivered="sms")
NO = Decline(reason=DeclineReason.UNLAWFUL)
VILLAGE = assigned_to("V0101")
TOWN = assigned_to("T01")
DISTRICT = assigned_to("D-TRANSPORT")


def expected(**units: tuple[Why, str | None]) -> dict[str, Wait]:
    """`T01_LAND=(Why.TASK, "03-05 00:00")`: whose queue it is, why, and when it is due."""
    return {unit.replace("_", "-"): Wait(why, day(due)) for unit, (why, due) in units.items()}


def day(due: str | None) -> datetime | None:
    return at(due) if due else None


@pytest.mark.parametrize(
    ("story", "queues"),
    [
        (given(Step("03-03 09:00", "citizen:1", report("V0101"))), expected(T01=(Why.TRIAGE, "03-05 00:00"))),
        (given(Step("03-03 09:00", "citizen:1", report())), expected(D_DISPATCH=(Why.TRIAGE, "03-05 00:00"))),
        (
            given(Step("03-03 09:00", "citizen:1", report("V0101"))).step_by("03-03 10:00", "clerk:T01", Accept()),
            expected(T01=(Why.TRIAGE, "03-05 00:00")),
        ),
        (
            given(Step("03-03 09:00", "citizen:1", report("V0101"))).until("03-05 00:00"),
            expected(T01=(Why.TRIAGE, "03-05 00:00"), D_MASSWORK=(Why.LAPSED_INTAKE, "03-05 00:00")),
        ),
        (
            given(Step("03-03 09:00", "citizen:1", report("V0101")))
            .until("03-05 00:00")
            .step_by("03-05 09:00", "clerk:T01", Accept())
            .step_by("03-05 09:10", "clerk:T01", Assign(unit="T01")),
            expected(T01=(Why.TO_HANDLE, "03-07 00:00")),
        ),
        (given(Step("03-03 09:00", "citizen:1", report())).step_by("03-03 10:00", "dispatcher", NO), {}),
        (
            VILLAGE,
            expected(V0101=(Why.TO_HANDLE, "03-05 00:00"), T01=(Why.ANSWERS_FOR_VILLAGE, "03-05 00:00")),
        ),
        (
            VILLAGE.step_by("03-03 10:00", "head:V0101", REACHED),
            expected(V0101=(Why.TO_HANDLE, "03-07 00:00"), T01=(Why.ANSWERS_FOR_VILLAGE, "03-07 00:00")),
        ),
        (assigned_to("T01-LAND"), expected(T01=(Why.TO_HANDLE, "03-05 00:00"))),
        (TOWN.step_by("03-03 10:00", "head:T01", Transfer(unit="T02")), expected(T02=(Why.TO_HANDLE, "03-05 00:00"))),
        (DISTRICT, expected(D_TRANSPORT=(Why.TO_HANDLE, "03-05 00:00"))),
        (assigned_to("T01", grade=Grade.URGENT), expected(T01=(Why.TO_HANDLE, "03-03 11:30"))),
        (
            TOWN.step_by("03-03 10:00", "head:T01", Dispute(ground="not ours", evidence=())),
            expected(T01=(Why.DISPUTED, "03-05 00:00"), D_MASSWORK=(Why.TO_RULE, "03-06 00:00")),
        ),
        (
            TOWN.step_by("03-03 10:00", "head:T01", Dispute(ground="not ours", evidence=())).step_by(
                "03-04 10:00", "adjudicator", Rule(upheld=True, unit="T02")
            ),
            expected(T02=(Why.TO_HANDLE, "03-06 00:00")),
        ),
        (TOWN.until("03-13 00:00"), expected(D_MASSWORK=(Why.ESCALATED, "03-15 00:00"))),
        (
            VILLAGE.step_by("03-03 10:00", "head:V0101", UP).step_by("03-03 11:00", "head:T01", REACHED),
            expected(T01=(Why.ESCALATED, "03-13 00:00")),
        ),
        (
            DISTRICT.step_by("03-03 10:00", LEADER, DOWN).step_by("03-03 11:00", "head:T01", REACHED),
            expected(T01=(Why.REMANDED, "03-11 00:00")),
        ),
        (
            TOWN.step_by("03-03 10:00", "head:T01", TASK),
            expected(T01=(Why.TO_HANDLE, "03-05 00:00"), T02=(Why.TASK, "03-06 00:00")),
        ),
        (
            TOWN.step_by("03-03 10:00", "head:T01", TASK).step_by("03-03 11:00", "head:T02", CompleteTask(task="dig")),
            expected(T01=(Why.TO_HANDLE, "03-05 00:00")),
        ),
        (
            TOWN.step_by("03-03 10:00", "head:T01", REACHED).step_by("03-03 11:00", "head:T01", ASK),
            expected(T01=(Why.AWAITING_INFORMATION, None)),
        ),
        (
            TOWN.step_by("03-03 10:00", "head:T01", REACHED)
            .step_by("03-03 11:00", "head:T01", ASK)
            .step_by("03-03 12:00", "citizen:1", ProvideInformation()),
            expected(T01=(Why.TO_HANDLE, "03-13 00:00")),
        ),
        (DISTRICT.step_by("03-03 10:00", LEADER, OFF), {}),
        (
            DISTRICT.step_by("03-03 10:00", LEADER, OFF).step_by("03-04 10:00", LEADER, Reactivate()),
            expected(D_TRANSPORT=(Why.REACTIVATED, "03-26 00:00")),
        ),
        (TOWN.step_by("03-03 10:00", "head:T01", RESOLVE), expected(D_FOLLOWUP=(Why.TO_CALL_BACK, "03-07 00:00"))),
        (
            TOWN.step_by("03-03 10:00", "head:T01", RESOLVE).step_by("03-03 11:00", "follow-up", NOT_SOLVED),
            expected(T01=(Why.REOPENED, "03-05 00:00")),
        ),
        (TOWN.step_by("03-03 10:00", "head:T01", RESOLVE).step_by("03-03 11:00", "follow-up", SOLVED), {}),
        (PETITION, expected(T01=(Why.TO_HANDLE, "05-07 00:00"), D_DISPATCH=(Why.TO_NOTIFY, "03-19 00:00"))),
        (
            PETITION.step_by("03-03 10:00", "head:T01", RESOLVE).step_by("03-03 11:00", "citizen:1", RequestReview()),
            expected(D_GOV=(Why.TO_REVIEW, "04-03 00:00")),
        ),
        (
            given(Step("03-03 09:00", "citizen:1", report(kind=Kind.ACCUSATION))).step_by(
                "03-03 10:00", "adjudicator", Divert(to="D-DISCIPLINE", basis="law")
            ),
            expected(D_DISCIPLINE=(Why.DIVERTED, None)),
        ),
        (
            given(Step("03-03 09:00", "citizen:1", report(kind=Kind.ACCUSATION)))
            .step_by("03-03 10:00", "adjudicator", Divert(to="D-DISCIPLINE", basis="law"))
            .step_by("03-04 10:00", "discipline", RecordOutcome(outcome="done", visible_to_reporter=False)),
            {},
        ),
        (
            TOWN.step_by("03-03 10:00", "citizen:1", Withdraw()),
            expected(T01=(Why.TO_HANDLE, "03-05 00:00"), D_FOLLOWUP=(Why.TO_DECIDE, None)),
        ),
        (
            TOWN.step_by("03-03 10:00", "citizen:1", Withdraw()).step_by(
                "03-03 11:00", "follow-up", ConfirmWithdrawal(confirmed=True)
            ),
            {},
        ),
        (
            TOWN.step_by("03-03 10:00", "head:T01", MORE_TIME),
            expected(T01=(Why.TO_HANDLE, "03-05 00:00"), D_MASSWORK=(Why.TO_DECIDE, None)),
        ),
        (
            TOWN.step_by("03-03 10:00", "head:T01", MORE_TIME).step_by("03-03 11:00", "adjudicator", GRANTED),
            expected(T01=(Why.TO_HANDLE, "03-05 00:00")),
        ),
        (
            VILLAGE.step_by("03-03 10:00", "head:V0101", MORE_TIME),
            expected(V0101=(Why.TO_HANDLE, "03-05 00:00"), T01=(Why.TO_DECIDE, "03-05 00:00")),
        ),
        (
            PETITION.step_by("03-03 10:00", "head:T01", MORE_TIME),
            expected(T01=(Why.TO_HANDLE, "05-07 00:00"), D_DISPATCH=(Why.TO_NOTIFY, "03-19 00:00")),
        ),
        (
            given(Step("03-03 09:00", "citizen:1", report()))
            .step_by("03-03 10:00", "dispatcher", NO)
            .step_by("03-03 11:00", "citizen:1", ChallengeDecline(reason="it is not")),
            expected(D_MASSWORK=(Why.TO_DECIDE, None)),
        ),
    ],
)
def test_a_case_waits_for_whoever_has_to_do_something(story: Story, queues: dict[str, Wait]) -> None:
    assert waits(story.case) == queues


def test_a_right_that_ran_out_makes_nobody_late() -> None:
    story = TOWN.step_by("03-03 10:00", "head:T01", REACHED).step_by("03-03 10:05", "head:T01", Start())
    assert waits(story.until("03-12 00:00").case) == expected(T01=(Why.TO_HANDLE, "03-13 00:00"))


def test_more_time_asked_for_by_a_village_is_decided_by_the_town_of_the_village_that_has_the_case_now() -> None:
    asked = VILLAGE.step_by("03-03 10:00", "head:V0101", MORE_TIME)
    passed = asked.step_by("03-03 11:00", "head:V0101", Transfer(unit="V0201"))
    assert waits(passed.case).keys() == {"V0201", "T02"}
    assert waits(passed.case)["T02"].why is Why.TO_DECIDE
    passed.when("03-03 12:00", "head:T02", GRANTED).then("case.extension_granted")


@pytest.mark.parametrize(
    "proposed",
    [
        DISTRICT.step_by("03-03 10:00", "officer:D-TRANSPORT", PROPOSE),
        TOWN.step_by("03-03 10:00", "head:T01", PROPOSE).step_by(
            "03-03 11:00", "head:T01", Escalate(unit="D-TRANSPORT", ground=Ground.BEYOND_MEANS, tried=("all",))
        ),
    ],
)
def test_the_pending_list_that_was_proposed_is_decided_by_the_leader_of_the_district_unit_that_has_the_case(
    proposed: Story,
) -> None:
    assert waits(proposed.case) == expected(D_TRANSPORT=(Why.TO_DECIDE, "03-05 00:00"))
    answered = (
        proposed.step_by("03-03 12:00", LEADER, OFF).step_by("03-03 13:00", LEADER, Reactivate()),
        proposed.step_by("03-03 12:00", LEADER, DOWN),
        proposed.step_by("03-03 12:00", "dispatcher", HURRY),
    )
    for story in answered:
        assert Why.TO_DECIDE not in {wait.why for wait in waits(story.case).values()}
        assert story.case.suspension_asked is None


def test_a_town_that_proposes_the_pending_list_has_the_case_still() -> None:
    proposed = TOWN.step_by("03-03 10:00", "head:T01", PROPOSE)
    assert waits(proposed.case) == expected(T01=(Why.TO_HANDLE, "03-05 00:00"))
