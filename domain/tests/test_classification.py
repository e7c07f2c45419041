"""Which class follows from which facts, example by example, and that nothing else decides."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.household.classification import classify
from domain.household.terms import Facts, Hardship, HardshipKind, Home, HouseholdClass, Protected
from domain.rules.helping import Helping
from domain.tests.story import at
from domain.zone import months_later

PRIORITY, ATTENTION, SECURE = HouseholdClass.PRIORITY, HouseholdClass.ATTENTION, HouseholdClass.SECURE
HELPING = Helping()
NOW = at("04-14 10:30")


def facts(income: float, members: int = 1, debt: float = 0, *severities: int, **more: object) -> Facts:
    hardships = tuple(Hardship(kind=HardshipKind.ILLNESS, severity=one) for one in severities)
    plain = Facts(members=members, income_per_head=income, debt_total=debt, hardships=hardships)
    return replace(plain, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "gives", "rules"),
    [
        (facts(5999.99), PRIORITY, {"R1"}),
        (facts(6000), ATTENTION, {"A1"}),
        (facts(9000), SECURE, set()),
        (facts(9000, 4, 36000), ATTENTION, {"A2"}),
        (facts(9000, 4, 35999.99), SECURE, set()),
        (facts(20000, 1, 0, 1, 1), SECURE, set()),
        (facts(8999, 1, 0, 2, 1), ATTENTION, {"A1", "A3"}),
        (facts(8999, 2, 17998), PRIORITY, {"R3"}),
        (facts(8019.89, 5, 40099.45), PRIORITY, {"R3"}),
        (facts(11999, 1, 0, 3), PRIORITY, {"R2"}),
        (facts(12000, 1, 0, 3), ATTENTION, {"A3"}),
        (facts(20000, housing=Home.C), PRIORITY, {"R4"}),
        (facts(20000, 1, 0, 2), ATTENTION, {"A3"}),
        (facts(50000, protected=Protected.FIVE_GUARANTEES), PRIORITY, {"R0"}),
        (facts(3400, 4, 26000, 3, 2, 1), PRIORITY, {"R1", "R2", "R3"}),
        (facts(0, 1, 1), PRIORITY, {"R1", "R3"}),
    ],
)
def test_the_vectors(told: Facts, gives: HouseholdClass, rules: set[str]) -> None:
    found = classify(told, HELPING, NOW)
    assert (found.gives, set(found.rules)) == (gives, rules)


def test_whoever_left_priority_five_months_ago_is_of_concern_and_after_a_year_no_more() -> None:
    left = at("2024-11-14 10:30")
    assert classify(facts(20000), HELPING, NOW, left_priority_at=left).rules == ("A4",)
    assert classify(facts(20000), HELPING, months_later(left, 12), left_priority_at=left).gives is SECURE


def test_a_lost_home_counts_for_six_months() -> None:
    told = facts(20000, housing=Home.LOST)
    over = months_later(NOW, 6)
    assert classify(told, HELPING, over - timedelta(seconds=1), lost_since=NOW).rules == ("R4",)
    assert classify(told, HELPING, over, lost_since=NOW).gives is SECURE
    assert classify(facts(20000, housing=Home.A), HELPING, NOW, lost_since=NOW).gives is SECURE, "it has another one"


def test_months_end_where_there_is_no_such_day() -> None:
    assert months_later(at("2025-08-31 08:00"), 6) == at("2026-02-28 08:00")
    assert months_later(at("2025-12-15 08:00"), 1) == at("2026-01-15 08:00")
    assert months_later(at("2025-03-01 07:00"), 1) == at("2025-04-01 07:00"), "in the district it is March already"


FACTS = st.builds(
    Facts,
    members=st.integers(1, 12),
    income_per_head=st.floats(0, 40_000),
    debt_total=st.floats(0, 400_000),
    hardships=st.lists(
        st.builds(Hardship, kind=st.sampled_from(HardshipKind), severity=st.integers(0, 3)), max_size=5
    ).map(tuple),
    housing=st.sampled_from(Home),
    protected=st.sampled_from(Protected),
)


@given(FACTS)
def test_a_class_has_reasons_of_its_own_kind_only(told: Facts) -> None:
    found = classify(told, HELPING, NOW)
    assert found == classify(replace(told), HELPING, NOW), "the same facts and ruleset give the same class"
    assert {rule[0] for rule in found.rules} == {PRIORITY: {"R"}, ATTENTION: {"A"}, SECURE: set()}[found.gives]


@given(FACTS, st.floats(0, 10_000), st.floats(0, 100_000))
def test_who_earns_less_and_owes_more_is_never_better_off(told: Facts, less: float, more: float) -> None:
    poorer = replace(told, income_per_head=max(0.0, told.income_per_head - less), debt_total=told.debt_total + more)
    assert classify(poorer, HELPING, NOW).gives.need >= classify(told, HELPING, NOW).gives.need
