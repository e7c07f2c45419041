"""A file is imported on a page: dry first, watched until it has ended, and what is wrong is told by row."""

from __future__ import annotations

import pytest
from playwright.async_api import FilePayload, Page, expect

from api_tests.browser.conftest import Reader
from api_tests.browser.demonstration import Demonstration

pytestmark = pytest.mark.asyncio(loop_scope="session")

FILE = "标题,类型,编号\n路灯不亮,群众诉求,JOB-1\n,群众诉求,JOB-2\n桥面破损,群众诉求,JOB-3\n"


async def sent(page: Page, *, dry: bool) -> None:
    await page.goto("/jobs")
    content = FilePayload(name="reports.csv", mimeType="text/csv", buffer=FILE.encode())
    await page.locator("#send input[type=file]").set_input_files([content])
    await page.locator("#send input[name=dry]").set_checked(dry)
    await page.locator("#send button.main").click()
    await page.wait_for_url("**/jobs/*-*")
    await expect(page.locator("[data-state=done]")).to_be_visible()


async def test_a_file_is_tried_dry_and_then_imported(reader: Reader, demo: Demonstration) -> None:
    watched = await reader("admin")
    page = watched.page
    before = len(demo.get("/v1/cases?q=桥面破损", "admin")["items"])
    await sent(page, dry=True)
    await expect(page.get_by_role("table")).to_contain_text("标题")
    assert len(demo.get("/v1/cases?q=桥面破损", "admin")["items"]) == before
    await sent(page, dry=False)
    await expect(page.locator("dl")).to_contain_text("已登记")
    assert await watched.barriers() == []
    assert watched.complaints == []
    await page.goto("/jobs")
    await expect(page.get_by_role("table")).to_contain_text("试运行")
    await expect(page.get_by_role("table"), "by himself, not by a machine").to_contain_text("管理员")
    assert await watched.barriers() == []
