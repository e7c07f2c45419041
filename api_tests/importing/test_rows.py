"""Rows of a table, a workbook or lines of JSON become cases, each once, and each fault is told by its row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from api_tests.client import Client, done
from api_tests.importing.files import CHINESE, CLERK, cases, counts, ended, imported, lines, said, table, workbook
from service.office import Office


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
    content = table("title,kind,village", *(f"Case {number},request,V0101" for number in range(70)))
    job = await imported(api, content)
    assert counts(job) == ("done", 70, 70, 0, 0)
    last = office.recorder.max_notification_id()
    assert job["position"] == last
    for by in ("admin", CLERK):
        assert counts(await imported(api, content, by)) == ("done", 70, 0, 70, 0)
    assert office.recorder.max_notification_id() == last


@pytest.mark.parametrize("between", [0, 100])
async def test_a_row_that_comes_again_in_the_same_file_becomes_one_case(api: Client, between: int) -> None:
    others = (f"Other {number},request," for number in range(between))
    content = table("title,kind,external_id", "One,request,17", *others, "One,request,17", "Two,request,17")
    for dry in (True, False):
        job = await imported(api, content, dry_run=dry)
        assert counts(job) == ("done", between + 3, between + 1, 1, 1)
        assert said(job) == {between + 4: ["external_id"]}
    assert len(await cases(api)) == between + 1


async def test_a_number_that_is_no_instant_is_none_in_a_line_of_json_either(api: Client) -> None:
    told = {"title": "One", "kind": "request"}
    job = await imported(api, lines(told | {"occurred_at": 1740900000}, told | {"proxy": "yes"}, told))
    assert (counts(job), said(job)) == (("done", 3, 1, 0, 2), {1: ["occurred_at"], 2: ["proxy"]})


async def test_a_row_with_a_number_of_its_own_is_the_same_in_any_file(api: Client) -> None:
    assert counts(await imported(api, table("title,kind,external_id", "One,request,17", "Two,x,18"))) == (
        *("done", 2, 1, 0, 1),
    )
    await api.set_clock("2025-03-03 08:01")
    corrected = table("title,kind,external_id", "Two,request,18", "One,request,17", "Other,request,17")
    job = await imported(api, corrected)
    assert (counts(job), said(job)) == (("done", 3, 1, 1, 1), {4: ["external_id"]})


async def test_two_senders_may_number_alike(api: Client) -> None:
    content = table("title,kind,village,external_id", "One,request,V0101,17")
    for by in ("admin", CLERK):
        assert counts(await imported(api, content, by)) == ("done", 1, 1, 0, 0)
