"""Pages are drawn in both languages, load nothing from elsewhere, and show what the routes answer."""

from __future__ import annotations

import html
import re

import pytest

from api_tests.client import Client, done
from api_tests.district import organisation
from api_tests.pages.reading import PAGES, page, page_for, signed_in


async def test_every_page_is_drawn_in_both_languages_and_asks_nobody_else(browser: Client) -> None:
    case = await browser.assigned(title="Canary <b>well</b>")
    for address in (*PAGES, f"/cases/{case['id']}", f"/cases/{case['id']}/replay?version=2"):
        chinese, english = await page(browser, address), await page(browser, address + mark(address) + "lang=en")
        assert '<html lang="zh-CN">' in chinese, address
        assert '<html lang="en">' in english, address
        for drawn in (chinese, english):
            assert "<b>well</b>" not in drawn, address
            assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", drawn)
            assert not re.search(r"<script(?![^>]*src=)|\son\w+=|\sstyle=", drawn)
        browser.http.cookies.delete("sanji_language")


def mark(address: str) -> str:
    return "&" if "?" in address else "?"


async def test_what_never_changes_is_kept_by_browsers_and_what_is_not_there_is_missing(api: Client) -> None:
    [address] = re.findall(r'href="(/static/\w+/sanji\.css)"', await page(api, "/sign-in"))
    answer = await api.http.get(address)
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" not in (await api.http.get("/static/old/sanji.css")).headers["cache-control"]
    assert (await api.http.get("/static/x/../../app.py")).status_code == 404


async def test_the_queue_shows_what_its_route_answers(browser: Client) -> None:
    case = await browser.assigned()
    drawn = await page(browser, "/queue")
    assert f'data-case="{case["id"]}"' in drawn
    queue = (await browser.get("/v1/me/queue", "head:T01")).json()
    [item] = [one for one in queue["items"] if one["id"] == case["id"]]
    [card] = re.findall(rf'data-case="{case["id"]}".*?</li>\s*(?=<li|</ul)', drawn, re.DOTALL)
    assert set(re.findall(r'data-verb="([a-z-]+)"', card)) == set(item["next_actions"])
    for verb in item["next_actions"]:
        assert f'data-form="{verb}"' in drawn


async def test_a_queue_shows_also_what_no_clock_runs_for(api: Client) -> None:
    case = await api.report(by="citizen:1", kind="accusation", village="V0101", title="Who was paid for the road")
    await api.ask(case, "divert", by="adjudicator", to="D-DISCIPLINE", basis="an accusation")
    await signed_in(api, "discipline")
    drawn = await page(api, "/queue")
    assert "Who was paid for the road" in drawn


async def test_a_post_with_an_end_is_held_until_then_and_one_with_a_beginning_not_before(browser: Client) -> None:
    written = organisation()
    for official in written["officials"]:
        for post in official["posts"]:
            if official["id"] == "head:T01":
                post["to"] = "2025-03-10"
            if official["id"] == "clerk:T01":
                post["from"] = "2025-03-20"
    done(await browser.send("PUT", "/v1/org", by="admin", body=written))
    drawn = await page(browser, "/organisation/T01?lang=en")
    told = re.split(r"<h2>", drawn)
    assert [part.split(" <small>")[0] for part in told[1:]] == [
        "Who holds a post",
        "Who will hold one",
        "Who held one",
    ]
    assert "head:T01" in told[1]
    assert "clerk:T01" not in told[1]
    assert "clerk:T01" in told[2]


@pytest.mark.parametrize(
    ("grade", "at", "left"),
    [
        ("III", "2025-03-10 15:00", "还剩 3小时</strong> 首次响应 · 工作时间 · 限3月10日<"),
        ("III", "2025-03-10 19:00", "还剩 5小时</strong> 首次响应 · 限3月10日<"),
        ("I", "2025-03-08 09:40", "还剩 1小时20分</strong> 首次响应 · 限3月8日 11:00"),
    ],
)
async def test_a_card_tells_what_is_left_by_the_clock_where_no_office_works_before_the_end(
    api: Client, grade: str, at: str, left: str
) -> None:
    """The eighth of March 2025 is a Saturday."""
    await api.set_clock("2025-03-08 09:00")
    await api.assigned(grade=grade)
    await api.set_clock(at)
    drawn = await page_for(api, "head:T01", "/queue")
    assert left in re.sub(r'<span class="soft">', "", drawn.replace("\n    ", " "))


async def test_whoever_oversees_several_towns_chooses_one_of_them(browser: Client) -> None:
    case = await browser.assigned()
    for town, there in (("T01", True), ("T02", False)):
        drawn = await page_for(browser, "auditor", f"/cases?under={town}")
        assert f'<option value="{town}" selected>' in drawn
        assert (case["number"] in drawn) is there
    assert '<input type="hidden" name="under" value="T01">' in await page_for(browser, "head:T01", "/cases?under=T01")


async def test_a_list_is_taken_home_as_a_workbook_of_the_same_cases(browser: Client) -> None:
    case = await browser.assigned(title="Pipe")
    other = await browser.assigned(title="Road")
    drawn = await page(browser, "/cases?status=assigned&q=Pipe&sort=due_at&under=T01")
    [address] = re.findall(r'href="(/v1/exports/cases\.xlsx[^"]*)" download', drawn)
    lines = await browser.http.get(html.unescape(address).replace(".xlsx", ".csv"))
    assert (case["number"] in lines.text, other["number"] in lines.text) == (True, False)
    assert (await browser.http.get(html.unescape(address))).status_code == 200
    await browser.set_clock("2025-03-05 10:00")
    then = await page(browser, "/cases?at=2025-03-05T09:00")
    assert (case["number"] in then, "/v1/exports" in then) == (True, False), "no file tells of what was"


async def test_who_sees_a_case_opens_the_files_it_quotes(browser: Client) -> None:
    case = await browser.assigned()
    photo, note = "a" * 64, "b" * 64
    await browser.ask(case, "attach", by="head:T01", kind="photo", sha256=photo)
    proof = [{"kind": "signed_note", "sha256": note}, {"kind": "receipt", "ref": "No. 7"}]
    await browser.ask(case, "resolve", by="head:T01", outcome="solved", proof=proof)
    drawn = await page(browser, f"/cases/{case['id']}")
    links = f'<a href="/v1/attachments/{photo}" download>打开照片</a>', f'/{note}" download>打开签字说明</a>'
    for link in links:
        assert link in drawn
    assert drawn.count("/v1/attachments/") == 2
    assert links[1] in await page(browser, f"/cases/{case['id']}/replay")


@pytest.mark.parametrize("named", ["0001-W01", "9999-W53", "2025-W60", "next"])
async def test_a_week_that_no_report_can_be_of_is_the_last_one(api: Client, named: str) -> None:
    await signed_in(api, "head:T01")
    assert "2025-W09" in await page(api, f"/reports/weekly?week={named}")


async def test_a_towns_month_counts_its_own_cases_alone(api: Client) -> None:
    await api.set_clock("2025-03-20 09:00")
    await api.assigned()
    other = await api.report(by="citizen:2", village="V0201")
    await api.ask(other, "accept", by="dispatcher")
    await api.ask(other, "assign", by="dispatcher", unit="T02")
    await api.set_clock("2025-04-20 09:00")
    for who, entered, towns in (("head:T01", 1, {"T01"}), ("auditor", 2, {"T01", "T02"})):
        drawn = await page_for(api, who, "/reports/monthly?month=2025-03")
        [town] = re.findall(r'<span class="dot town">.*?</tr>', drawn)
        assert re.findall(r'<td class="n">(\d+)</td>', town)[0] == str(entered), who
        assert set(re.findall(r'<tr><th scope="row">(T\d+)<', drawn)) == towns, who


async def test_what_was_due_when_a_month_was_over_was_late_in_that_month(api: Client) -> None:
    """Seven working days from 20 March are over with the 31st; nobody had answered by then, either."""
    await api.set_clock("2025-03-20 09:00")
    await api.assigned()
    await api.set_clock("2025-04-20 09:00")
    await signed_in(api, "auditor")
    for month, kept in (("2025-03", 2), ("2025-04", 0)):
        drawn = await page(api, f"/reports/monthly?month={month}")
        [town] = re.findall(r'<span class="dot town">.*?</tr>', drawn)
        assert town.count("0 / 1") == kept, month
