"""What is no table, too large or made to hurt is refused as a whole, and hurts nobody."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
import xlsxwriter

from api_tests.client import Client, done, new_key, refused
from api_tests.importing.files import ended, imported, said, sent, table, workbook
from service.importing import sheets
from service.office import Office


def with_sheet(*parts: bytes) -> bytes:
    """A workbook with something else for a sheet."""
    out, name = io.BytesIO(), "xl/worksheets/sheet1.xml"
    real, made = zipfile.ZipFile(io.BytesIO(workbook(["title"]))), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)
    with real, made:
        for other in set(real.namelist()) - {name}:
            made.writestr(other, real.read(other))
        with made.open(name, "w") as sheet:
            sheet.writelines(parts)
    return out.getvalue()


def bomb() -> bytes:
    """A small file that unpacks to 300 megabytes."""
    row = b'<row><c t="inlineStr"><is><t>' + b"x" * 1_000_000 + b"</t></is></c></row>"
    return with_sheet(b"<worksheet><sheetData>", *[row] * 300, b"</sheetData></worksheet>")


def far_apart() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write(0, 0, "title")
    sheet.write(1_048_575, 16_383, "x")
    book.close()
    return out.getvalue()


UNREADABLE: dict[str, Callable[[], bytes]] = {
    "a bomb": bomb,
    "two cells far apart": far_apart,
    "a workbook whose sheet is none": lambda: with_sheet(b"<x"),
    "a million columns": lambda: b"title" + b",x" * 1_000_000,
    "more rows than anybody fills in": lambda: b"title,kind\n" + b"x,request\n" * (sheets.MOST_ROWS + 1),
    "an unknown heading": lambda: table("title,kind,Canary", "a,request,b"),
    "the same heading twice": lambda: table("title,kind,title", "a,request,b"),
    "two headings that mean the same": lambda: table("title,kind,标题", "a,request,b"),
    "a quotation without an end": lambda: table("title,kind,description", 'a,request,"b', "Canary,request,c"),
    "one cell without an end": lambda: b'title,kind\n"' + b"x" * 200_000,
}
NO_TABLE = {
    "a picture": b"\x89PNG\r\n\x1a\n" + b"x" * 100,
    "another archive": b"PK\x03\x04" + b"x" * 100,
    "bytes": bytes(range(256)) * 10,
    "text with a NUL": b"title,kind\nx\x00,request",
}


@pytest.mark.parametrize("made", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_a_file_that_cannot_be_read_as_a_whole_ends_the_job_and_nothing_else(
    standing_api: Client, standing_office: Office, made: Callable[[], bytes]
) -> None:
    last = standing_office.recorder.max_notification_id()
    job = await imported(standing_api, made())
    assert (job["state"], job["imported"], list(said(job))) == ("failed", 0, [0])
    assert "Canary" not in str(job)
    assert standing_office.recorder.max_notification_id() == last


@pytest.mark.parametrize("content", NO_TABLE.values(), ids=NO_TABLE.keys())
async def test_what_is_no_table_is_not_taken(standing_api: Client, content: bytes) -> None:
    refused(await sent(standing_api, content), 415, "unsupported_media_type")


async def test_twenty_megabytes_are_taken_and_no_more(standing_api: Client) -> None:
    largest = 20 * 1024 * 1024
    refused(await sent(standing_api, b" " * (largest + 1)), 413, "too_large")
    refused(await sent(standing_api, b" " * (2 * largest)), 413, "too_large")
    refused(await sent(standing_api, b""), 422, "invalid")
    headers = {"Idempotency-Key": new_key(), "Content-Type": "text/csv"}
    whole = (b"title,kind\n" + b"," * 10).ljust(largest, b"\n")
    answer = await standing_api.send("POST", "/v1/imports", by="admin", content=whole, headers=headers)
    assert (await ended(standing_api, done(answer, 202)))["state"] == "failed"
