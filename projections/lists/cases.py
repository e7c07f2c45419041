"""Lists of cases: filtered, searched and in order, each reader's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from domain.case import Case
from domain.case.terms import HELD, Board, Grade, Kind, Status
from domain.decider import Act
from domain.org import Org, Tier
from domain.refusals import Invalid
from projections.cases.case_file import CaseFile, case_file
from projections.cases.case_file import row as row_of
from projections.cases.then import Recall, Then
from projections.cases.visibility import few_seen, visible_among, visible_to
from projections.following.pages import KeyedRow, Page, SortKey, as_it_was, cursor, paged, read_cursor
from projections.following.projection import position_of
from projections.lists.along import first_of
from projections.lists.banked import counted, counts
from projections.lists.case_filter import CaseFilter
from projections.lists.order import KINDS, Order, Sort
from projections.lists.search import saying
from projections.lists.ways import near, ways
from projections.lists.words import words_of

c = case_file.c


@dataclass(frozen=True, kw_only=True)
class ListedCase:
    """A case as a list shows it. `due_at` is when an office will next be late with it."""

    id: str
    number: str
    version: int
    title: str
    kind: Kind
    grade: Grade
    status: Status
    board: Board | None
    tier: Tier | None
    unit: str | None
    accountable: str | None
    village: str | None
    category: str | None
    household: str | None
    reported_at: datetime
    updated_at: datetime
    due_at: datetime | None


COLUMNS = (c.case_id, *(c[name] for name in ListedCase.__dataclass_fields__ if name != "id"))


def listed(
    db: Connection,
    act: Act,
    wanted: CaseFilter,
    sort: Sort = Sort.REPORTED_AT,
    limit: int = 50,
    after: str | None = None,
    then: Then | None = None,
    *,
    recall: Recall,
) -> Page[ListedCase]:
    """One page of the cases this actor sees, as they are or were then. Raises Invalid for a cursor of another list.

    What has moved since the first page keeps the place it had then. See docs/decisions/0014-a-list-keeps-its-order.md.
    """
    order, before = Order(sort), read_cursor(sort, KINDS, after)
    last, at = before.last if before else None, then.at if then else act.at
    few, sought = few_seen(db, act), wanted.words
    query = select(*COLUMNS).where(visible_to(act, few), *_meets(wanted, act.org, at))
    moved: list[KeyedRow] = []
    if then is not None:
        moved = order.placed(_moved(db, act, wanted, then))
        query = query.where(then.unmoved)
    elif before is not None:
        since = order.moved(before.position)
        moved = _moved_since(db, order, saying(query.where(since), sought), before.position, recall)
        query = query.where(~since)
    query = saying(query, sought)
    if few is None and not wanted.in_one_place:
        others, mine = list(ways(db, act, wanted, sort, at)), near(act, sort, wanted.reported_after)
        # nothing comes anywhere, nor is anything due, before it is reported
        begin = last or order.beginning(wanted.reported_before, wanted.due_before, wanted.came_before)
        ending = order.ending(wanted.reported_after, wanted.due_by(at))
        rows = first_of(db, query, order, limit + 1, last=begin, ending=ending, ways=others, near=mine)
    else:
        query = query.where(*order.between(last, None)).order_by(*order.by)
        rows = db.execute(query.limit(limit + 1)).mappings().all()
    found = order.placed(rows) + [one for one in moved if last is None or order.follows(one[0], last)]
    found.sort(key=lambda one: one[0], reverse=not order.ascending)
    position = before.position if before else position_of(db, CaseFile.name)
    return paged(
        found, limit, lambda one: _listed(one[1], act.org, at), lambda last: cursor(sort, (*last[0], position))
    )


def _moved_since(db: Connection, order: Order, moved: Select[Any], position: int, recall: Recall) -> list[KeyedRow]:
    """Rows that have moved since a position, with the places they had there."""

    def place(case: Case, _: Mapping[Any, Any]) -> SortKey | None:
        return order.place_of(row_of(case, 0)) if case.report is not None else None

    return as_it_was(db, moved, "case_id", lambda ids: recall(ids, position, None), place)


def _moved(db: Connection, act: Act, wanted: CaseFilter, then: Then) -> Iterator[dict[str, Any]]:
    """Cases that moved since, as they stood then. Whether the reader sees them is decided by how they stand today."""
    were = {one.now.id: one for one in then.moved if one.then.report is not None}
    counted = wanted.counted(act.org)
    for id in visible_among(db, act, were):
        one = were[id]
        row = row_of(one.then, 0)
        says = wanted.words in words_of(one.then)
        if says and fits(wanted, row, then.at) and (counted is None or counts(counted, one.then, one.guard)):
            yield row


def fits(wanted: CaseFilter, row: Mapping[str, Any], now: datetime) -> bool:
    """What `_meets` says as SQL, for a row."""
    late = row["open"] and row["due_at"] is not None and row["due_at"] <= now
    return all(
        (
            *(getattr(wanted, name) in (None, row[name]) for name in (*EQUAL, "number")),
            wanted.overdue in (None, late),
            wanted.due_before is None or (row["due_at"] is not None and row["due_at"] < wanted.due_before),
            wanted.reported_after is None or row["reported_at"] >= wanted.reported_after,
            wanted.reported_before is None or row["reported_at"] < wanted.reported_before,
        )
    )


def _meets(wanted: CaseFilter, org: Org, now: datetime) -> Iterator[ColumnElement[bool]]:
    for name, value in asdict(wanted).items():
        if isinstance(value, str) and not "".join(value.split()).isprintable():
            raise Invalid(f"{name} holds a character that no case has", f"{name} 含有无效字符")
        if value is not None and name in EQUAL:
            yield c[name] == value
    if wanted.number is not None:
        yield c.number == wanted.number
    if wanted.overdue is not None:
        yield and_(c.open, c.due_at <= now) if wanted.overdue else or_(~c.open, c.due_at > now)
    if wanted.due_before is not None:
        yield c.due_at < wanted.due_before
    if wanted.reported_after is not None:
        yield c.reported_at >= wanted.reported_after
    if wanted.reported_before is not None:
        yield c.reported_at < wanted.reported_before
    if (question := wanted.counted(org)) is not None:
        yield counted(question)
    if wanted.came_before is not None:
        yield c.reported_at < wanted.came_before  # nothing comes anywhere before it is reported: the list begins there


EQUAL = frozenset({"status", "tier", "unit", "village", "kind", "category", "grade", "household", "open", "board"})


def _listed(row: Mapping[Any, Any], org: Org, at: datetime) -> ListedCase:
    """A row as the list shows it. While a unit holds the case, its head at that instant answers for it."""
    fields = {name: row["case_id" if name == "id" else name] for name in ListedCase.__dataclass_fields__}
    if row["status"] in HELD:
        fields["accountable"] = org.head_of(row["unit"], at)
    words = {name: kind(fields[name]) for name, kind in WORDS.items() if fields[name] is not None}
    return ListedCase(**fields | words)


WORDS: dict[str, type[StrEnum]] = {"kind": Kind, "grade": Grade, "status": Status, "board": Board, "tier": Tier}
