"""Which requests are asked for, and what became of them: by ids, or in a span of time, as far as a key sees."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from domain.case import Case, sees
from domain.decider import Act
from domain.refusals import Invalid, NotFound
from domain.streams import case_stream
from projections.following.pages import Page
from projections.lists import cases
from projections.lists.case_filter import CaseFilter
from projections.lists.order import Sort
from service.http.desk import Desk
from service.open311.requests import updates
from service.open311.services import kind_of
from service.open311.shapes import Standing, Update

SPAN = timedelta(days=90)
MOST = 1000
"""Requests or updates in one answer."""
NAMED = 50
"""Requests that may be asked for by their ids at once."""
TOGETHER = 200
"""Cases that are read at once."""


async def named(desk: Desk, ids: str) -> list[Case]:
    """The cases of these ids that one may see."""
    wanted = [id.strip() for id in ids.split(",")]
    if len(wanted) > NAMED:
        raise Invalid(f"ask for {NAMED} ids at once", f"一次最多查询 {NAMED} 个编号")
    found = []
    for id in dict.fromkeys(wanted):
        try:
            found.append((await desk.case(id))[0])
        except NotFound:
            continue
    return found


async def reported(desk: Desk, codes: str, status: str, since: datetime, until: datetime) -> list[Case]:
    """The cases that were reported in a span of time, the latest first."""
    wanted = partial(
        CaseFilter,
        open=still_open(status),
        reported_after=since,
        reported_before=until + timedelta(microseconds=1),
    )
    recall = desk.office.earlier.recall
    kinds = dict.fromkeys(kind_of(one.strip()) for one in codes.split(",") if one)
    asked = [wanted(kind=kind) for kind in kinds] or [wanted()]

    def ask(db: Connection, act: Act) -> list[str]:
        listed = [one for each in asked for one in cases.listed(db, act, each, limit=MOST, recall=recall).items]
        listed.sort(key=lambda one: (one.reported_at, one.id), reverse=True)
        return [one.id for one in listed[:MOST]]

    ids, _ = await desk.view(ask)
    some = [ids[start : start + TOGETHER] for start in range(0, len(ids), TOGETHER)]
    return [case for each in some for case in (await desk.cases(each)).values()]


async def recent(desk: Desk, since: datetime, until: datetime) -> list[Update]:
    """The cases in which something happened in a span of time, from the one that changed last.

    They are searched until none left can have changed that late: nothing comes of a case before it is reported.
    """
    recall, wanted = desk.office.earlier.recall, CaseFilter(reported_before=until + timedelta(microseconds=1))
    found: list[Update] = []
    after: str | None = None
    while True:

        def ask(db: Connection, act: Act, after: str | None = after) -> Page[cases.ListedCase]:
            return cases.listed(db, act, wanted, Sort.UPDATED_AT, TOGETHER, after, recall=recall)

        page, _ = await desk.view(ask)
        found += await followed(desk, [one.id for one in page.items if one.updated_at >= since], since, until)
        after = page.next
        if after is None or page.items[-1].updated_at < since:
            return found
        if sum(one.updated_datetime > page.items[-1].updated_at for one in found) >= MOST:
            return found


async def followed(desk: Desk, ids: list[str], since: datetime, until: datetime) -> list[Update]:
    """The changes of some cases in a span of time."""
    act, office = desk.act(), desk.office

    def read() -> list[Update]:
        lines = office.recorder.select_streams([case_stream(id) for id in ids])
        states: dict[str, Case] = office.ledger.states(lines)
        histories = ((states[stream].id, lines[stream]) for stream in lines if sees(states[stream], act))
        return [one for id, each in histories for one in updates(id, each, since, until, act, desk.chinese)]

    return await office.in_thread(read) if ids else []


def span(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """From when to when: 90 days at most, the last ones if not said otherwise."""
    since = start or (end or now) - SPAN
    until = end or min(since + SPAN, now)
    if until - since > SPAN:
        raise Invalid("start_date lies more than 90 days before end_date", "start_date 早于 end_date 超过 90 天")
    return since, until


def still_open(status: str) -> bool | None:
    asked = {one.strip() for one in status.split(",") if one}
    if not asked <= set(Standing):
        raise Invalid("status is open, closed, or both", "status 须为 open 或 closed")
    return Standing.OPEN in asked if len(asked) == 1 else None
