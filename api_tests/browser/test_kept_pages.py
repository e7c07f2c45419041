"""Pages that are kept for where there is no signal: shown as such, and to nobody but whom they were kept for."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from api_tests.browser.conftest import Reader
from api_tests.browser.tapping import at_the_queue

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_where_there_is_no_signal_a_page_that_was_not_kept_says_so(reader: Reader) -> None:
    page = (await at_the_queue(reader)).page
    await page.evaluate("navigator.serviceWorker.ready")
    await page.context.set_offline(True)
    await page.goto("/cases")
    await expect(page.locator("h1")).to_have_text("没有信号")
    await expect(page.locator("#offline")).to_contain_text("离线")
    await page.get_by_role("link", name="看已存下的待办").tap()
    await expect(page.locator("#live")).to_be_visible()
    await expect(page.locator("#offline")).to_contain_text("离线 显示的是")
    await page.context.set_offline(False)
    await page.get_by_role("link", name="看现在").tap()
    await expect(page.locator("#offline")).to_be_hidden()


async def test_who_signs_in_is_not_shown_what_was_kept_for_another(reader: Reader) -> None:
    page = (await at_the_queue(reader)).page
    await page.goto("/track")
    head = str(await page.locator("body").get_attribute("data-me"))
    await page.locator("details.me summary").tap()
    await page.locator("details.me button[value=town_clerk]").tap()
    await expect(page.locator("body")).not_to_have_attribute("data-me", head)
    await page.locator("html[data-kept]").wait_for(state="attached")
    await page.context.set_offline(True)
    await page.goto("/queue")
    await expect(page.locator("h1")).to_have_text("待办")
    await expect(page.locator("body")).not_to_have_attribute("data-me", head)
