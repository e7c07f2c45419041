"""A queue as it stood at an earlier instant: what still waits there unmoved, and what waited there then."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, select

from domain.decider import Act
from projections.cases.case_file import case_file
from projections.cases.case_file import row as case_file_row
from projections.cases.then import Then
from projections.cases.visibility import each_visible_to, visible_among
from projections.following.pages import Page, SortKey, cursor, paged, read_cursor
from projections.following.schema import to_microseconds
from projections.queues.load import Counts, queues_of
from projections.queues.town_queue import KINDS, ORDERED, SHOWN, Waiting, place_of, rows, waiting, waiting_as


def page_then(
    db: Connection, act: Act, units: Collection[str], then: Then, soon: datetime, limit: int, after: str | None
) -> tuple[Page[Waiting], Counts]:
    """What waited for these units, of what the reader may see today, and how much there was of it."""
    found = _waited(db, act, queues_of(act.org, units), then)
    late = sum(one.due_at is not None and one.due_at <= then.at for _, one in found)
    pressing = sum(one.due_at is not None and one.due_at <= soon for _, one in found)
    counts = Counts(open=len(found), due_soon=pressing - late, overdue=late)
    before = read_cursor(ordered(then.at), KINDS, after)
    rest = [one for one in found if before is None or one[0] > before.last]
    return paged(rest, limit, itemgetter(1), lambda last: cursor(ordered(then.at), (*last[0], then.position))), counts


def ordered(at: datetime) -> str:
    """The name in the cursors of a queue as of an instant."""
    return f"{ORDERED} at {to_microseconds(at)}"


def _waited(db: Connection, act: Act, queues: set[str], then: Then) -> list[tuple[SortKey, Waiting]]:
    """Each case once, in its first place."""
    c = case_file.c
    unmoved = (
        select(*waiting.c, *(one for one in SHOWN if one.name != "case_id"))
        .join(case_file, c.case_id == waiting.c.case_id)
        .where(waiting.c.queue.in_(sorted(queues)), then.unmoved, each_visible_to(act))
    )
    found: list[Mapping[Any, Any]] = list(db.execute(unmoved).mappings())
    moved = {one.then.id: one.then for one in then.moved if not queues.isdisjoint(rows(one.then))}
    for case_id in visible_among(db, act, moved):
        shown = case_file_row(moved[case_id], 0)
        found += [{**shown, **row} for queue, row in rows(moved[case_id]).items() if queue in queues]
    first: dict[str, tuple[SortKey, Waiting]] = {}
    for row in sorted(found, key=place_of):
        first.setdefault(row["case_id"], (place_of(row), waiting_as(row)))
    return list(first.values())
