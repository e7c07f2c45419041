"""Files of reports as the tests make them, and what came of sending one."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import httpx
import orjson
import xlsxwriter

from api_tests.client import Client, done, new_key
from api_tests.district import Json

CLERK = "clerk:T01"


async def sent(api: Client, content: bytes, by: str = "admin", key: str | None = None, **asked: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key or new_key()}
    return await api.send("POST", "/v1/imports", by=by, files={"file": ("a", content)}, headers=headers, params=asked)


async def ended(api: Client, job: Json, by: str = "admin", **headers: str) -> Json:
    """The job once it has ended."""
    while True:
        found = done(await api.get(f"/v1/jobs/{job['id']}", by, **headers))
        if found["state"] in ("done", "failed"):
            return found
        await asyncio.sleep(0.02)


async def imported(api: Client, content: bytes, by: str = "admin", **asked: Any) -> Json:
    return await ended(api, done(await sent(api, content, by, **asked), 202), by)


def counts(job: Json) -> tuple[str, int, int, int, int]:
    return job["state"], job["rows"], job["imported"], job["already_there"], job["refused"]


def said(job: Json) -> dict[int, list[str]]:
    return {one["row"]: [error["field"] for error in one["errors"]] for one in job["errors"]}


def table(*rows: str) -> bytes:
    return "\r\n".join(rows).encode()


def lines(*told: Json) -> bytes:
    return b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in told)


def workbook(*rows: list[Any], formula: tuple[int, int] | None = None) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    if formula:
        sheet.write_formula(*formula, '=HYPERLINK("http://elsewhere.example","x")', None, "what it showed")
    book.close()
    return out.getvalue()


async def cases(api: Client, **asked: Any) -> list[Json]:
    last = (await api.get("/readyz")).json()["position"]
    query = {"limit": 200, "min_position": last, **asked}
    return list(done(await api.send("GET", "/v1/cases", by="auditor", params=query))["items"])


CHINESE = table(
    "标题,内容,事项类型,所属村,渠道,来源,等级,发生时间,姓名,联系电话,代办",
    "水管坏了,没有水,群众诉求,V0101,村级服务点,群众来访,Ⅲ级一般,2025-03-02 09:10,张三,13912345678,是",
    "路灯不亮,,投诉,V0201,热线,举报投诉,III,2025年3月1日,,,否",
)
