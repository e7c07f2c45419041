"""The follower: the same rows however it reads, nothing done by halves, and nothing skipped silently."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, exc, insert, select, update

from domain.case.intake import Accept
from domain.decider import Recorded
from domain.tests.road import assigned_to, report
from domain.tests.story import Step, given
from projections import PROJECTIONS
from projections.cases.case_file import CaseFile, case_file
from projections.following import follower
from projections.following.follower import Follower, Superseded
from projections.following.projection import Batch, Projection, parked_count, position_of
from projections.following.projection import Step as Folded
from projections.following.schema import parked, progress
from projections.queues.town_queue import TownQueue
from projections.tests.logs import Written, called, everything, followed, told

REPORTED = given(Step("03-03 09:00", "citizen:1", report()))
ACCEPTED = REPORTED.step_by("03-03 09:10", "dispatcher", Accept())


class Strict:
    """A projection that does with every batch what it is told to, and keeps no rows."""

    tables: Sequence[Table] = ()

    def __init__(self, does: Callable[[Sequence[Folded]], object], name: str = "strict", version: int = 1) -> None:
        self.does = does
        self.name = name
        self.version = version

    def fold(self, _db: Connection, batch: Batch) -> None:
        self.does(batch.steps)


class Weakened:
    """Another projection that fails as long as it is told to."""

    def __init__(self, kept: Projection, error: Exception) -> None:
        self.kept = kept
        self.name, self.version, self.tables = kept.name, kept.version, kept.tables
        self.error: Exception | None = error

    def fold(self, db: Connection, batch: Batch) -> None:
        self.kept.fold(db, batch)
        if self.error:
            raise self.error


def test_the_rows_are_the_same_when_each_line_is_read_alone_and_few_states_are_kept(
    engine: Engine, many_lives: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = sorted({stream for *_, stream in many_lives.lines})[-12:]
    log = Written(line for _, line, stream in many_lives.lines if stream in some and isinstance(line, Recorded))
    followed(engine, log)
    at_once = everything(engine)
    assert at_once["case_file"]
    assert at_once["bank_status"]
    begin_again(engine, log)
    monkeypatch.setattr(follower, "REMEMBERED", 3)
    assert len(followed(engine, log, batch=1)._states) == 3
    assert everything(engine) == at_once


def begin_again(engine: Engine, log: Written) -> None:
    for projection in PROJECTIONS:
        Follower(engine, log, PROJECTIONS).begin_again(projection)
    assert not any(everything(engine).values())


def test_a_follower_that_starts_in_the_middle_knows_what_was_before(engine: Engine, many_lives: Written) -> None:
    followed(engine, many_lives)
    at_once = everything(engine)
    begin_again(engine, many_lives)
    while Follower(engine, many_lives, PROJECTIONS, batch=50).advance():
        pass
    assert everything(engine) == at_once


def test_rows_and_position_are_committed_together(engine: Engine, many_lives: Written) -> None:
    weak = Weakened(TownQueue(), exc.OperationalError("", None, Exception("the connection broke")))
    reading = Follower(engine, many_lives, (CaseFile(), weak), batch=20)
    with pytest.raises(exc.OperationalError):
        reading.advance()
    assert not any(everything(engine, (CaseFile(), TownQueue())).values())
    assert positions(engine) == (0, 0)
    weak.error = None
    reading.catch_up()
    healed = everything(engine, (CaseFile(), TownQueue()))
    begin_again(engine, many_lives)
    followed(engine, many_lives)
    assert everything(engine, (CaseFile(), TownQueue())) == healed


def positions(engine: Engine) -> tuple[int, int]:
    with engine.connect() as db:
        return position_of(db, "case_file"), position_of(db, "town_queue")


def test_an_event_that_cannot_be_applied_is_parked_and_the_rest_goes_on(engine: Engine) -> None:
    log = told(called("case-1", ACCEPTED), called("case-2", ACCEPTED))
    seen: list[int] = []

    def choke(steps: Sequence[Folded]) -> None:
        if any(step.recorded.stream == "case-2" and step.recorded.version == 1 for step in steps):
            raise ValueError("never seen such a thing")
        seen.extend(step.position for step in steps)

    Follower(engine, log, (CaseFile(), Strict(choke))).catch_up()
    assert seen == [1, 3]
    assert [(row.projection, row.position, row.stream) for row in parked_rows(engine)] == [
        ("strict", 2, "case-2"),
        ("strict", 4, "case-2"),
    ]
    assert "never seen" in parked_rows(engine)[0].error
    with engine.connect() as db:
        assert (position_of(db, "strict"), position_of(db, "case_file")) == (4, 4)
        assert sorted(db.scalars(select(case_file.c.version))) == [2, 2]


def test_what_the_database_refuses_is_parked_and_undone_alone(engine: Engine) -> None:
    class Refused(CaseFile):
        def fold(self, db: Connection, batch: Batch) -> None:
            super().fold(db, batch)
            if any(step.recorded.stream == "case-2" for step in batch.steps):
                db.execute(insert(parked), {"projection": "nothing", "position": None, "stream": "", "error": ""})

    Follower(engine, told(called("case-1", ACCEPTED), called("case-2", ACCEPTED)), (Refused(),)).catch_up()
    assert [(row.projection, row.position) for row in parked_rows(engine)] == [("case_file", 2), ("case_file", 4)]
    assert "IntegrityError" in parked_rows(engine)[0].error
    with engine.connect() as db:
        assert list(db.scalars(select(case_file.c.case_id))) == ["case-1"]


def test_what_comes_after_a_parked_event_of_its_stream_is_parked_in_later_batches_too(engine: Engine) -> None:
    asked: set[int] = set()

    def choke(steps: Sequence[Folded]) -> None:
        asked.update(step.recorded.version for step in steps)
        raise ValueError("never seen such a thing")

    Follower(engine, told(ACCEPTED), (Strict(len, name="other"), Strict(choke)), batch=1).catch_up()
    assert asked == {1}, "whatever comes later is not asked for"
    assert [row.error for row in parked_rows(engine)][1:] == ["an earlier event of this stream is parked"]


def test_an_event_that_cannot_be_read_is_parked_for_every_projection(engine: Engine) -> None:
    log = told(called("case-1", ACCEPTED), called("case-2", ACCEPTED))
    log.lines[2] = (3, ValueError("written by a newer service"), "case-1")
    for batch in (1, 10):
        begin_again(engine, log)
        followed(engine, log, batch=batch)
        with engine.connect() as db:
            assert parked_count(db) == len(PROJECTIONS)
            versions = {row.case_id: row.version for row in db.execute(select(case_file))}
        assert versions == {"case-1": 1, "case-2": 2}
        assert {row.position for row in parked_rows(engine)} == {3}


def parked_rows(engine: Engine) -> Sequence[Any]:
    with engine.connect() as db:
        return db.execute(select(parked).order_by(parked.c.projection, parked.c.position)).all()


def test_a_projection_of_a_new_version_reads_everything_again_and_the_others_go_on(engine: Engine) -> None:
    log = told(assigned_to("T01"))
    first: list[int] = []
    second: list[int] = []
    other: list[int] = []
    beside = Strict(lambda steps: other.extend(step.position for step in steps), name="other")
    Follower(engine, log, (beside, Strict(lambda steps: first.extend(step.position for step in steps)))).catch_up()
    changed = Strict(lambda steps: second.extend(step.position for step in steps), version=2)
    Follower(engine, log, (beside, changed), batch=2).catch_up()
    assert first == second == other == [1, 2, 3]


def test_one_that_is_behind_catches_up_and_from_there_on_they_read_together(engine: Engine) -> None:
    log = told(*(called(f"case-{number}", REPORTED) for number in range(9)))
    read: dict[str, list[list[int]]] = {"early": [], "late": []}

    def reading(name: str) -> Strict:
        return Strict(lambda steps: read[name].append([step.position for step in steps]), name=name)

    Follower(engine, log, (reading("early"),), batch=5).advance()
    Follower(engine, log, (reading("early"), reading("late")), batch=4).catch_up()
    assert read == {"early": [[1, 2, 3, 4, 5], [6, 7, 8, 9]], "late": [[1, 2, 3, 4], [5], [6, 7, 8, 9]]}


def test_who_goes_on_reads_no_state_again_that_he_has_at_hand(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log := told(assigned_to("T01")), "states", None)
    assert Follower(engine, log, (Strict(len),), batch=1).catch_up() == 3


def test_what_is_built_elsewhere_is_left_alone(engine: Engine) -> None:
    here = Follower(engine, told(REPORTED), (Strict(len, name="elsewhere"), Strict(len)))
    for waiting, reached in (({"elsewhere", "strict"}, 0), ({"elsewhere"}, 1)):
        here.waiting = frozenset(waiting)
        assert here.catch_up() == reached
    with engine.connect() as db:
        assert (position_of(db, "strict"), position_of(db, "elsewhere")) == (1, 0)


def test_whoever_is_overtaken_throws_away_what_he_read_and_goes_on_from_there(
    engine: Engine, many_lives: Written
) -> None:
    followed(engine, many_lives)
    expected = everything(engine)
    begin_again(engine, many_lives)
    slow, quick = (Follower(engine, many_lives, PROJECTIONS, batch=7) for _ in range(2))

    class Overtaken:
        """A log that is read just before somebody else moves on."""

        states, blank, mark, has = many_lives.states, many_lives.blank, many_lives.mark, many_lives.has

        def after(self, position: int, limit: int) -> Sequence[Any]:
            page = many_lives.after(position, limit)
            quick.advance()
            return page

    slow.ledger = Overtaken()
    slow.catch_up()
    assert everything(engine) == expected


def test_an_older_service_leaves_alone_what_a_newer_one_follows(engine: Engine) -> None:
    newer, older = (Strict(len, version=version) for version in (2, 1))
    Follower(engine, told(REPORTED), [newer]).catch_up()
    with pytest.raises(Superseded):
        Follower(engine, told(REPORTED), [older]).catch_up()
    with engine.connect() as db:
        assert position_of(db, "strict") == 1


def test_what_was_made_from_another_log_is_made_anew_whether_it_lies_beyond_the_end_or_was_overtaken(
    engine: Engine,
) -> None:
    """As when an older backup of the log is put back beside the views, and goes on otherwise."""
    lost = told(*(called(f"case-{number}", ACCEPTED) for number in range(4)))
    restored = Written([line for _, line, _ in lost.lines[:3] if not isinstance(line, Exception)])
    followed(engine, lost)
    for more in (told(called("other-1", REPORTED)), told(*(called(f"late-{number}", ACCEPTED) for number in range(9)))):
        restored.goes_on(more)
        followed(engine, restored)
        told_now = everything(engine)
        begin_again(engine, restored)
        followed(engine, restored)
        assert told_now == everything(engine)
        followed(engine, lost)


def test_what_an_older_service_followed_without_a_mark_goes_on(engine: Engine) -> None:
    log = told(assigned_to("T01"))
    seen: list[int] = []
    reading = Strict(lambda steps: seen.extend(step.position for step in steps))
    Follower(engine, log, (reading,)).catch_up()
    with engine.begin() as db:
        db.execute(update(progress).values(mark=None))
    Follower(engine, log, (reading,)).catch_up()
    assert seen == [1, 2, 3]
