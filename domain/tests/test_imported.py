"""History from another system's log: written down with its own times, measured like any other, and over."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from domain.case import COMMANDS, Case
from domain.case.imported import ImportCase, Lasting, Line
from domain.case.joining import Merge
from domain.case.oversight import TakeNote
from domain.case.stays import Stay
from domain.case.terms import Basis, Exit, Status
from domain.decider import Actor
from domain.org import Tier
from domain.refusals import Invalid, LimitReached, WrongStatus
from domain.tests.road import report
from domain.tests.story import Story, at

IMPORTER = Actor(id="import")
V, T, D = Tier.VILLAGE, Tier.TOWN, Tier.DISTRICT


def line(hours: int, unit: str, tier: Tier, state: str) -> Line:
    return Line(at=at("02-03 00:00") + timedelta(hours=hours), unit=unit, tier=tier, state=Lasting(state), said=state)


def imported(*lines: Line, ends: int | None = None) -> Story:
    story = Story(case=Case(id="old-1"))
    return story.decided(command(*lines, ends=ends), story.act(IMPORTER, at("03-03 09:00")))


def command(*lines: Line, ends: int | None = None) -> ImportCase:
    over = at("02-03 00:00") + timedelta(hours=ends) if ends is not None else None
    return ImportCase(log="old", external_id="1", title="An old matter", lines=lines, ends=over)


def stays(story: Story) -> list[tuple[Any, ...]]:
    """Tier, unit, hours held, hours paused, how it ended."""
    return [(stay.tier, stay.unit, held(stay), paused(stay), stay.exit) for stay in story.case.stays]


def held(stay: Stay) -> float | None:
    return (stay.left_at - stay.entered_at) / timedelta(hours=1) if stay.left_at else None


def paused(stay: Stay) -> float:
    return sum((pause.end - pause.start) / timedelta(hours=1) for pause in stay.pauses)


def test_a_case_goes_through_the_tiers_as_the_log_tells() -> None:
    story = imported(
        line(0, "a", V, "handled"),
        line(2, "b", V, "waiting"),
        line(5, "c", T, "waiting"),
        line(6, "c", T, "paused"),
        line(10, "c", T, "handled"),
        line(11, "d", D, "handled"),
        line(13, "c", T, "handled"),
        line(14, "c", T, "resolved"),
        line(20, "c", T, "closed"),
    )
    assert stays(story) == [
        (V, "b", 5, 0, Exit.ESCALATED_MANUAL),
        (T, "c", 6, 4, Exit.ESCALATED_MANUAL),
        (D, "d", 2, 0, Exit.REMANDED),
        (T, "c", 1, 0, Exit.RESOLVED),
    ]
    assert [stay.entry_no for stay in story.case.stays] == [1, 1, 1, 2]
    assert (story.case.status, story.case.reopen_count) == (Status.CLOSED, 0)
    assert story.case.updated_at == at("02-03 20:00")


def test_what_is_taken_up_again_was_reopened_and_an_end_told_twice_is_one_end() -> None:
    story = imported(
        line(0, "a", V, "handled"),
        line(1, "a", V, "closed"),
        line(2, "a", V, "resolved"),
        line(3, "b", T, "paused"),
        line(9, "b", T, "closed"),
    )
    assert stays(story) == [(V, "a", 1, 0, Exit.RESOLVED), (T, "b", 6, 6, Exit.RESOLVED)]
    assert (story.case.status, story.case.reopen_count) == (Status.CLOSED, 1)


def test_what_the_log_leaves_open_ends_with_the_log() -> None:
    story = imported(line(0, "a", V, "handled"), line(4, "a", V, "paused"), ends=10)
    assert stays(story) == [(V, "a", 10, 6, None)]
    assert (story.case.status, story.case.stay, story.case.open) == (Status.CLOSED, None, False)


def test_a_case_that_begins_with_its_end_was_held_for_no_time() -> None:
    assert stays(imported(line(0, "a", D, "closed"))) == [(D, "a", 0, 0, Exit.RESOLVED)]


def test_no_clock_runs_and_nothing_lapses() -> None:
    story = imported(line(0, "a", V, "handled"), ends=1)
    assert story.case.clocks == ()
    assert story.case.next_deadline is None
    assert {stay.accountable for stay in story.case.stays} == {None}
    assert all(before.at <= after.at for before, after in pairwise(story.history))


def test_importing_again_changes_nothing_and_a_log_that_has_grown_or_another_case_is_refused() -> None:
    story = imported(line(0, "a", V, "handled"), line(1, "a", V, "closed"))
    again = command(line(0, "a", V, "handled"), line(5, "a", V, "closed"))
    assert list(again.decide(story.case, story.act(IMPORTER, at("03-04 09:00")))) == []
    longer = command(line(0, "a", V, "handled"), line(1, "a", V, "closed"), line(2, "a", V, "handled"))
    with pytest.raises(LimitReached, match="tells more"):
        list(longer.decide(story.case, story.act(IMPORTER, at("03-04 09:00"))))
    other = ImportCase(log="other", external_id="1", title="Another", lines=(line(0, "a", V, "closed"),))
    with pytest.raises(LimitReached):
        list(other.decide(story.case, story.act(IMPORTER, at("03-04 09:00"))))


@pytest.mark.parametrize(
    "lines", [(line(2, "a", V, "handled"), line(1, "a", V, "closed")), (line(9000, "a", V, "closed"),)]
)
def test_times_that_run_backwards_or_lie_ahead_are_refused(lines: tuple[Line, ...]) -> None:
    with pytest.raises(Invalid):
        imported(*lines)


def test_its_history_does_not_go_on_here() -> None:
    story = imported(line(0, "a", V, "handled"), line(1, "a", V, "resolved"))
    with pytest.raises(WrongStatus):
        story.step_by("03-05 09:00", "dispatcher", TakeNote(text="x"))
    assert all(command.__name__ != ImportCase.__name__ for command in COMMANDS)


def test_no_report_goes_into_a_history_that_is_over() -> None:
    for told in (imported(line(0, "T01", T, "handled")), imported(line(0, "T01", T, "closed"))):
        live = told.turn_to("case-1").step_by("03-03 10:00", "citizen:1", report("V0101"))
        live.when("03-03 11:00", "dispatcher", Merge(into="old-1", basis=Basis.SAME_MATTER_OTHER_PERSON)).refused(
            WrongStatus, "imported"
        )
