"""A report that is refused: what was written stays, and it is said in the form's own words what to do."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from api_tests.browser.conftest import PHONE, Reader

pytestmark = pytest.mark.asyncio(loop_scope="session")


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
