"""Files of reports: every row becomes a case once, or is told with its number and what is wrong with it; nothing of the
file outlives the job.
"""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import xlsxwriter
from sqlalchemy import select

from api_tests.client import Client, done, new_key, refused
from api_tests.district import Json
from api_tests.server import Server
from service.importing import importer, sheets
from service.office import Office
from service.settings import Settings
from service.storage.tables import events, jobs
from service.terminal.importing_reports import import_reports

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
    last = done(await api.get("/readyz"))["position"]
    query = {"limit": 200, "min_position": last, **asked}
    return list(done(await api.send("GET", "/v1/cases", by="auditor", params=query))["items"])


CHINESE = table(
    "标题,内容,事项类型,所属村,渠道,来源,等级,发生时间,姓名,联系电话,代办",
    "水管坏了,没有水,群众诉求,V0101,村级服务点,群众来访,Ⅲ级一般,2025-03-02 09:10,张三,13912345678,是",
    "路灯不亮,,投诉,V0201,热线,举报投诉,III,2025年3月1日,,,否",
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
async def test_a_table_with_chinese_headings_becomes_cases(api: Client, encoding: str) -> None:
    assert counts(await imported(api, CHINESE.decode().encode(encoding))) == ("done", 2, 2, 0, 0)
    [light, pipe] = sorted(await cases(api), key=lambda case: str(case["title"]), reverse=True)
    assert (pipe["title"], pipe["kind"], pipe["village"]) == ("水管坏了", "request", "V0101")
    whole = await api.case(pipe)
    assert (whole["description"], whole["occurred_at"]) == ("没有水", "2025-03-02T09:10:00+08:00")
    assert (light["kind"], (await api.case(light))["occurred_at"]) == ("complaint", "2025-03-01T00:00:00+08:00")
    first, *_ = await api.history(pipe)
    assert first["data"]["channel"] == "village_desk"
    told = done(await api.post(f"/v1/cases/{pipe['id']}/disclose-identity", {"purpose": "to call"}, by="follow-up"))
    assert (told["name"], told["phone"]) == ("张三", "13912345678")


async def test_a_workbook_becomes_cases_with_days_numbers_and_what_formulas_show(api: Client) -> None:
    rows: list[list[Any]] = [
        ["title", "kind", "occurred_at", "petitioner.phone", "petitioner.id_number", "description"],
        ["The pipe", "request", datetime(2025, 3, 2, 9, 10), 13912345678, "", ""],
        [],
        ["The road", "request", "", "", 612401199001011234, ""],
    ]
    job = await imported(api, workbook(*rows, formula=(1, 5)))
    assert counts(job) == ("done", 2, 1, 0, 1)
    assert said(job) == {4: ["petitioner.id_number"]}
    [pipe] = await cases(api)
    whole = await api.case(pipe)
    assert (whole["occurred_at"], whole["description"]) == ("2025-03-02T09:10:00+08:00", "what it showed")


async def test_lines_of_json_are_reports_as_they_are_sent(api: Client) -> None:
    content = lines(
        {"title": "One", "kind": "request", "petitioner": {"name": "Canary"}},
        {"title": "Two", "kind": "request", "unknown": 1},
    )
    job = await imported(api, content + b'\n{"title": "x", "title": "y", "kind": "request"}\n[1]\n{\n')
    assert counts(job) == ("done", 5, 1, 0, 4)
    assert list(said(job)) == [2, 4, 5, 6]


async def test_each_row_that_is_refused_is_told_and_the_others_are_taken(api: Client) -> None:
    content = table(
        "title,kind,village,occurred_at,location.lon,",
        "Good,request,V0101,,,",
        ",request,,,,",
        "No kind,,,,,",
        "Canary kind,Canary,,,,",
        "No such village,request,Canary,,,",
        "No day,request,,Canary,,",
        "No number,request,,,Canary,",
        "Too long,request,,,,Canary",
        f"{'x' * 201},request,,,,",
        "In the future,request,,2030-01-01,,",
        "",
        "Good again,request,,,,",
    )
    job = await imported(api, content)
    assert counts(job) == ("done", 11, 2, 0, 9)
    assert said(job) == {
        3: ["title"],
        4: ["kind"],
        5: ["kind"],
        6: [""],
        7: ["occurred_at"],
        8: ["location.lon"],
        9: [""],
        10: ["title"],
        11: [""],
    }
    chinese = await ended(api, job, accept_language="zh")
    for told in (job, chinese):
        assert "Canary" not in str(told)
    assert "必填" in str(chinese["errors"])
    assert job["errors_left_out"] == 0


async def test_a_dry_run_says_the_same_and_changes_nothing(api: Client, office: Office) -> None:
    content = table("title,kind,village", "One,request,V0101", "Two,nothing,", "Three,request,V9")
    last = office.recorder.max_notification_id()
    tried = await imported(api, content, dry_run=True)
    assert (counts(tried), said(tried)) == (("done", 3, 1, 0, 2), {3: ["kind"], 4: [""]})
    assert office.recorder.max_notification_id() == last
    assert counts(await imported(api, content)) == ("done", 3, 1, 0, 2)
    await api.set_clock("2025-03-03 08:01")
    assert counts(await imported(api, content, dry_run=True)) == ("done", 3, 0, 1, 2)


async def test_a_dry_run_knows_the_register_and_what_was_imported_under_a_number(api: Client) -> None:
    done(await api.post("/v1/households", {"id": "HH-1", "village": "V0101"}, by="cadre:V0101"), 201)
    content = table("title,kind,household,external_id", "One,request,HH-1,1", "Two,request,HH-2,2")
    assert [counts(await imported(api, content, dry_run=dry)) for dry in (True, False)] == [("done", 2, 1, 0, 1)] * 2
    changed = table("title,kind,external_id", "Another,request,1")
    assert [counts(await imported(api, changed, dry_run=dry)) for dry in (True, False)] == [("done", 1, 0, 0, 1)] * 2


async def test_a_file_sent_again_changes_nothing_whoever_sends_it(api: Client, office: Office) -> None:
    content = table("title,kind,village", *(f"Case {number},request,V0101" for number in range(200)))
    job = await imported(api, content)
    assert counts(job) == ("done", 200, 200, 0, 0)
    last = office.recorder.max_notification_id()
    assert job["position"] == last
    await api.set_clock("2025-03-03 08:01")
    for by in ("admin", CLERK):
        assert counts(await imported(api, content, by)) == ("done", 200, 0, 200, 0)
    assert office.recorder.max_notification_id() == last


async def test_a_row_with_a_number_of_its_own_is_the_same_in_any_file(api: Client) -> None:
    assert counts(await imported(api, table("title,kind,external_id", "One,request,17", "Two,x,18"))) == (
        *("done", 2, 1, 0, 1),
    )
    await api.set_clock("2025-03-03 08:01")
    corrected = table("title,kind,external_id", "Two,request,18", "One,request,17", "Other,request,17")
    job = await imported(api, corrected)
    assert (counts(job), said(job)) == (("done", 3, 1, 1, 1), {4: ["external_id"]})


async def test_the_same_key_is_the_same_job(api: Client) -> None:
    content = table("title,kind", "One,request")
    first = done(await sent(api, content, key="one"), 202)
    again = await sent(api, content, key="one")
    assert (again.json()["id"], again.headers["idempotency-replayed"]) == (first["id"], "true")
    refused(await sent(api, content + b"\r\n", key="one"), 422, "idempotency_key_reused")
    refused(await sent(api, content, key="one", dry_run=True), 422, "idempotency_key_reused")
    refused(await api.send("POST", "/v1/imports", by="admin", files={"file": content}), 400, "idempotency_key_missing")


async def test_clerks_import_for_their_own_town_integrators_and_administrators_for_all(api: Client) -> None:
    content = table("title,kind,village", "Mine,request,V0101", "Theirs,request,V0201", "Nowhere,request,")
    job = await imported(api, content, CLERK)
    assert (counts(job), said(job)) == (("done", 3, 1, 0, 2), {3: ["village"], 4: ["village"]})
    for by in ("citizen:1", "head:T01", "auditor", "dispatcher"):
        refused(await sent(api, content, by), 403, "not_permitted")
    refused(await api.send("POST", "/v1/imports", by=None, headers={"Idempotency-Key": "x"}), 401, "unauthenticated")


async def test_a_job_is_seen_by_who_began_it_and_by_administrators(api: Client) -> None:
    content = table("title,kind,village", "One,request,V0101")
    mine = done(await sent(api, content, CLERK), 202)
    await api.set_clock("2025-03-03 08:01")
    theirs = done(await sent(api, content + b"\n", "clerk:T02"), 202)
    refused(await api.get(f"/v1/jobs/{theirs['id']}", CLERK), 404, "not_found")
    refused(await api.get("/v1/jobs/nothing", CLERK), 404, "not_found")
    done(await api.get(f"/v1/jobs/{mine['id']}", "admin"))
    assert [one["id"] for one in done(await api.get("/v1/jobs", CLERK))["items"]] == [mine["id"]]
    page = done(await api.get("/v1/jobs?limit=1", "admin"))
    assert [one["id"] for one in page["items"]] == [theirs["id"]]
    rest = done(await api.get(f"/v1/jobs?limit=1&cursor={page['next']}", "admin"))
    assert ([one["id"] for one in rest["items"]], rest["next"]) == ([mine["id"]], None)


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


async def test_nothing_of_a_file_outlives_its_job_but_what_was_reported(
    api: Client, office: Office, capfd: pytest.CaptureFixture[str]
) -> None:
    content = table(
        "title,kind,petitioner.name,petitioner.phone", "x,request,Canary,13900000001", "y,no,Canary,1390000"
    )
    done(await sent(api, content, key="canary"), 202)
    [job] = done(await api.get("/v1/jobs", "admin"))["items"]
    await ended(api, job)
    with office.engine.connect() as db:
        row = db.execute(select(jobs)).one()
        states = [bytes(state) for state in db.execute(select(events.c.state)).scalars()]
    assert row.content is None
    assert "Canary" not in str(row)
    assert not any(b"Canary" in state or b"1390000" in state for state in states)
    assert "Canary" not in "".join(capfd.readouterr())
    if office.engine.dialect.name == "sqlite":
        path = Path(office.engine.url.database or "")
        assert not any(b"Canary" in beside.read_bytes() for beside in path.parent.glob(f"{path.name}*"))


async def test_whoever_has_ten_files_waiting_sends_no_more(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer.Importer, "_next", lambda _: False)
    for number in range(10):
        done(await sent(api, table("title,kind", f"{number},request")), 202)
    refused(await sent(api, table("title,kind", "x,request")), 409, "limit_reached")
    done(await sent(api, table("title,kind,village", "x,request,V0101"), CLERK), 202)


async def test_a_job_that_is_interrupted_again_and_again_without_a_step_forward_is_given_up(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(importer, "PATIENCE", 0.01)
    monkeypatch.setattr(importer, "report_all", interrupted)
    job = await imported(api, table("title,kind", "One,request"))
    assert (job["state"], list(said(job))) == ("failed", [0])


@pytest.mark.parametrize("kills", [1, pytest.param(5, marks=pytest.mark.soak)])
async def test_killed_in_the_middle_it_goes_on_and_each_row_is_there_once(
    database_url: str, serve: Callable[..., Server], kills: int
) -> None:
    rows = 1000 * kills
    content = lines(*({"title": f"Case {number}", "kind": "request"} for number in range(rows)))
    server = serve(database_url, SANJI_CLOCK="manual")
    async with server.http() as http:
        api = Client(http)
        job = done(await sent(api, content), 202)
        for _ in range(kills):
            far = done(await api.get(f"/v1/jobs/{job['id']}", "admin"))["read"]
            while done(await api.get(f"/v1/jobs/{job['id']}", "admin"))["read"] in (far, 0):
                await asyncio.sleep(0.01)
            server.kill()
            await asyncio.to_thread(server.start)
        job = await ended(api, job)
        assert counts(job) == ("done", rows, rows, 0, 0)
        listed: list[Json] = []
        query: Json = {"limit": 200, "min_position": done(await api.get("/readyz"))["position"]}
        while True:
            page = done(await api.send("GET", "/v1/cases", by="auditor", params=query))
            listed += page["items"]
            if page["next"] is None:
                break
            query["cursor"] = page["next"]
    assert sorted(one["title"] for one in listed) == sorted(f"Case {number}" for number in range(rows))
    assert "Case 1" not in server.logged()


def test_from_the_terminal_the_same_is_imported_once(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "reports.csv"
    file.write_bytes(table("标题,事项类型", "One,群众诉求", "Two,Canary"))
    settings = Settings(database_url=database_url, data_dir=tmp_path)
    told = []
    for dry_run in (True, False, False):
        assert import_reports(settings, file, dry_run=dry_run) == 1
        told.append(capsys.readouterr().out)
    assert [line for one in told for line in one.splitlines() if "rows:" in line] == [
        "2 rows: 1 would become cases, 0 were there already, 1 were refused.",
        "2 rows: 1 became cases, 0 were there already, 1 were refused.",
        "2 rows: 0 became cases, 1 were there already, 1 were refused.",
    ]
    assert "row 3: kind: " in told[0]
    assert "Canary" not in "".join(told)
    file.write_bytes(b"PK")
    assert import_reports(settings, file, dry_run=False) == 1
