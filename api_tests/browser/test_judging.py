"""A citizen judges by the code on his receipt."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from api_tests.browser.conftest import PHONE, Reader
from api_tests.browser.demonstration import Demonstration
from service.demo.district import HOME

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_that_he_was_heard_is_told_once_and_then_how_it_stands(reader: Reader, demo: Demonstration) -> None:
    body = {"title": "渠道淤堵", "kind": "request", "village": HOME}
    case = demo.post("/v1/cases", body, "integrator", key="judged")
    for verb, told, role in (
        ("accept", {}, "town_clerk"),
        ("assign", {"unit": demo.town}, "town_clerk"),
        ("resolve", {"outcome": "solved", "proof": [{"kind": "photo", "ref": "照片 1"}]}, "town_head"),
    ):
        demo.post(f"/v1/cases/{case['id']}/{verb}", told, role, key=f"judged-{verb}")
    watched = await reader(**PHONE)
    page, heard = watched.page, watched.page.locator("main [role=status]")
    await watched.open(f"/track/{case['query_code']}")
    await page.locator("[data-name=solved]").select_option("true")
    await page.get_by_role("button", name="提交").tap()
    await expect(heard).to_have_text("已收到您的评价。")
    await expect(page).to_have_url(f"{demo.url}/track/{case['query_code']}")
    await page.reload()
    await expect(heard).to_be_hidden()
    await expect(page.locator("[data-name=solved]"), "he may think better of it").to_be_visible()
    await page.locator("[data-name=solved]").select_option("false")
    await page.get_by_role("button", name="提交").tap()
    await expect(heard).to_have_text("已收到您的评价，将重新办理。")
    assert watched.complaints == []
