"""Cases as they are in life, as many as wanted: with clocks, waits, complaints that not everybody may know of, escalations.

Some hundred stories are played by the rules, each with all its deadlines lapsed; every further case is one of them again
at another time, at a pace of its own and in another town. They go through the service's own codec into its own log,
chained as always.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from random import Random
from typing import Any

from eventsourcing.persistence import StoredEvent

from benchmarks.reports import TOWN_OF, TOWNS
from domain.case.events import Reported
from domain.decider import Recorded
from domain.refusals import Refused
from domain.streams import case_stream
from domain.tests.road import RESOLVE, SOLVED, assigned_to
from domain.tests.story import Story
from projections.tests.wandering import wandering
from service.demo.district import places
from service.demo.matters import Matters
from service.office import Office
from service.record.codec import hash_of, to_stored

MATTERS, PLACES = Matters(), places()
PLAYED = 200
YEAR, LONGEST = timedelta(days=364), timedelta(days=196)
"""Cases begin some time in a year; it ended long enough ago that all that lapses by itself has lapsed."""
TOGETHER = 5_000
"""Events written in one transaction."""


def played() -> list[tuple[Recorded[Any], ...]]:
    """The histories all others are made of: one in three goes where chance leads, the others are solved and closed."""
    told = []
    for number in range(PLAYED):
        story = wandering(f"case-{number}", Random(number)) if number % 3 == 0 else solved(number)
        beginning = story.history[0].at
        told.append(story.until(beginning + LONGEST).history)
    return [one for one in told if all(line.stream == one[0].stream for line in one)]


def solved(number: int) -> Story:
    """Assigned to the village or the town, and resolved there some days later; or taken away before that."""
    day = f"03-{4 + number % 20:02}"
    village = ("V0101", "V0102")[number % 2]
    unit, who = ("T01", "head:T01") if number % 5 == 0 else (village, f"head:{village}")
    story = assigned_to(unit, village=village)
    try:
        resolved = story.step_by(f"{day} 10:{number % 60:02}", who, RESOLVE)
        return resolved.step_by("04-07 09:00", "follow-up", SOLVED)
    except Refused:
        return story


def write_lives(office: Office, cases: int) -> None:
    """Write so many cases into the log."""
    lines = _lines(cases)
    while some := list(islice(lines, TOGETHER)):
        office.recorder.insert_events(some)


def _lines(cases: int) -> Iterator[StoredEvent]:
    """All lines of each case; commands have no part in it."""
    told, now, random = played(), datetime.now(UTC), Random(cases)
    for number in range(cases):
        history = told[number % len(told)]
        begun = now - LONGEST - timedelta(seconds=random.randrange(int(YEAR.total_seconds())))
        told_so, pace = [said(line, number) for line in history], random.uniform(0.8, 1)
        yield from again(told_so, f"bench-{number}", begun, pace, random.choice(TOWNS))


def said(line: Recorded[Any], number: int) -> Recorded[Any]:
    """The line, if it is the report, in words of its own: what people bring in the demonstration, two matters at once."""
    if not isinstance(line.event, Reported):
        return line
    chance = Random(number)
    one, other = (MATTERS.at(chance.choice(PLACES), chance) for _ in range(2))
    description = f"{one.description}另外，{other.title}：{other.description}（第 {number} 件）"
    return replace(line, event=replace(line.event, title=one.title, description=description))


def again(
    history: Sequence[Recorded[Any]], name: str, begun: datetime, pace: float, town: str
) -> Iterator[StoredEvent]:
    """The same case under another name, at another time and in another town.

    No two last as long to the second, as in life: a sum of durations has to tell many apart.
    """
    first = history[0].at
    villages = [village for village, its in TOWN_OF.items() if its == town]
    names = {
        history[0].stream: name,
        "T01": town,
        "V0101": villages[sum(name.encode()) % 3],
        "V0102": villages[-1],
        "T02": TOWNS[0],
        "V0201": next(iter(TOWN_OF)),
    }
    previous = ""
    for line in history:
        moved = replace(_retold(line, names, lambda at: begun + pace * (at - first)), stream=case_stream(name))
        stored = to_stored(moved, "", previous)
        previous = hash_of(stored.state)
        yield stored


def _retold(value: Any, names: Mapping[str, str], when: Callable[[datetime], datetime]) -> Any:
    match value:
        case str():
            return names.get(value, value)
        case datetime():
            return when(value)
        case date():
            return when(datetime.combine(value, time.min, UTC)).date()
        case tuple() | list() | frozenset():
            return type(value)(_retold(one, names, when) for one in value)
        case dict():
            return {key: _retold(one, names, when) for key, one in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            changed = {one.name: _retold(getattr(value, one.name), names, when) for one in fields(value) if one.init}
            return replace(value, **changed)
        case _:
            return value
