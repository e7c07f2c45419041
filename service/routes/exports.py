"""All cases one may see, in one file: as tables, as lines, or as an event log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from fastapi.responses import StreamingResponse

from domain.case import Case, sees
from domain.refusals import NotPermitted
from domain.streams import case_stream
from projections.following.pages import Page, read_cursor
from projections.lists import cases
from projections.lists.case_filter import CaseFilter
from projections.lists.order import KINDS, Sort
from service.audit.access_log import LookOutcome, Of
from service.exporting.tables import Workbook, csv_lines, json_lines
from service.exporting.xes import HEAD, TAIL, trace
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk, Desk, desk_of
from service.http.moments import At
from service.record.reading import folded
from service.routes.filters import Asked
from service.telling.history import Telling

PAGE = 200
"""Cases that are read at once."""

router = APIRouter(prefix="/v1/exports", tags=["feed"], route_class=StrictRoute)


class Form(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"
    XES = "xes"


MEDIA = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.JSONL: "application/jsonl",
    Form.XES: "application/xml",
}
DESCRIBED: dict[int | str, dict[str, Any]] = {
    200: {"content": {media.partition(";")[0]: {} for media in MEDIA.values()}}
}


@router.get("/cases.{form}", response_class=StreamingResponse, responses=DESCRIBED, operation_id="export_cases")
async def export(
    form: Annotated[Form, Path()],
    desk: AtDesk,
    wanted: Asked,
    at: At = None,
) -> Response:
    """The cases of the list with the same filters, the latest first; in an event log with all that happened to them."""
    first, position = await page(desk, wanted, at, None)
    await desk.on_record("export", f"cases.{form}", LookOutcome.SHOWN, Of.VIEW)
    desk.request.scope["deadline"].reschedule(None)
    rows = pages(desk, wanted, at, first)
    headers = {"Content-Disposition": f'attachment; filename="cases.{form}"', "Cache-Control": "no-store"} | position
    return StreamingResponse(written(form, desk, rows, at), 200, headers, MEDIA[form])


async def page(
    desk: Desk, wanted: CaseFilter, at: datetime | None, after: str | None
) -> tuple[Page[cases.ListedCase], dict[str, str]]:
    """Some of them, and the position they are shown for."""
    recall, before = desk.office.earlier.recall, read_cursor(Sort.REPORTED_AT, KINDS, after)
    return await desk.view_then(
        at,
        lambda db, act, then: cases.listed(db, act, wanted, limit=PAGE, after=after, then=then, recall=recall),
        before.position if before else None,
    )


Pages = AsyncIterator[tuple[Desk, list[dict[str, Any]]]]
"""Who reads each, and its rows."""


async def pages(desk: Desk, wanted: CaseFilter, at: datetime | None, first: Page[cases.ListedCase]) -> Pages:
    """All of them, some at a time.

    Who reads is asked for each. Raises Unauthenticated when he may no more, NotPermitted when he has other posts than
    when it began: what he has by then breaks off, and is not ended as if it were whole.
    """
    found, now = first, desk
    while True:
        yield now, now.in_zone(list(found.items))
        if found.next is None:
            return
        now = await desk_of(desk.request, position=desk.min_position)
        if now.by != desk.by:
            raise NotPermitted("your posts are others than when this began", "导出期间岗位已变动，请重新导出")
        found, _ = await page(now, wanted, at, found.next)


def written(form: Form, desk: Desk, rows: Pages, at: datetime | None) -> AsyncIterator[bytes]:
    match form:
        case Form.CSV:
            return as_csv(rows)
        case Form.XLSX:
            return as_xlsx(desk, rows)
        case Form.JSONL:
            return as_jsonl(rows)
        case Form.XES:
            return as_xes(rows, at)


async def as_csv(rows: Pages) -> AsyncIterator[bytes]:
    yield csv_lines(None)
    async for _, some in rows:
        yield csv_lines(some)


async def as_jsonl(rows: Pages) -> AsyncIterator[bytes]:
    async for _, some in rows:
        yield json_lines(some)


async def as_xlsx(desk: Desk, rows: Pages) -> AsyncIterator[bytes]:
    book = Workbook()
    try:
        async for _, some in rows:
            await desk.office.in_thread(partial(book.add, some))
        await desk.office.in_thread(book.pack, long=desk.by.id)
        for part in book.parts():
            yield part
    finally:
        # nobody waits for it: who broke off may not wait, and a thread may still be at it
        asyncio.get_running_loop().run_in_executor(None, book.close)


async def as_xes(rows: Pages, at: datetime | None) -> AsyncIterator[bytes]:
    """What a reader may see of the history of each case, up to the instant."""
    yield HEAD
    async for desk, some in rows:
        ids = [row["id"] for row in some]
        yield await desk.office.in_thread(partial(_traces, desk, ids, at), long=desk.by.id)
    yield TAIL


def _traces(desk: Desk, ids: list[str], at: datetime | None) -> bytes:
    act, office = desk.act(), desk.office
    lines = office.recorder.select_streams([case_stream(one) for one in ids])
    states: dict[str, Case] = office.ledger.states(lines)
    cases: dict[str, Case] = {stream: folded(stream, lines[stream], at=at) for stream in lines} if at else states
    return b"".join(
        trace(cases[stream], lines[stream][: cases[stream].version], Telling.of(states[stream], act, desk.chinese))
        for stream in map(case_stream, ids)
        if stream in lines and sees(states[stream], act)
    )
