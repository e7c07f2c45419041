"""A report, from a yard without signal too: what was written stays until it is on record, once, with its photo and its code."""

from __future__ import annotations

from base64 import b64decode
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Error, FilePayload, Page, Route, expect

from api_tests.browser.conftest import PHONE, Reader
from api_tests.browser.demonstration import Demonstration

pytestmark = pytest.mark.asyncio(loop_scope="session")

DOT = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
PHOTO: FilePayload = {"name": "p.png", "mimeType": "image/png", "buffer": DOT}


async def in_the_yard(reader: Reader, looking_at: str = "/report") -> Page:
    """The cadre's phone, on which the form is kept, without signal."""
    watched = await reader("cadre", **PHONE)
    page = watched.page
    await watched.open(looking_at)
    await page.locator("html[data-kept]").wait_for(state="attached")
    await page.context.set_offline(True)
    return page


async def write(page: Page, title: str, *photos: FilePayload) -> None:
    await page.locator("[data-name=title]").fill(title)
    await page.locator("[name=photo]").set_input_files(files=photos)
    await page.locator("#report button").tap()


async def written_in_the_yard(reader: Reader, title: str, *photos: FilePayload) -> Page:
    """A report waits there to be sent, and its form is for the next one."""
    page = await in_the_yard(reader)
    await write(page, title, *photos)
    await expect(page.locator("#said")).to_contain_text("有信号后送出")
    await expect(page.locator("#outbox")).to_have_text("1 项待发送")
    return page


async def sign_in(page: Page, role: str) -> None:
    own = {"Sec-Fetch-Site": "same-origin"}
    await page.context.request.post("/sign-in", form={"role": role, "next": "/track"}, headers=own)


def on_record(demo: Demonstration, title: str) -> list[dict[str, Any]]:
    """The cases with this title."""
    items: list[dict[str, Any]] = demo.get(f"/v1/cases?q={title}&min_position={demo.recorded()}")["items"]
    return items


def told(demo: Demonstration, case: str) -> list[str]:
    return [event["type"] for event in demo.history(case)]


async def test_what_was_written_outlives_a_fault_a_reload_and_the_end_of_the_session(reader: Reader) -> None:
    watched = await reader("cadre", **PHONE)
    page = watched.page
    await watched.open("/report")
    said, send = page.locator("#said"), page.locator("#report button")
    await page.eval_on_selector("#report", "form => (form.noValidate = true)")
    await send.tap()
    await expect(page.locator("label:has([data-name=title]) + .refusal")).to_have_text("请检查 什么事")
    await page.locator("[data-name=title]").fill("路灯不亮")
    await page.reload()
    await expect(page.locator("[data-name=title]")).to_have_value("路灯不亮")
    await page.context.clear_cookies(name="sanji_session")
    await send.tap()
    async with page.context.expect_page() as opened:
        await said.get_by_role("link", name="重新登录").tap()
    await (await opened.value).locator("[name=role][value=cadre]").tap()
    await expect((await opened.value).locator("#sign-out")).to_be_visible()
    await send.tap()
    await expect(page.locator("#receipt")).to_be_visible()
    await expect(said).to_be_empty()
    await page.reload()
    await expect(page.locator("[data-name=title]"), "it is for the next one").to_have_value("")


async def test_what_is_half_written_goes_with_whoever_signs_out(reader: Reader) -> None:
    watched = await reader("cadre", **PHONE)
    page = watched.page
    await watched.open("/report")
    await page.locator("[data-name=title]").fill("路灯不亮")
    assert await page.evaluate("sessionStorage.length") == 1
    async with page.expect_navigation():
        await page.locator("#sign-out button").tap()
    assert await page.evaluate("sessionStorage.length") == 0


async def test_without_scripts_nothing_is_sent_and_nothing_written_is_lost(reader: Reader) -> None:
    watched = await reader("cadre", java_script_enabled=False, **PHONE)
    page, title = watched.page, watched.page.locator("[data-name=title]")
    await watched.open("/report")
    await expect(page.locator("noscript p")).to_be_visible()
    await title.fill("路灯不亮")
    await page.locator("#report button").tap()
    await expect(title).to_have_value("路灯不亮")
    assert page.url.endswith("/report")


async def test_the_form_opens_without_signal_though_it_was_never_open_before(reader: Reader) -> None:
    page = await in_the_yard(reader, looking_at="/visits")
    await page.goto("/cases")
    await page.get_by_role("link", name="上报问题").tap()
    await expect(page.locator("#offline")).to_contain_text("离线")
    await write(page, "电线断落")
    await expect(page.locator("#outbox")).to_have_text("1 项待发送")


async def test_a_report_without_signal_waits_over_a_reload_and_is_delivered_once_and_its_code_is_told(
    reader: Reader, demo: Demonstration
) -> None:
    page = await in_the_yard(reader)
    await write(page, "院墙裂缝")
    await expect(page.locator("#said")).to_contain_text("有信号后送出")
    await expect(page.locator("[data-name=title]"), "it is for the next one").to_have_value("")
    written = datetime.now(UTC)
    await page.reload()
    await expect(page.locator("#outbox")).to_have_text("1 项待发送")
    await page.context.set_offline(False)
    arrived = page.locator("#arrived")
    await expect(arrived).to_contain_text("院墙裂缝")
    await expect(page.locator("#said"), "where one has scrolled down to").to_contain_text("查询码")
    await expect(page.locator("#outbox")).to_be_hidden()
    await page.reload()
    code = await arrived.locator("strong").inner_text()
    [found] = on_record(demo, "院墙裂缝")
    case = demo.get(f"/v1/cases/{found['id']}")
    assert demo.get(f"/v1/track/{code}")["number"] == case["number"]
    assert datetime.fromisoformat(case["occurred_at"]) <= written < datetime.fromisoformat(case["recorded_at"])
    await arrived.get_by_role("button", name="知道了").tap()
    await expect(arrived).to_be_hidden()


async def test_when_the_answer_to_a_report_is_lost_it_is_sent_again_and_recorded_once(
    reader: Reader, demo: Demonstration
) -> None:
    watched = await reader("cadre", **PHONE)
    page = watched.page
    await watched.open("/report")
    sent: list[str] = []

    async def lose(route: Route) -> None:
        sent.append(route.request.headers["idempotency-key"])
        await route.fetch()
        await route.abort("connectionreset")

    async def cut(route: Route) -> None:
        sent.append(route.request.headers["idempotency-key"])
        answer = await route.fetch()
        await route.fulfill(status=answer.status, body=(await answer.text())[:40])

    await page.route("**/v1/cases", lose, times=1)
    async with page.expect_event("requestfailed"):
        await write(page, "水渠堵塞")
    await expect(page.locator("#outbox")).to_have_text("1 项待发送")
    await page.route("**/v1/cases", cut, times=1)
    async with page.expect_response("**/v1/cases"):
        await page.goto("/track")
    await expect(page.locator("#outbox")).to_have_text("1 项待发送")
    async with page.expect_request("**/v1/cases") as again:
        await page.reload()
    assert sent == 2 * [(await again.value).headers["idempotency-key"]]
    await expect(page.locator("#arrived")).to_contain_text("水渠堵塞")
    assert len(on_record(demo, "水渠堵塞")) == 1


async def test_a_photo_follows_its_report_and_each_is_done_once_though_the_line_breaks_between_them(
    reader: Reader, demo: Demonstration
) -> None:
    page = await written_in_the_yard(reader, "屋后滑坡", PHOTO)

    async def lose(route: Route) -> None:
        await route.fetch()
        with suppress(Error):  # whoever leaves the page has lost the answer before
            await route.abort("connectionreset")

    await page.route("**/v1/attachments", lambda route: route.abort("connectionreset"))
    async with page.expect_event("requestfailed", lambda request: request.url.endswith("/v1/attachments")):
        await page.context.set_offline(False)
    await expect(page.locator("#arrived")).to_contain_text("屋后滑坡")
    await expect(page.locator("#outbox"), "the photo").to_have_text("1 项待发送")
    [case] = on_record(demo, "屋后滑坡")
    assert told(demo, case["id"]) == ["case.reported"]
    await page.unroute("**/v1/attachments")
    await page.route("**/attach", lose)
    async with page.expect_event("requestfailed", lambda request: request.url.endswith("/attach")):
        await page.reload()
    await expect(page.locator("#outbox")).to_have_text("1 项待发送")
    await page.unroute("**/attach")
    await page.reload()
    await expect(page.locator("#said")).to_have_text("已办：照片 · 屋后滑坡")
    await expect(page.locator("#outbox")).to_be_hidden()
    assert told(demo, case["id"]) == ["case.reported", "case.evidence_attached"]
    assert len(on_record(demo, "屋后滑坡")) == 1


async def test_a_report_that_is_refused_when_the_signal_is_back_is_corrected_with_its_photo(
    reader: Reader, demo: Demonstration
) -> None:
    page = await written_in_the_yard(reader, "桥栏断裂", PHOTO)
    await page.route("**/v1/cases", lambda route: route.fulfill(status=409, json={"detail": "现在不行"}))
    await page.context.set_offline(False)
    await expect(page.locator("#refused")).to_contain_text("现在不行")
    await page.unroute("**/v1/cases")
    await page.goto("/track")
    await page.get_by_role("button", name="改正").tap()
    await page.wait_for_url("**/report")
    await page.get_by_role("button", name="改正").tap()
    await expect(page.locator("[data-name=title]")).to_have_value("桥栏断裂")
    await page.locator("#report button").tap()
    await expect(page.locator("#receipt")).to_be_visible()
    await expect(page.locator("#refused")).to_be_hidden()
    await expect(page.locator("#arrived")).to_be_hidden()
    await expect(page.locator("#outbox")).to_be_hidden()
    [case] = on_record(demo, "桥栏断裂")
    assert demo.get(f"/v1/cases/{case['id']}")["occurred_at"]
    assert told(demo, case["id"]) == ["case.reported", "case.evidence_attached"]


async def test_a_report_is_sent_in_the_name_of_whoever_wrote_it_only(reader: Reader, demo: Demonstration) -> None:
    page = await written_in_the_yard(reader, "井盖丢失")
    await sign_in(page, "town_clerk")
    await page.context.set_offline(False)
    await expect(page.locator("#outbox-note a"), "this page is still the other's").to_be_visible()
    await page.goto("/report")
    await expect(page.locator("#outbox-note")).to_contain_text("另一账号")
    assert on_record(demo, "井盖丢失") == []
    await sign_in(page, "cadre")
    await page.goto("/report")
    await expect(page.locator("#arrived")).to_contain_text("井盖丢失")
    assert len(on_record(demo, "井盖丢失")) == 1
