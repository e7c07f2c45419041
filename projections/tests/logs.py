"""A log made of stories: what happened to each of them, in the order in which it was recorded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial, reduce
from typing import Any

from sqlalchemy import Connection, Engine, Table, select

from domain.assessment.year import UnitYear
from domain.case import Case
from domain.decider import Act, Recorded
from domain.streams import ASSESSMENT
from domain.tests.hanbin import RULES
from domain.tests.story import ORG, OpenVault, Story, actor, at
from projections import PROJECTIONS
from projections.following.follower import Follower
from projections.following.projection import Projection

Line = tuple[int, Recorded[Any] | Exception, str]


class Written:
    """A log that is what it was told: positions from 1, without gaps."""

    def __init__(self, lines: Iterable[Recorded[Any]]) -> None:
        self.lines: list[Line] = [(position, line, line.stream) for position, line in enumerate(lines, 1)]

    def goes_on(self, more: Written) -> None:
        """What the other log tells comes after what this one has told so far."""
        self.lines += [(position + len(self.lines), line, stream) for position, line, stream in more.lines]

    def after(self, position: int, limit: int) -> Sequence[Line]:
        return self.lines[position : position + limit]

    def states(self, streams: Iterable[str], upto: int) -> dict[str, Any]:
        wanted = {stream: self.blank(stream) for stream in streams}
        for _, line, stream in self.lines[:upto]:
            if stream in wanted:
                assert isinstance(line, Recorded)
                wanted[stream] = wanted[stream].evolve(line)
        return wanted

    def recall(self, cases: Collection[str], position: int, until: datetime | None = None) -> dict[str, Case]:
        """Folds from the beginning whatever is asked for."""
        found = {case: Case(id=case) for case in cases}
        for _, line, stream in self.lines[:position]:
            if stream in found and isinstance(line, Recorded) and (until is None or line.at <= until):
                found[stream] = found[stream].evolve(line)
        return found

    def mark(self, position: int) -> str | None:
        return f"{position} {self.lines[position - 1]}"[:100] if 0 < position <= len(self.lines) else None

    def has(self, mark: str) -> bool:
        return self.mark(int(mark.split()[0])) == mark

    def blank(self, stream: str) -> Case | UnitYear:
        if stream.startswith(ASSESSMENT):
            return UnitYear(id=stream.removeprefix(ASSESSMENT))
        return Case(id=stream)


NOTHING = Written(()).recall
"""For lists in which nothing moves."""


def told(*stories: Story) -> Written:
    """The histories of these stories, and of the other cases in them, as one log."""
    histories: dict[str, tuple[Recorded[Any], ...]] = {}
    for story in stories:
        for one in (story, *story.others.values()):
            histories[one.case.id] = one.history
    lines = [line for history in histories.values() for line in history]
    return Written(sorted(lines, key=lambda line: (line.recorded_at, line.stream, line.version)))


def called(name: str, story: Story) -> Story:
    """The same story of another case."""
    renamed = tuple(replace(line, stream=name) for line in story.history)
    case = reduce(lambda case, line: case.evolve(line), renamed, Case(id=name))
    return replace(story, case=case, history=renamed, others={})


def act(who: str, moment: str = "03-10 09:00") -> Act:
    """Somebody of the story's district, at a moment of it."""
    now = at(moment)
    return Act(by=actor(who, moment=now), at=now, rules=RULES, org=ORG, vault=OpenVault())


def followed(
    engine: Engine, log: Written, projections: Sequence[Projection] = PROJECTIONS, *, batch: int = 1000
) -> Follower:
    """A follower that has read the whole log."""
    follower = Follower(engine, log, projections, batch=batch)
    follower.catch_up()
    return follower


def following(*projections: Projection) -> Callable[[Engine, Written], Follower]:
    """The same for those only that are asked: no time is spent on rows that nobody looks at."""
    return partial(followed, projections=projections)


def rows_of(db: Connection, table: Table) -> list[Mapping[str, Any]]:
    return [dict(row) for row in db.execute(select(table).order_by(*table.primary_key)).mappings()]


def everything(engine: Engine, projections: Sequence[Projection] = PROJECTIONS) -> dict[str, list[Mapping[str, Any]]]:
    """Every row that these projections keep."""
    with engine.connect() as db:
        return {table.name: rows_of(db, table) for projection in projections for table in projection.tables}
