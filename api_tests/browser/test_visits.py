"""A visit written down at a door without signal: kept on the phone, delivered once, and what was needed is a case."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from api_tests.browser.conftest import PHONE, Reader
from api_tests.browser.demonstration import Demonstration

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_visit_without_signal_is_delivered_once(reader: Reader, demo: Demonstration) -> None:
    [household, *_] = demo.get("/v1/households?class=priority&limit=1", "cadre")["items"]
    path = f"/v1/households/{household['id']}"
    before = len(demo.get(path, "cadre")["visits"])
    watched = await reader("cadre", **PHONE)
    page = watched.page
    await watched.open(f"/households/{household['id']}")
    visit = page.locator("#visit")
    await visit.locator("summary").first.click()
    await visit.locator("[data-name=met]").fill("户主")
    await visit.locator("[data-need-title]").first.fill("屋顶漏雨")
    await visit.locator("[data-name=countersigned]").check()
    await page.context.set_offline(True)
    await visit.locator("button.main").dispatch_event("click")
    await visit.locator("button.main").dispatch_event("click")
    await expect(page.locator("#said")).to_contain_text("有信号后送出")
    await expect(visit.locator("[data-name=met]"), "it is for the next one").to_be_hidden()
    await expect(visit.locator("[data-name=met]")).to_have_value("")
    await expect(page.locator("#outbox")).to_have_text("1 项待发送")
    await page.route("**/record-visit", lambda route: route.fulfill(status=409, json={"detail": "现在不行"}))
    await page.context.set_offline(False)
    await expect(page.locator("#refused")).to_contain_text("现在不行")
    await page.unroute("**/record-visit")
    await page.get_by_role("button", name="改正").click()
    await expect(visit.locator("[data-name=met]")).to_have_value("户主")
    await visit.locator("button.main").click()
    await expect(page.get_by_role("link", name="屋顶漏雨")).to_be_visible()
    await expect(page.locator("#refused")).to_be_hidden()
    visits = demo.get(path, "cadre")["visits"]
    assert len(visits) == before + 1
    assert (visits[-1]["needs"], visits[-1]["countersigned"]) == (1, True)
    assert visits[-1]["captured_at"]


async def test_a_household_gets_its_helper(reader: Reader, demo: Demonstration) -> None:
    [household, *_] = demo.get("/v1/households?unpaired=true&limit=1", "town_head")["items"]
    watched = await reader("town_head")
    page = watched.page
    await watched.open(f"/households/{household['id']}")
    pairing = page.locator("form[data-verb=start-pairing]")
    await page.get_by_text("安排帮扶人").first.click()
    await pairing.locator("select").select_option(index=1)
    await pairing.locator("button.main").click()
    await expect(page.get_by_text("交接帮扶").first).to_be_visible()
    assert demo.get(f"/v1/households/{household['id']}", "town_head")["helper"]
