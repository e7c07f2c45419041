"""How many stays lasted how many seconds: read where the median lies in a bucket of the sums.

For whole years of the district they are also counted by part of a bucket: where a bucket holds many, its parts are read
first, and then the seconds of one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import BigInteger, Column, Connection

from projections.following.bulk import Key, add, counters
from projections.following.schema import text
from projections.times.durations import PARTS, bucket_of
from projections.times.spans import LAST, YEAR
from projections.times.stay_counts import DURATIONS, EVERYWHERE, Row

held_length = counters(
    "held_length",
    Column("place", text(80)),
    Column("tier", text(16)),
    Column("name", text(16)),
    Column("lasted_s", BigInteger),
    Column("month", text(7)),
    Column("kind", text(16)),
    Column("grade", text(4)),
    Column("guard", text(1000)),
)
"""Of the stays entered in a month; for the district, for each town, and for each unit. Where parts are counted, `lasted_s`
is the number of the part, and `month` a year.
"""
IN_PARTS = {name: f"{name} part" for name in DURATIONS}
"""The name under which parts are counted."""


class Lengths(Counter[Key]):
    """What a batch adds."""

    def count(self, row: Row, place: str, month: str, lasted: Iterable[tuple[str, int]], sign: int) -> None:
        tier, rest = row["tier"], (month, row["kind"], row["grade"], row["guard"])
        for name, seconds in lasted:
            self[place, tier, name, seconds, *rest] += sign
            if place == EVERYWHERE:
                self[place, tier, IN_PARTS[name], bucket_of(seconds, PARTS), month[:YEAR], "", "", row["guard"]] += sign


def write(db: Connection, lengths: Lengths) -> None:
    add(db, held_length, lengths)


ALL = ("", LAST)


class LengthQuestion(NamedTuple):
    """Durations from `first` up to, but not including, `last`, of stays of a place and tier entered in these months.

    Kind, grade and months may be ALL.
    """

    number: int
    name: str
    first: int
    last: int
    place: str
    tier: str
    kind: str
    grade: str
    first_month: str
    last_month: str


def found(db: Connection, wanted: Sequence[LengthQuestion], hidden: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """The durations of all these questions in one query: the number of the question, the duration, and how many.

    `hidden` are the guards of stays that the reader may not know of.
    """
    lists, these, guards = _ON_POSTGRESQL if db.dialect.name == "postgresql" else _ON_SQLITE
    which, documents = [*_ALWAYS], [orjson.dumps([one._asdict() for one in wanted]).decode()]
    which += (told for name, told in _UNLESS_ALL.items() if any(getattr(one, name) not in ALL for one in wanted))
    if hidden:
        which, documents = [*which, f"h.guard NOT IN ({guards})"], [orjson.dumps(hidden).decode(), *documents]
    asked = f"SELECT w.number, (SELECT {lists} FROM held_length AS h WHERE {' AND '.join(which)}) FROM {these}"
    for number, here in db.exec_driver_sql(asked, tuple(documents)):
        lasted, amounts = orjson.loads(here)
        for lasted_s, n in zip(lasted or (), amounts or (), strict=True):
            yield number, lasted_s, n


_ALWAYS = (
    "h.place = w.place",
    "h.tier = w.tier",
    "h.name = w.name",
    "h.lasted_s >= w.first",
    "h.lasted_s < w.last",
)
_UNLESS_ALL = {
    "kind": "h.kind = w.kind",
    "grade": "h.grade = w.grade",
    "first_month": "h.month >= w.first_month",
    "last_month": "h.month < w.last_month",
}
"""Each of these costs as much as reading the row."""
_WHOLE = ("number", "first", "last")
_TYPED = ", ".join(f"{name} {'BIGINT' if name in _WHOLE else 'TEXT'}" for name in LengthQuestion._fields)
_NAMED = ", ".join(f"value ->> '$.{name}' AS {name}" for name in LengthQuestion._fields)
_ON_POSTGRESQL = (
    "json_build_array(json_agg(h.lasted_s), json_agg(h.n))::text",
    f"json_to_recordset(%s) AS w ({_TYPED})",
    "SELECT json_array_elements_text(%s::json)",
)
_ON_SQLITE = (
    "json_array(json_group_array(h.lasted_s), json_group_array(h.n))",
    f"(SELECT {_NAMED} FROM json_each(?) LIMIT -1 OFFSET 0) AS w",
    "SELECT value FROM json_each(?)",
)
"""Two lists come faster than as many rows. Each is looked up by itself: PostgreSQL would read all there are, not knowing how
few are wanted. LIMIT has SQLite read what is wanted once, and not anew for each row of it.
"""
