"""What a policy says about each case, and how versions of it come into force."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest

from domain.decider import Recorded
from domain.refusals import Invalid, NotFound
from domain.rules import Calendars, Policies, Policy, PolicyPublished, PublishPolicy, Rules
from domain.rules.deadlines import Pause, Span
from domain.rules.helping import Helping, Row
from domain.rules.policies import SHIPPED
from domain.rules.policy import Limits, PerTier, PetitionDays, UrgentHours, hours, minutes, natural_days, working_days
from domain.rules.scheme import Scheme, Weights
from domain.tests.hanbin import at, publishing

HANBIN = SHIPPED.policy
MARCH, APRIL, MAY = at("2025-03-01 00:00"), at("2025-04-01 00:00"), at("2025-05-01 00:00")
QUICK = replace(HANBIN, first_response_wd=2)
WEIGHTLESS = Weights(solved=0, satisfied=0, on_time_effective=0, first_response=0, duty=0)


def test_what_ships_is_the_policy_of_the_worked_cases() -> None:
    assert HANBIN.id == "hanbin-default-1"
    assert (HANBIN.tz, HANBIN.hours) == ("Asia/Shanghai", (("08:00", "12:00"), ("14:00", "18:00")))
    assert (HANBIN.hold_wd, HANBIN.reopen_wd) == (PerTier(V=3, T=7, D=15), PerTier(V=3, T=5, D=10))
    assert (HANBIN.first_response_wd, HANBIN.dispute_window_wd, HANBIN.remand_default_wd) == (1, 2, 5)
    assert (HANBIN.information_wait_wd, HANBIN.feedback_window_nd, HANBIN.benefit_wd) == (10, 15, 30)
    assert (HANBIN.urgent_hours.first_response, HANBIN.urgent_hours.hold) == (2, PerTier(V=4, T=24, D=72))
    assert HANBIN.petition == PetitionDays(
        notice_nd=15,
        handle_nd=60,
        extend_nd=30,
        review_request_nd=30,
        review_nd=30,
        final_request_nd=30,
        final_nd=30,
    )


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (HANBIN.intake("request", "III"), working_days(1)),
        (HANBIN.intake("request", "I"), minutes(30)),
        (HANBIN.intake("petition", "II"), natural_days(15)),
        (HANBIN.notice(), natural_days(15)),
        (HANBIN.first_response("II"), working_days(1)),
        (HANBIN.first_response("I"), hours(2)),
        (HANBIN.dispute_window("request", "III"), working_days(2)),
        (HANBIN.dispute_window("request", "I"), minutes(30)),
        (HANBIN.dispute_window("petition", "I"), working_days(5)),
        (HANBIN.ruling(), working_days(2)),
        (HANBIN.hold("village", "request", "III"), working_days(3)),
        (HANBIN.hold("town", "request", "II"), working_days(7)),
        (HANBIN.hold("district", "complaint", "III"), working_days(15)),
        (HANBIN.reopen("village", "III"), working_days(3)),
        (HANBIN.reopen("town", "II"), working_days(5)),
        (HANBIN.reopen("district", "III"), working_days(10)),
        (HANBIN.reopen("village", "I"), hours(4)),
        (HANBIN.reopen("town", "I"), hours(12)),
        (HANBIN.reopen("district", "I"), hours(24)),
        (HANBIN.remand("III"), working_days(5)),
        (HANBIN.remand("III", 8), working_days(8)),
        (HANBIN.remand("I", 8), hours(24)),
        (HANBIN.information_wait("request"), working_days(10)),
        (HANBIN.information_wait("petition"), natural_days(15)),
        (HANBIN.call_back("III"), working_days(3)),
        (HANBIN.call_back("I"), working_days(1)),
        (HANBIN.feedback_window(), natural_days(15)),
        (HANBIN.statutory(), natural_days(60)),
        (HANBIN.review_request(), natural_days(30)),
        (HANBIN.review_decision(), natural_days(30)),
        (HANBIN.final_request(), natural_days(30)),
        (HANBIN.final_decision(), natural_days(30)),
    ],
)
def test_every_purpose_has_its_span(span: Span, expected: Span) -> None:
    assert span == expected


def test_a_petition_is_statutory_even_when_urgent_and_an_urgent_benefit_is_urgent() -> None:
    assert HANBIN.hold("town", "petition", "I") == natural_days(60)
    assert HANBIN.hold("town", "benefit", "I") == hours(24)
    assert HANBIN.hold("village", "benefit", "III") == working_days(30)


def test_an_extension_is_at_most_the_budget_again_and_thirty_days_for_a_petition() -> None:
    assert HANBIN.longest_extension(working_days(7)) == 7
    assert HANBIN.longest_extension(HANBIN.statutory()) == 30
    assert HANBIN.longest_extension(hours(24)) == 0


class History:
    """Policies published one after the other."""

    def __init__(self) -> None:
        self.policies = Policies()

    def publish(self, policy: Policy, effective_from: datetime | None, now: datetime) -> tuple[PolicyPublished, ...]:
        command = PublishPolicy(policy=policy, effective_from=effective_from)
        events = tuple(command.decide(self.policies, publishing(now)))

        def evolve(policies: Policies, event: PolicyPublished) -> Policies:
            recorded = Recorded(
                stream="policies", version=policies.version + 1, at=now, recorded_at=now, by="admin", event=event
            )
            return policies.evolve(recorded)

        self.policies = reduce(evolve, events, self.policies)
        return events

    def label(self, at: datetime) -> str:
        return self.policies.in_force(at)[1]


@pytest.fixture
def history() -> History:
    history = History()
    history.publish(HANBIN, SHIPPED.effective_from, MARCH)
    return history


def test_what_ships_has_always_been_in_force(history: History) -> None:
    assert history.policies.in_force(at("2000-01-01 00:00")) == (HANBIN, "hanbin-default-1.1")


def test_a_version_is_in_force_from_its_first_instant_on(history: History) -> None:
    [published] = history.publish(QUICK, APRIL, MARCH)
    assert published.policy_version == 2
    assert history.label(APRIL - timedelta(microseconds=1)) == "hanbin-default-1.1"
    assert history.policies.in_force(APRIL) == (QUICK, "hanbin-default-1.2")


def test_of_two_versions_from_the_same_instant_the_later_published_counts(history: History) -> None:
    history.publish(QUICK, APRIL, MARCH)
    history.publish(replace(HANBIN, id="other"), APRIL, MARCH)
    assert history.label(MAY) == "other.1"


def test_a_version_published_first_may_come_into_force_last(history: History) -> None:
    history.publish(QUICK, MAY, MARCH)
    history.publish(replace(HANBIN, id="other"), APRIL, MARCH)
    assert [history.label(when) for when in (MARCH, APRIL, MAY)] == [
        "hanbin-default-1.1",
        "other.1",
        "hanbin-default-1.2",
    ]


def test_a_draft_is_never_in_force_but_can_be_looked_up(history: History) -> None:
    history.publish(QUICK, None, MARCH)
    assert history.label(datetime(2200, 1, 1, tzinfo=UTC)) == "hanbin-default-1.1"
    assert history.policies.get("hanbin-default-1").policy == QUICK
    assert history.policies.get("hanbin-default-1", 1).policy == HANBIN


def test_a_draft_comes_into_force_by_publishing_it_with_a_date(history: History) -> None:
    history.publish(QUICK, None, MARCH)
    history.publish(QUICK, APRIL, MARCH)
    assert history.label(APRIL) == "hanbin-default-1.3"


def test_what_was_planned_for_later_comes_into_force_today_if_that_is_said(history: History) -> None:
    history.publish(QUICK, MAY, MARCH)
    history.publish(QUICK, APRIL, APRIL)
    assert history.policies.in_force(APRIL) == (QUICK, "hanbin-default-1.3")


def test_rules_do_not_reach_back(history: History) -> None:
    [published] = history.publish(QUICK, MARCH, APRIL)
    assert published.effective_from == APRIL
    assert history.label(APRIL - timedelta(seconds=1)) == "hanbin-default-1.1"


def test_publishing_what_is_in_force_or_planned_changes_nothing(history: History) -> None:
    assert history.publish(HANBIN, SHIPPED.effective_from, APRIL) == ()
    assert history.publish(HANBIN, APRIL, APRIL) == ()
    history.publish(QUICK, MAY, MARCH)
    assert history.publish(QUICK, MAY, MARCH) == ()


def test_shipping_again_does_not_bring_back_what_the_district_has_replaced(history: History) -> None:
    history.publish(replace(HANBIN, id="other"), APRIL, MARCH)
    assert history.publish(HANBIN, SHIPPED.effective_from, MAY) == ()
    assert history.label(MAY) == "other.1"


def test_going_back_to_an_earlier_policy_is_a_new_version(history: History) -> None:
    history.publish(replace(HANBIN, id="other"), APRIL, MARCH)
    history.publish(HANBIN, MAY, APRIL)
    assert history.label(MAY) == "hanbin-default-1.2"


def test_an_instant_is_stored_in_utc(history: History) -> None:
    [published] = history.publish(QUICK, datetime.fromisoformat("2025-04-01T00:00:00+08:00"), MARCH)
    assert published.effective_from == APRIL
    assert published.effective_from.tzinfo is UTC


def test_nothing_is_in_force_before_anything_was_published() -> None:
    with pytest.raises(Invalid):
        Policies().in_force(MARCH)


@pytest.mark.parametrize(("id", "version"), [("nobody's", None), ("hanbin-default-1", 2), ("hanbin-default-1", 0)])
def test_a_version_that_does_not_exist_is_not_found(history: History, id: str, version: int | None) -> None:
    with pytest.raises(NotFound):
        history.policies.get(id, version)


def test_the_rules_in_force_take_zone_and_calendar_from_the_policy(history: History) -> None:
    rules = Rules.in_force(history.policies, Calendars(), MARCH)
    assert (rules.policy, rules.policy_label) == (HANBIN, "hanbin-default-1.1")
    assert rules.zone.key == "Asia/Shanghai"
    assert rules.calendar.region == "cn"
    assert rules.local(MARCH).isoformat() == "2025-03-01T00:00:00+08:00"


def test_time_is_worked_by_the_office_hours_of_then(history: History) -> None:
    """In summer offices close at noon; what was worked before that stays what it was."""
    history.publish(QUICK, at("2025-03-04 00:00"), MARCH)
    history.publish(replace(QUICK, hours=(("08:00", "12:00"),)), at("2025-03-05 00:00"), MARCH)
    history.publish(HANBIN, MAY, MARCH)
    rules = [Rules.in_force(history.policies, Calendars(), moment) for moment in (MARCH, APRIL, MAY)]
    before, until = at("2025-03-03 00:00"), at("2025-03-05 00:00")
    assert [one.working_s(before, until) for one in rules] == [16 * 3600] * 3
    pauses = [Pause(start=at("2025-03-04 14:00"), end=at("2025-03-05 10:00"))]
    assert [one.working_s(before, at("2025-03-06 00:00"), pauses) for one in rules[1:]] == [14 * 3600] * 2
    assert [one.working_s(APRIL, at("2025-04-02 00:00")) for one in rules] == [8 * 3600, 4 * 3600, 4 * 3600]
    assert rules[2].working_s(at("2025-04-30 00:00"), at("2025-05-07 00:00")) == (4 + 4 * 8) * 3600


@pytest.mark.parametrize(
    ("wrong", "because"),
    [
        (lambda: replace(HANBIN, hold_wd=PerTier(V=0, T=7, D=15)), "hold_wd.V must be from 1"),
        (lambda: replace(HANBIN, intake_wd=-1), "intake_wd must be from 1"),
        (lambda: replace(HANBIN, benefit_wd=2**63), "benefit_wd must be from 1 to 10000"),
        (lambda: replace(HANBIN, urgent_hours=UrgentHours(remand=0)), "urgent_hours.remand must be"),
        (lambda: replace(HANBIN, petition=PetitionDays(handle_nd=0)), "petition.handle_nd must be"),
        (lambda: replace(HANBIN, limits=Limits(transfers_per_entry=-1)), "limits.transfers_per_entry must be from 0"),
        (lambda: replace(HANBIN, hours=()), "hours are pairs"),
        (lambda: replace(HANBIN, hours=(("12:00", "08:00"),)), "hours are pairs"),
        (lambda: replace(HANBIN, hours=(("08:00", "08:00"),)), "hours are pairs"),
        (lambda: replace(HANBIN, hours=(("08:00", "12:00"), ("11:00", "18:00"))), "hours are pairs"),
        (lambda: replace(HANBIN, hours=(("14:00", "18:00"), ("08:00", "12:00"))), "hours are pairs"),
        (lambda: replace(HANBIN, hours=(("8:00", "12:00"),)), "hours are pairs"),
        (lambda: replace(HANBIN, hours=(("08:00", "24:01"),)), "hours are pairs"),
        (lambda: replace(HANBIN, tz="Asia/Nowhere"), "tz is Asia/Shanghai"),
        (lambda: replace(HANBIN, tz="America/New_York"), "tz is Asia/Shanghai"),
        (lambda: replace(HANBIN, id="no spaces"), "id is 1 to 64"),
        (lambda: replace(HANBIN, id="x" * 65), "id is 1 to 64"),
        (lambda: replace(HANBIN, region="CN"), "region is small letters"),
        (lambda: replace(HANBIN, assessment=Scheme(weights=WEIGHTLESS)), "must weigh something"),
        (lambda: replace(HANBIN, assessment=Scheme(confidence_pct=100)), "confidence_pct must be from 0 to 99"),
        (lambda: replace(HANBIN, assessment=Scheme(basically_satisfied_pct=101)), "must be from 0 to 100"),
        (
            lambda: replace(HANBIN, helping=Helping(table=(Row(rule="no spaces", gives="priority"),))),
            "a rule has an id",
        ),
        (
            lambda: replace(HANBIN, helping=Helping(table=(Row(rule="R1", gives="priority", items=-1),))),
            "figures from 0",
        ),
    ],
)
def test_a_policy_no_office_could_live_by_is_refused(wrong: Callable[[], Policy], because: str) -> None:
    with pytest.raises(Invalid, match=because):
        History().publish(wrong(), None, MARCH)


def test_a_policy_of_another_clock_that_was_once_published_is_still_read(history: History) -> None:
    elsewhere = PolicyPublished(policy=replace(HANBIN, tz="America/New_York"), policy_version=2, effective_from=APRIL)
    read = history.policies.evolve(
        Recorded(stream="policies", version=2, at=MARCH, recorded_at=MARCH, by="admin", event=elsewhere)
    )
    assert Rules.in_force(read, Calendars(), MAY).zone.key == "America/New_York"


def test_a_limit_of_zero_forbids_and_touching_hours_are_fine() -> None:
    strict = replace(HANBIN, limits=Limits(transfers_per_entry=0), hours=(("00:00", "12:00"), ("12:00", "24:00")))
    assert History().publish(strict, MARCH, MARCH) == (
        PolicyPublished(policy=strict, policy_version=1, effective_from=MARCH),
    )


@pytest.mark.parametrize(
    "when", [datetime(2025, 3, 3), datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)]
)
def test_a_date_that_is_no_real_instant_is_refused(when: datetime) -> None:
    with pytest.raises(Invalid, match="effective_from"):
        History().publish(HANBIN, when, MARCH)
