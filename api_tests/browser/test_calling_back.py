"""Calling back: whether it is solved is asked for where somebody answered, and a refusal is in the words of the form."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from api_tests.browser.conftest import PHONE, Reader

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_who_was_reached_must_have_said_whether_it_is_solved(reader: Reader) -> None:
    watched = await reader("follow_up", **PHONE)
    page = watched.page
    await watched.open("/queue")
    await page.locator("[data-verb=feedback]").first.tap()
    form = page.locator("#act form")
    solved, result = form.locator("[data-name=solved]"), form.locator("[data-name=result]")
    await result.select_option("no_answer")
    assert await form.evaluate("form => form.checkValidity()")
    await result.select_option("answered")
    await form.locator("button.main").tap()
    assert await solved.evaluate("one => one.validity.valueMissing")
    await form.evaluate("form => (form.noValidate = true)")
    await form.locator("button.main").tap()
    await expect(page.locator("#refused")).to_contain_text("已答复的须填写 是否解决")
