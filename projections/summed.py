"""Sums of stays, kept so that no answer needs to look at each: by year, month and day; everywhere, in a town, at a unit.

A row is the tally of what was entered in its span of time, and of the clocks that fell due in it. Medians come from the
same rows: durations lie in buckets, and only those of the deciding bucket are looked up one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Column, Connection, Index, Table, Text

from domain.case.terms import Exit
from domain.org.state import SHANGHAI
from projections.bulk import chunks, remove, upsert
from projections.durations import bucket_of
from projections.schema import EPOCH, MICROSECOND, metadata, text
from projections.tally import Mark, Tally

held_sum = Table(
    "held_sum",
    metadata,
    Column("id", text(1400), primary_key=True),
    Column("span", text(10), nullable=False),
    Column("place", text(80), nullable=False),
    Column("tier", text(16), nullable=False),
    Column("kind", text(16), nullable=False),
    Column("grade", text(4), nullable=False),
    Column("guard", text(1000), nullable=False),
    Column("tally", Text, nullable=False),
    Index("held_sum_by_span", "span", "kind", "place"),
)
"""`span` is a year, a month or a day of the district. Kind and grade are empty where all are counted together."""

YEAR, MONTH, DAY = 4, 7, 10
"""Spans by the length of their names: 2025, 2025-03, 2025-03-05."""

EVERYWHERE = ""
IN_TOWN, AT_UNIT, CHARGED = "in:", "at:", "to:"
"""What was void is kept apart, under the unit to which it is charged."""

ESCALATED = (Exit.ESCALATED_MANUAL, Exit.ESCALATED_DEADLINE)
HOUR_US, SECOND_US = 3_600_000_000, 1_000_000

Row = Mapping[str, Any]
Sums = dict[tuple[str, str, str, str, str, str], Tally]


def change(sums: Sums, before: Sequence[Row], after: Sequence[Row]) -> None:
    """Count the stays of a case as they are, and no more as they were, wherever they belong."""
    old, new = (list(zip(rows, earlier(rows), strict=True)) for rows in (before, after))
    for place, (row, again) in enumerate(old):
        if place >= len(new) or new[place] != (row, again):
            count(sums, row, again, -1)
    for place, (row, again) in enumerate(new):
        if place >= len(old) or old[place] != (row, again):
            count(sums, row, again, 1)


def count(sums: Sums, row: Row, again: Mapping[str, tuple[datetime | None, datetime | None]], sign: int) -> None:
    if row["void"]:
        _count(sums, row, CHARGED + (row["charged_to"] or row["unit"]), "", row["entered_at"], void(row), sign)
        return
    came, due = entered(row), list(fell_due(row))
    for place in places(row):
        marks = [*came, *came_again(again[place])]
        _count(sums, row, place, row["tier"], row["entered_at"], marks, sign)
        for at, late in due:
            _count(sums, row, place, row["tier"], at, late, sign)


def _count(sums: Sums, row: Row, place: str, tier: str, at: datetime, marks: Sequence[Mark], sign: int) -> None:
    day, guard = day_of(at), row["guard"]
    for length in (YEAR, MONTH) if place.startswith(AT_UNIT) else (YEAR, MONTH, DAY):
        for kind, grade in [("", "")] if length == YEAR else [("", ""), (row["kind"], row["grade"])]:
            key = (day[:length], place, tier, kind, grade, guard)
            if (known := sums.get(key)) is None:
                known = sums[key] = Tally()
            known.count(marks, sign)


def places(row: Row) -> tuple[str, str, str]:
    return EVERYWHERE, IN_TOWN + (row["town"] or ""), AT_UNIT + row["unit"]


def earlier(rows: Sequence[Row]) -> Iterator[Mapping[str, tuple[datetime | None, datetime | None]]]:
    """For each stay and place: when the case had come there before, and when into this tier of it."""
    seen: dict[tuple[str, str], datetime] = {}
    for row in rows:
        if row["void"]:
            yield {}
            continue
        tier = row["tier"]
        yield {place: (seen.get((place, "")), seen.get((place, tier))) for place in places(row)}
        for place in places(row):
            seen[place, ""] = seen[place, tier] = row["entered_at"]


def came_again(before: tuple[datetime | None, datetime | None]) -> Iterator[Mark]:
    for name, at in zip(("again", "again_in_tier"), before, strict=True):
        if at is not None:
            yield name, at.astimezone(SHANGHAI).toordinal(), 1


def entered(row: Row) -> list[Mark]:
    """What a stay adds to the time in which it began."""
    start, marks = microseconds(row["entered_at"]), [("entries", 0, 1)]
    exit_, over = row["exit"], row["left_at"] is not None
    for name, n in (
        ("escalated", exit_ in ESCALATED),
        ("remanded", exit_ == Exit.REMANDED),
        ("disputed_rejected", row["rejected_disputes"]),
        ("reopened", row["reopened"]),
    ):
        if n:
            marks.append((name, 0, int(n)))
    if over:
        marks += [("total_s", 0, row["took_s"]), ("hold", bucket_of(row["took_s"]), 1)]
        marks += [("net_total_s", 0, row["net_s"]), ("net", bucket_of(row["net_s"]), 1)]
    else:
        marks += [("open", start // HOUR_US, 1), ("open_since_s", 0, start // SECOND_US)]
        if row["paused_since"] is not None:
            marks += [("net_total_s", 0, row["net_s"]), ("net_kept", bucket_of(row["net_s"]), 1)]
        else:
            since = start // SECOND_US + row["paused_s"]
            marks += [("running", since // 3600, 1), ("running_since_s", 0, since)]
    if row["entry_no"] == 1 and row["response_due_at"] is not None:
        if row["response_s"] is None:
            marks.append(("owing", start // HOUR_US, 1))
        else:
            answered = row["first_response_at"] is not None
            marks.append(("answered" if answered else "unanswered", bucket_of(row["response_s"]), 1))
    return marks


def fell_due(row: Row) -> Iterator[tuple[datetime, list[Mark]]]:
    """What each of its clocks adds to the time in which it was due."""
    if (due := row["response_due_at"]) is not None:
        stopped, half = row["response_stopped_at"], half_hour(due)
        late = [("response_late", half, 1)] if stopped is None or stopped >= due else []
        yield due, [("response_due", half, 1), *late]
    if (due := row["hold_due_at"]) is not None:
        stopped, half = row["hold_stopped_at"], half_hour(due)
        if stopped is None or stopped >= due:
            yield due, [("hold_due", half, 1), ("hold_late", half, 1)]
        else:
            effective = not row["reopened"] and not row["premature"]
            yield due, [("hold_due", half, 1), *([("effective", half, 1)] if effective else [])]


def void(row: Row) -> list[Mark]:
    return [("void", 0, 1), ("void_s", 0, row["took_s"] or 0)]


def half_hour(at: datetime) -> int:
    """Even for what is on the hour, odd for what is between: so a time that begins or ends on the hour takes in neither
    more nor less."""
    hour, rest = divmod(microseconds(at), HOUR_US)
    return 2 * hour + bool(rest)


def microseconds(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def day_of(at: datetime) -> str:
    return at.astimezone(SHANGHAI).date().isoformat()


def write(db: Connection, sums: Sums) -> None:
    """Add these to what is kept. What has come down to nothing is not kept."""
    changed = {"\t".join(key): (key, tally) for key, tally in sums.items() if tally}
    for id, kept in _kept(db, changed):
        changed[id][1].read(kept)
    names = [column.name for column in held_sum.columns][1:-1]
    rows, gone = [], []
    for id, (key, tally) in changed.items():
        if tally:
            rows.append({"id": id, **dict(zip(names, key, strict=True)), "tally": tally.written()})
        else:
            gone.append((id,))
    upsert(db, held_sum, rows)
    remove(db, held_sum, gone)


def _kept(db: Connection, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    asked = "IN (SELECT value FROM json_each(?))"
    if db.dialect.name == "postgresql":
        asked = "IN (SELECT json_array_elements_text(%s::json))"
    for some in chunks(ids, 5000):
        told = (orjson.dumps(some).decode(),)
        yield from db.exec_driver_sql(f"SELECT id, tally FROM {held_sum.name} WHERE id {asked}", told)
