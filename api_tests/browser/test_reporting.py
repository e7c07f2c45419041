"""A report, from a yard without signal too: what was written stays until it is on record."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from api_tests.browser.conftest import PHONE, Reader

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def in_the_yard(reader: Reader) -> Page:
    """The cadre's phone, on which the form is kept, without signal."""
    watched = await reader("cadre", **PHONE)
    page = watched.page
    await watched.open("/report")
    await page.locator("html[data-kept]").wait_for(state="attached")
    await page.context.set_offline(True)
    return page


async def test_what_was_written_outlives_a_fault_and_the_end_of_the_session(reader: Reader) -> None:
    watched = await reader("cadre", **PHONE)
    page = watched.page
    await watched.open("/report")
    said, send = page.locator("#said"), page.locator("#report button")
    await page.eval_on_selector("#report", "form => (form.noValidate = true)")
    await send.tap()
    await expect(said).to_have_text("请检查 什么事")
    await page.locator("[data-name=title]").fill("路灯不亮")
    await page.context.clear_cookies(name="sanji_session")
    await send.tap()
    async with page.context.expect_page() as opened:
        await said.get_by_role("link", name="重新登录").tap()
    await (await opened.value).locator("[name=role][value=cadre]").tap()
    await expect((await opened.value).locator("#sign-out")).to_be_visible()
    await send.tap()
    await expect(page.locator("#receipt")).to_be_visible()
    await expect(said).to_be_empty()


async def test_the_form_opens_without_signal_but_not_for_the_next_one_who_signs_in(reader: Reader) -> None:
    page = await in_the_yard(reader)
    await page.goto("/cases")
    await page.get_by_role("link", name="上报问题").tap()
    await expect(page.locator("#report")).to_be_visible()
    await expect(page.locator("#offline")).to_contain_text("离线")
    await page.context.set_offline(False)
    await page.goto("/sign-in")
    await page.context.set_offline(True)
    await page.goto("/report")
    await expect(page.locator("h1")).to_have_text("没有信号")
