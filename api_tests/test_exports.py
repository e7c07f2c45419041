"""What goes out in files: exactly the cases of the list, in forms that offices and programs read without harm."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import tempfile
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path
from threading import current_thread, main_thread

import pytest
import xlsxwriter
from fastapi import Request

from api_tests.client import Client, done, refused
from api_tests.district import DONE, Json, followed
from api_tests.inprocess import reopened
from api_tests.server import PATIENCE
from domain.refusals import NotPermitted
from projections.lists.case_filter import CaseFilter
from service.http.desk import desk_of
from service.office import Office
from service.routes import exports

FORMS = ("csv", "jsonl", "xlsx", "xes")
NAMESPACE = "{http://www.xes-standard.org/}"


async def exported(api: Client, form: str, by: str = "auditor", query: str = "") -> bytes:
    last = str((await api.get("/readyz")).json()["position"])
    answer = await api.get(f"/v1/exports/cases.{form}{query}", by, sanji_min_position=last)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == f'attachment; filename="cases.{form}"'
    assert int(answer.headers["sanji-position"]) >= int(last)
    return answer.content


def ids(form: str, body: bytes) -> list[str]:
    match form:
        case "csv":
            return [row["id"] for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))]
        case "jsonl":
            return [json.loads(line)["id"] for line in body.splitlines()]
        case "xes":
            return [attributes(one)["concept:name"] for one in ET.fromstring(body).iter(NAMESPACE + "trace")]
        case _:
            return [row[0] for row in sheet(body)[1:]]


def sheet(body: bytes) -> list[list[str]]:
    """The texts of a worksheet, row by row."""
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        root = ET.fromstring(packed.read("xl/worksheets/sheet1.xml"))
    space = root.tag.partition("}")[0] + "}"
    return [[text.text or "" for text in row.iter(space + "t")] for row in root.iter(space + "row")]


def attributes(element: ET.Element) -> dict[str, str]:
    return {child.attrib["key"]: child.attrib["value"] for child in element if "key" in child.attrib}


@pytest.fixture
async def told(api: Client) -> list[Json]:
    """Cases with titles that mean harm, one of which is kept from the town's head."""
    titles = ("=1+1", "＝1+1", "@SUM(A1)", "<b>&\"'", "水管\r\n裂了", "a,b;c\td", "plain")
    cases = [await api.report(by="citizen:1", village="V0101", title=title) for title in titles]
    cases.append(await api.report(by="citizen:1", village="V0101", kind="complaint", subjects=["head:T01"]))
    await api.ask(cases[0], "accept", by="clerk:T01")
    await api.ask(cases[0], "assign", by="clerk:T01", unit="T01")
    return cases


async def test_the_file_holds_the_cases_of_the_list_whoever_asks(api: Client, told: list[Json]) -> None:
    for by in ("auditor", "head:T01", "head:T02", "citizen:1", "integrator"):
        last = str((await api.get("/readyz")).json()["position"])
        answer = await api.get("/v1/cases?limit=200", by, sanji_min_position=last)
        for form in FORMS:
            if answer.status_code != 200:
                assert (await api.get(f"/v1/exports/cases.{form}", by)).status_code == answer.status_code
                continue
            found = ids(form, await exported(api, form, by))
            assert found == [item["id"] for item in done(answer)["items"]], (form, by)
            assert by not in ("auditor", "head:T01") or (told[-1]["id"] in found) is (by == "auditor")
    for form in FORMS:
        assert ids(form, await exported(api, form, query="?status=assigned")) == [told[0]["id"]], form


async def test_the_file_holds_the_cases_as_they_stood_at_an_instant(api: Client, told: list[Json]) -> None:
    """As the list does: of the end of a year, when it is long over. An event log tells nothing that came later."""
    then = "at=2025-03-03T08:00:00%2B08:00"
    await api.set_clock("2025-03-03 10:00")
    await api.ask(told[0], "resolve", by="head:T01", **DONE)
    await api.report(by="citizen:1", village="V0101", title="later")
    for form in FORMS:
        assert ids(form, await exported(api, form, query=f"?status=assigned&{then}")) == [told[0]["id"]], form
        assert ids(form, await exported(api, form, query="?status=assigned")) == [], form
        assert b"later" not in await exported(api, form, query=f"?{then}"), form
        refused(await api.get(f"/v1/exports/cases.{form}?at=2025-03-03T10:00:01%2B08:00"), 422, "invalid")
    body = ET.fromstring(await exported(api, "xes", query=f"?status=assigned&{then}"))
    events = [attributes(one)["concept:name"] for one in body.iter(NAMESPACE + "event")]
    assert events == ["reported", "accepted", "assigned"]


async def test_no_cell_is_a_formula(api: Client, told: list[Json]) -> None:
    rows = list(csv.DictReader(io.StringIO((await exported(api, "csv")).decode("utf-8-sig"), newline="")))
    assert len(rows) == len(told)
    assert not any(cell.startswith(("=", "+", "-", "@", "＝")) for row in rows for cell in row.values())
    assert {"'=1+1", "'＝1+1"} <= {row["title"] for row in rows}
    body = await exported(api, "xlsx")
    assert "=1+1" in [row[3] for row in sheet(body)]
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        assert b"<f>" not in packed.read("xl/worksheets/sheet1.xml")


@pytest.fixture
def on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a workbook grows."""
    folder = tmp_path / "growing"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.usefixtures("told")
async def test_of_a_workbook_that_is_broken_off_nothing_stays_on_the_disk(api: Client, on_disk: Path) -> None:
    asked = asyncio.create_task(api.get("/v1/exports/cases.xlsx"))
    async with asyncio.timeout(PATIENCE):
        while not asked.done() and not [*on_disk.iterdir()]:
            await asyncio.sleep(0)
        asked.cancel()
        await asyncio.wait({asked})
        assert asked.cancelled()
        while [*on_disk.iterdir()]:
            await asyncio.sleep(0.01)


@pytest.mark.usefixtures("told")
async def test_nobody_waits_while_a_workbook_is_packed(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    packed_by, close = [], xlsxwriter.Workbook.close

    def packed(book: xlsxwriter.Workbook) -> None:
        packed_by.append(current_thread())
        close(book)

    monkeypatch.setattr(xlsxwriter.Workbook, "close", packed)
    assert sheet(await exported(api, "xlsx"))
    assert packed_by
    assert main_thread() not in packed_by


@pytest.mark.usefixtures("told")
async def test_whose_post_ends_while_a_file_is_made_gets_no_more_of_it(
    api: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does what he has end as if it were whole."""
    monkeypatch.setattr(exports, "PAGE", 2)
    await api.set_clock("2025-03-03 17:00")
    done(await api.send("PUT", "/v1/org", by="admin", body=followed("clerk:T01", "2025-03-04")))
    last, speaking = office.recorder.max_notification_id(), [(b"authorization", b"Bearer dev:clerk:T01")]
    request = Request({"type": "http", "app": reopened(office), "headers": speaking})
    desk = await desk_of(request, position=last or 0)
    first, _ = await exports.page(desk, CaseFilter(), None, None)
    parts = exports.written(exports.Form.CSV, desk, exports.pages(desk, CaseFilter(), None, first), None)
    heading, rows = await anext(parts), await anext(parts)
    assert heading.startswith(b"\xef\xbb\xbfid,")
    assert rows.count(b"V0101") == 2, "control: the first page"
    await api.set_clock("2025-03-04 09:00")
    with pytest.raises(NotPermitted):
        await anext(parts)


async def test_the_event_log_tells_what_happened_and_hides_who_stays_hidden(api: Client, told: list[Json]) -> None:
    hidden = await api.report(
        by="clerk:T01", village="V0101", confidentiality="identity_hidden", petitioner={"name": "X"}
    )
    traces = {
        attributes(trace)["concept:name"]: [attributes(event) for event in trace.iter(NAMESPACE + "event")]
        for trace in ET.fromstring(await exported(api, "xes")).iter(NAMESPACE + "trace")
    }
    events = traces[told[0]["id"]]
    history = await api.history(told[0])
    assert [f"case.{event['concept:name']}" for event in events] == [event["type"] for event in history]
    assert [event["sanji:status"] for event in events] == ["reported", "accepted", "assigned"]
    assert events[-1]["org:group"] == "T01"
    [reporter] = [one["id"] for one in (await api.case(hidden))["reporters"]]
    assert reporter.startswith("hidden")
    assert all(set(event) <= KNOWN for told_ in traces.values() for event in told_)


KNOWN = {
    *("concept:name", "time:timestamp", "lifecycle:transition", "org:resource", "org:group"),
    *("sanji:tier", "sanji:status", "sanji:recorded_at"),
}


async def test_another_form_is_not_there(api: Client) -> None:
    refused(await api.get("/v1/exports/cases.pdf"), 422, "invalid")
    refused(await api.send("GET", "/v1/exports/cases.csv", by=None), 401, "unauthenticated")
