"""A visit written down at a door without signal: kept on the phone, delivered once, and what was needed is a case."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from api_tests.browser.conftest import PHONE, Reader
from api_tests.browser.demonstration import Demonstration
from service.demo.district import HOME

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


async def test_a_benefit_is_applied_for_in_the_village_and_decided_in_the_town(
    reader: Reader, demo: Demonstration
) -> None:
    household = demo.post("/v1/households", {"village": HOME}, "cadre", key="in-need")["id"]

    async def ask(role: str, verb: str, **fields: str) -> list[str]:
        """The states of its benefits, after this was asked on its page."""
        watched = await reader(role, **PHONE)
        await watched.open(f"/households/{household}")
        form = watched.page.locator(f"form[data-verb={verb}]")
        await watched.page.locator(f"details:has(form[data-verb={verb}]) summary").tap()
        await form.locator("select").select_option("subsistence_allowance")
        for name, text in fields.items():
            await form.locator(f"[data-name={name}]").fill(text)
        assert await watched.barriers(f"form[data-verb={verb}]") == []
        async with watched.page.expect_navigation():
            await form.locator("button.main").tap()
        assert watched.complaints == []
        return [one["state"] for one in demo.get(f"/v1/households/{household}", role)["benefits"]]

    assert await ask("cadre", "apply-benefit") == ["applied"]
    assert await ask("town_clerk", "refuse-benefit", reason="收入高于标准") == ["refused"]
    assert await ask("cadre", "apply-benefit") == ["applied"]
    assert await ask("town_clerk", "grant-benefit") == ["granted"]
    assert await ask("town_clerk", "end-benefit") == ["ended"]
