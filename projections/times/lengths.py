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
from projections.times.spans import YEAR
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


class LengthQuestion(NamedTuple):
    """Durations from `first_s` up to, but not including, `last_s`, of stays of a place and tier entered in these
    months.

    `kind` and `grade` are empty for all.
    """

    number: int
    place: str
    tier: str
    name: str
    first_s: int
    last_s: int
    first_month: str
    last_month: str
    kind: str
    grade: str


def found(db: Connection, wanted: Sequence[LengthQuestion], hidden: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """The durations of all these questions in one query: the number of the question, the duration, and how many.

    `hidden` are the guards of stays that the reader may not know of.
    """
    document = orjson.dumps([one._asdict() for one in wanted]).decode()
    asked = _ON_POSTGRESQL if db.dialect.name == "postgresql" else _ON_SQLITE
    for number, lasted, amounts in db.exec_driver_sql(asked, (document, orjson.dumps(hidden).decode())):
        for lasted_s, n in zip(orjson.loads(lasted), orjson.loads(amounts), strict=True):
            yield number, lasted_s, n


_WHOLE = ("number", "first_s", "last_s")
_TYPED = ", ".join(f"{name} {'BIGINT' if name in _WHOLE else 'TEXT'}" for name in LengthQuestion._fields)
_NAMED = ", ".join(f"value ->> '$.{name}' AS {name}" for name in LengthQuestion._fields)
_THESE = """held_length AS h
WHERE h.place = w.place AND h.tier = w.tier AND h.name = w.name
  AND h.lasted_s >= w.first_s AND h.lasted_s < w.last_s AND h.month >= w.first_month AND h.month < w.last_month
  AND (w.kind = '' OR h.kind = w.kind) AND (w.grade = '' OR h.grade = w.grade) AND h.guard NOT IN
"""
_ON_POSTGRESQL = f"""
SELECT w.number, json_agg(h.lasted_s)::text, json_agg(h.n)::text FROM json_to_recordset(%s) AS w ({_TYPED})
CROSS JOIN LATERAL (SELECT * FROM {_THESE} (SELECT json_array_elements_text(%s::json)) OFFSET 0) AS h GROUP BY 1
"""
_ON_SQLITE = f"""
SELECT w.number, json_group_array(h.lasted_s), json_group_array(h.n)
FROM (SELECT {_NAMED} FROM json_each(?) LIMIT -1 OFFSET 0) AS w
CROSS JOIN {_THESE} (SELECT value FROM json_each(?)) GROUP BY 1
"""
"""Two lists come faster than as many rows. Each is looked up by itself: PostgreSQL would read all there are, not knowing how
few are wanted, and SQLite read what is wanted anew for each row of it.
"""
