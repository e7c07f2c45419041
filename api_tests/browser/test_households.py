"""A household as its cadre keeps it at the door: what changed is written down without signal, and counts once."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from api_tests.browser.conftest import PHONE, Reader
from api_tests.browser.demonstration import Demonstration
from service.demo.district import HOME

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_changed_in_a_household_is_written_down_without_signal(reader: Reader, demo: Demonstration) -> None:
    household = demo.post("/v1/households", {"village": HOME}, "cadre", key="fell-ill")["id"]
    path = f"/v1/households/{household}"
    known = {"members": 3, "income_per_head": 9000.5, "debt_total": 0, "housing": "B", "protected": "none"}
    demo.post(f"{path}/record-facts", known, "cadre", key="as-it-was")
    watched = await reader("cadre", **PHONE)
    page = watched.page
    await watched.open(f"/households/{household}")
    facts = page.locator("#facts")
    await facts.locator("summary").first.tap()
    assert await watched.barriers() == []
    await facts.locator("[data-name=debt_total]").fill("26000")
    await facts.locator("[data-hardship-kind]").first.select_option("illness")
    await page.context.set_offline(True)
    await facts.locator("button.main").tap()
    await expect(facts, "how grave it is was not said").to_have_attribute("open", "")
    await facts.locator("[data-hardship-severity]").first.select_option("3")
    await facts.locator("button.main").tap()
    await expect(page.locator("#said")).to_contain_text("有信号后送出")
    await expect(facts.locator("[data-name=debt_total]"), "this is known by now").to_have_value("26000")
    async with page.expect_navigation():
        await page.context.set_offline(False)
    await expect(page.get_by_text("大病慢病（重度）")).to_be_visible()
    told = demo.get(path, "cadre")
    assert told["facts"] == {**known, "debt_total": 26000, "hardships": [{"kind": "illness", "severity": 3}]}
    assert len(told["assessments"]) == 2
