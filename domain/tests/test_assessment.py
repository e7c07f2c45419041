"""What a year is worth: rates, intervals, the score, and what cannot be ranked."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.assessment import Findings, Parts, ranks, rate, score
from domain.assessment.rates import Interval, satisfied, shrunk
from domain.assessment.score import duty
from domain.rules.policies import SHIPPED

SCHEME = SHIPPED.policy.assessment
FULL = Parts(solved=1, satisfied=1, on_time_effective=1, first_response=1, duty=1)


def ends(interval: Interval | None) -> list[float]:
    return [round(interval.low, 3), round(interval.high, 3)] if interval else []


def test_the_example_comes_out_to_three_decimals_and_unranked() -> None:
    a, b = rate(8, 8, SCHEME), rate(372, 400, SCHEME)
    assert [round(shrunk(one, 0.92, SCHEME) or 0, 3) for one in (a, b)] == [0.943, 0.930]
    assert (ends(a.interval), ends(b.interval)) == ([0.747, 1.0], [0.906, 0.948])
    assert (a.raw, b.raw) == (1.0, 0.93)
    assert shrunk(a, None, SCHEME) == a.raw, "without peers it stands for itself"
    assert ranks([a.interval, b.interval]) == [None, None]
    assert score(replace(FULL, solved=shrunk(a, 0.92, SCHEME)), Findings(), 8, SCHEME).points is None


def test_those_who_can_be_told_apart_are_ranked_and_the_others_are_not() -> None:
    best, middle, alike, last = (
        Interval(low=0.9, high=1),
        Interval(low=0.6, high=0.7),
        Interval(low=0.65, high=0.8),
        Interval(low=0.1, high=0.2),
    )
    assert ranks([middle, last, best, alike, None]) == [None, 4, 1, None, None]
    just_meet = [Interval(low=0.5, high=0.6), Interval(low=0.6, high=0.7)]
    assert ranks(just_meet) == ranks(just_meet[::-1]) == [None, None]


def test_of_no_answers_there_is_no_rate_no_score_and_no_zero() -> None:
    nothing = rate(0, 0, SCHEME)
    assert (nothing.raw, nothing.interval, shrunk(nothing, 0.9, SCHEME)) == (None, None, None)
    none = score(Parts(), Findings(), 0, SCHEME)
    assert (none.points, none.weighed_pct, none.note) == (None, 0, "no_data")


@pytest.mark.parametrize(("answers", "note"), [(29, "not_enough_answers"), (30, None)])
def test_below_thirty_answers_there_is_no_score(answers: int, note: str | None) -> None:
    found = score(FULL, Findings(), answers, SCHEME)
    assert (found.points, found.note) == (None if note else 100, note)


def test_what_has_no_data_is_left_out_and_said_to_be() -> None:
    half = score(Parts(solved=0.5, satisfied=0.5, on_time_effective=1, first_response=1), Findings(), 30, SCHEME)
    assert half.points == round(100 * (0.55 * 0.5 + 0.3) / 0.85, 3)
    assert (half.weighed_pct, half.missing) == (85, ("duty",))


def test_only_what_a_unit_is_judged_on_weighs_and_can_be_missing() -> None:
    found = score(Parts(solved=0, first_response=1), Findings(), 30, SCHEME, judged_on={"first_response"})
    assert (found.points, found.weighed_pct, found.missing) == (100, 100, ())


def test_every_duty_weighs_alike_none_is_paid_more_than_wholly_and_none_that_was_not_owed() -> None:
    assert duty([(3, 2), (1, 4), (5, 0)]) == 0.625
    assert duty([(5, 0)]) is None


def test_mass_judgement_makes_more_than_half() -> None:
    assert score(replace(FULL, solved=0, satisfied=0), Findings(), 30, SCHEME).points == 45


def test_basically_satisfied_counts_for_six_tenths_and_whoever_is_not_satisfied_for_nothing() -> None:
    assert satisfied(5, 5, 0, SCHEME).raw == 0.8
    assert (satisfied(5, 5, 10, SCHEME).n, satisfied(5, 5, 10, SCHEME).raw) == (20, 0.4)


@pytest.mark.parametrize(
    ("found", "points"),
    [
        (Findings(false_closures=1), 98),
        (Findings(false_closures=9), 90),
        (Findings(rejected_disputes=5, assignments=100), 100),
        (Findings(rejected_disputes=7, assignments=100), 99),
        (Findings(premature_escalations=3), 98.5),
        (Findings(vetoed=True), 59),
        (Findings(premature_escalations=200, vetoed=True), 0),
    ],
)
def test_what_was_found_to_be_wrong_is_taken_off(found: Findings, points: float) -> None:
    assert score(FULL, found, 30, SCHEME).points == points


@given(hits=st.integers(0, 500), more=st.integers(1, 500))
def test_an_interval_holds_its_rate_and_narrows_with_more_answers(hits: int, more: int) -> None:
    n = hits + more
    few, many = rate(hits, n, SCHEME).interval, rate(hits * 10, n * 10, SCHEME).interval
    assert few is not None
    assert many is not None
    assert few.low - 1e-6 <= hits / n <= few.high + 1e-6
    assert many.high - many.low < few.high - few.low
