"""Sums of stays, kept so that no answer reads each stay: by year, month and day; for the district, a town, a unit.

A row is a tally: of the stays entered in a span of time, or of the clocks that fell due in it. Sums of a day count
durations to the second; longer ones count them by bucket, and `lengths` has the seconds. Guarded stays are counted with
all others and once more by themselves, to be taken away for readers who may not know of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import orjson
from sqlalchemy import Column, Connection, Index, Integer, Table, Text

from projections.following.bulk import chunks, remove, upsert
from projections.following.days import day_of
from projections.following.schema import metadata, text
from projections.times.coarser import coarser
from projections.times.lengths import Lengths
from projections.times.lengths import write as write_lengths
from projections.times.spans import DAY, MONTH, YEAR, inside, number_of
from projections.times.stay_counts import (
    AT_UNIT,
    CHARGED,
    DURATIONS,
    EVERYWHERE,
    IN_TOWN,
    Before,
    Row,
    came_again,
    earlier,
    entered,
    fell_due,
    places,
    sort_of,
    void,
)
from projections.times.tally import Count, Tally

held_sum = Table(
    "held_sum",
    metadata,
    Column("id", text(1400), primary_key=True),
    Column("fact", text(4), nullable=False),
    Column("length", Integer, nullable=False),
    Column("span", text(10), nullable=False),
    Column("place", text(80), nullable=False),
    Column("tier", text(16), nullable=False),
    Column("kind", text(16), nullable=False),
    Column("grade", text(4), nullable=False),
    Column("guard", text(1000), nullable=False),
    Column("tally", Text, nullable=False),
    Index("held_sum_by_place", "fact", "length", "place", "span"),
)
"""`span` is a year, a month or a day of the district, `length` that of its name. Kind and grade are empty where all are
counted together."""

CAME, DUE = "came", "due"
OF_ALL = ""
"""The guard of sums of all stays, guarded or not."""

COUNTED: Mapping[tuple[str, str], Sequence[int]] = {
    (CAME, EVERYWHERE): (MONTH, DAY),
    (CAME, IN_TOWN): (MONTH, DAY),
    (CAME, AT_UNIT): (MONTH,),
    (CAME, CHARGED): (MONTH, DAY),
    (DUE, EVERYWHERE): (MONTH, DAY),
    (DUE, IN_TOWN): (MONTH,),
    (DUE, AT_UNIT): (MONTH,),
}
"""In which spans a stay is counted at each sort of place: in a month by kind and grade, on a day all together. Years, and
months of all kinds, are added up from these.
"""

Key = tuple[str, str, str, str, str, str, str]
NAMES = ("fact", "span", "place", "tier", "kind", "grade", "guard")


class Sums:
    """What a batch adds."""

    def __init__(self) -> None:
        self._tallies: dict[Key, Tally] = defaultdict(Tally)
        self._lengths = Lengths()

    def change(self, before: Sequence[Row], after: Sequence[Row]) -> None:
        """Take away the stays of a case as they were, and add them as they are."""
        old, new = (list(zip(rows, earlier(rows), strict=True)) for rows in (before, after))
        for place, (row, again) in enumerate(old):
            if place >= len(new) or new[place] != (row, again):
                self._count(row, again, -1)
        for place, (row, again) in enumerate(new):
            if place >= len(old) or old[place] != (row, again):
                self._count(row, again, 1)

    def _count(self, row: Row, again: Mapping[str, Before], sign: int) -> None:
        day = day_of(row["entered_at"])
        if row["void"]:
            self._came(row, CHARGED, CHARGED + (row["charged_to"] or row["unit"]), "", day, void(row), sign)
            return
        came = entered(row)
        lasted = [(name, number) for name, number, _ in came if name in DURATIONS]
        due = [(day_of(at), {span: inside(span, at) for span in (MONTH, DAY)}, names) for at, names in fell_due(row)]
        for sort, place in zip((EVERYWHERE, IN_TOWN, AT_UNIT), places(row), strict=True):
            self._came(row, sort, place, row["tier"], day, [*came, *came_again(again[place])], sign)
            self._lengths.count(row, place, day[:MONTH], lasted, sign)
            for due_day, numbers, names in due:
                for length in COUNTED[DUE, sort]:
                    fell = [(name, numbers[length], 1) for name in names]
                    self._add(row, DUE, due_day[:length], place, row["tier"], fell, sign)

    def _came(self, row: Row, sort: str, place: str, tier: str, day: str, counts: list[Count], sign: int) -> None:
        for length in COUNTED[CAME, sort]:
            self._add(row, CAME, day[:length], place, tier, coarser(counts, sort, length), sign)

    def _add(self, row: Row, fact: str, span: str, place: str, tier: str, counts: Sequence[Count], sign: int) -> None:
        kind, grade = (row["kind"], row["grade"]) if len(span) == MONTH else ("", "")
        for guard in {OF_ALL, row["guard"]}:
            self._tallies[fact, span, place, tier, kind, grade, guard].add(counts, sign)

    def _add_up(self) -> None:
        """Add the months of each kind and grade to months of all, and to years."""
        months = [(key, tally) for key, tally in self._tallies.items() if len(key[1]) == MONTH]
        for (fact, month, place, tier, _, _, guard), tally in months:
            counts = list(tally.counts())
            self._tallies[fact, month, place, tier, "", "", guard].add(counts)
            self._tallies[fact, month[:YEAR], place, tier, "", "", guard].add(_of_year(counts, fact, month, place))

    def write(self, db: Connection) -> None:
        """Add these to the rows that are kept; a row that comes to nothing is deleted."""
        self._add_up()
        changed = {"\t".join(key): (key, tally) for key, tally in self._tallies.items()}
        for id, kept in _kept(db, changed):
            changed[id][1].read(kept)
        rows, gone = [], []
        for id, (key, tally) in changed.items():
            if written := tally.written():
                row = dict(zip(NAMES, key, strict=True))
                rows.append({"id": id, "length": len(row["span"]), **row, "tally": written})
            else:
                gone.append((id,))
        upsert(db, held_sum, rows)
        remove(db, held_sum, gone)
        write_lengths(db, self._lengths)


def _of_year(counts: Sequence[Count], fact: str, month: str, place: str) -> Sequence[Count]:
    """What a month adds to its year, where clocks are counted by month."""
    if fact == CAME:
        return coarser(counts, sort_of(place), YEAR)
    number = number_of(month)
    return [(name, number, n) for name, _, n in counts]


def _kept(db: Connection, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    asked = "IN (SELECT value FROM json_each(?))"
    if db.dialect.name == "postgresql":
        asked = "IN (SELECT json_array_elements_text(%s::json))"
    for some in chunks(ids, 5000):
        told = (orjson.dumps(some).decode(),)
        found = db.exec_driver_sql(f"SELECT id, tally FROM {held_sum.name} WHERE id {asked}", told)
        yield from ((id, tally) for id, tally in found.all())
