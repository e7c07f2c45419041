"""Each detector on an honest history and on one that cheats."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.assessment.detectors import DETECTORS, Stayed
from domain.rules.scheme import Thresholds
from domain.tests.story import at

NOW = at("05-01 09:00")
DAY = timedelta(days=1)
WHEN = Thresholds()
SOLVED = Stayed(
    case="solved",
    entered_at=at("03-10 09:00"),
    due_at=at("03-20 00:00"),
    left_at=at("03-12 09:00"),
    resolved=True,
    reopened=False,
    suspended=False,
    paused=timedelta(),
    rejected_disputes=0,
    withdrawn=False,
    pressed=False,
)
OLD = replace(SOLVED, case="old", entered_at=at("03-03 09:00"), left_at=None, resolved=False)
HONEST = [replace(SOLVED, case=f"solved-{number}") for number in range(19)]
CHEATING = {
    "closing_without_solving": replace(SOLVED, case="again", reopened=True),
    "returning_cases": replace(SOLVED, case="returned", rejected_disputes=1),
    "parking": replace(SOLVED, case="parked", paused=DAY * 1.5),
    "cherry_picking": OLD,
    "pressing": replace(SOLVED, case="pressed", pressed=True),
}


@pytest.mark.parametrize("name", DETECTORS)
def test_an_honest_history_gives_no_finding_even_where_something_went_wrong_once(name: str) -> None:
    assert not DETECTORS[name](HONEST, WHEN, NOW)
    assert not DETECTORS[name]([*HONEST, CHEATING[name]], WHEN, NOW)


@pytest.mark.parametrize("name", DETECTORS)
def test_a_history_that_cheats_gives_a_finding_with_the_cases_that_show_it(name: str) -> None:
    shown = [replace(CHEATING[name], case=f"shown-{number}") for number in range(6)]
    assert DETECTORS[name]([*HONEST, *shown], WHEN, NOW) == shown
    for other in DETECTORS.keys() - {name}:
        assert not DETECTORS[other]([*HONEST, *shown], WHEN, NOW)


@pytest.mark.parametrize("name", DETECTORS)
def test_of_few_stays_and_of_none_nothing_is_said(name: str) -> None:
    assert not DETECTORS[name]([CHEATING[name]] * 2, WHEN, NOW)
    assert not DETECTORS[name]([], WHEN, NOW)


@pytest.mark.parametrize("name", DETECTORS)
def test_a_district_decides_from_when_on_it_is_a_pattern(name: str) -> None:
    """Six of twenty-five are 24 %."""
    stays = [*HONEST, *[CHEATING[name]] * 6]
    just = Thresholds(fewest_stays=25, **{f"{name}_pct": 24})
    assert DETECTORS[name](stays, just, NOW)
    assert not DETECTORS[name](stays, replace(just, **{f"{name}_pct": 25}), NOW)
    assert not DETECTORS[name](stays, replace(just, fewest_stays=26), NOW)


@pytest.mark.parametrize(("name", "told"), [("parking", {"suspended": True}), ("pressing", {"withdrawn": True})])
def test_what_shows_it_in_another_way_counts_as_well(name: str, told: dict[str, Any]) -> None:
    shown = [replace(SOLVED, case=f"shown-{number}", **told) for number in range(6)]
    assert DETECTORS[name]([*HONEST, *shown], WHEN, NOW) == shown


@pytest.mark.parametrize(
    "told", [{"left_at": NOW}, {"due_at": NOW + DAY}, {"due_at": None}, {"entered_at": SOLVED.entered_at}]
)
def test_what_was_left_lying_is_late_still_there_and_older_than_what_was_solved(told: dict[str, Any]) -> None:
    found = DETECTORS["cherry_picking"]
    assert not found([*HONEST, *[replace(OLD, **told)] * 6], WHEN, NOW)
    assert found([*HONEST[:5], *[OLD] * 15], WHEN, NOW), "however little was solved"
