"""What is done once in years, in one journey: a class that the meeting found, a household that parts, a visit to a village."""

from __future__ import annotations

import pytest
from playwright.async_api import Dialog, Locator, Page, expect

from api_tests.browser.conftest import PHONE, Reader
from api_tests.browser.demonstration import Demonstration
from service.demo.district import HOME

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def opened(page: Page, verb: str) -> Locator:
    """A form among those that are opened rarely."""
    form = page.locator(f"form[data-verb={verb}]")
    await page.locator(f"details:has(> details form[data-verb={verb}]) > summary").tap()
    await page.locator(f"details:has(> form[data-verb={verb}]) > summary").tap()
    return form


async def test_what_is_done_once_in_years_says_what_it_does_and_asks_once_more(
    reader: Reader, demo: Demonstration
) -> None:
    household = demo.post("/v1/households", {"village": HOME}, "cadre", key="rare")["id"]
    daughter = {"member": "m-1", "relation": "长女", "name": "甲"}
    demo.post(f"/v1/households/{household}/join-member", daughter, "cadre", key="rare-daughter")
    watched = await reader("town_head", **PHONE)
    page, asked, answers = watched.page, list[str](), [False, True]

    async def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        await (dialog.accept() if answers.pop(0) else dialog.dismiss())

    page.on("dialog", answer)
    await watched.open(f"/households/{household}")
    form = await opened(page, "override-class")
    assert await watched.barriers() == []
    await form.evaluate("form => (form.noValidate = true)")
    await form.locator("[data-name=to]").select_option("attention")
    await form.locator("[data-name=reason]").fill("村民会议认为应予关心")
    await form.locator("button.main").tap()
    await expect(form.locator("label:has([data-name=minutes]) + .refusal")).to_have_text("请检查 会议纪要编号")
    await expect(form.locator("[data-name=minutes]")).to_be_focused()
    await expect(form.locator("[data-name=reason]"), "it stands there still").to_have_value("村民会议认为应予关心")
    await form.locator("[data-name=minutes]").fill("纪要3号")
    async with page.expect_navigation():
        await form.locator("button.main").tap()
    await expect(page.get_by_text("待另一人签字")).to_be_visible()
    split = await opened(page, "split")
    await split.locator("button.main").tap()
    assert asked == [], "nobody was chosen"
    await split.locator("input[type=checkbox]").check()
    await split.locator("button.main").tap()
    assert demo.get(f"/v1/households/{household}", "town_head")["members"], "he thought better of it"
    async with page.expect_navigation():
        await split.locator("button.main").tap()
    assert [*dict.fromkeys(asked)] == ["分户后只能用并户合回。确定分户吗？"]
    await expect(page.get_by_text("长女分户为")).to_be_visible()
    await page.get_by_role("link", name="看那一户").click()
    await expect(page.locator("dd", has_text="长女")).to_be_visible()
    await watched.open(f"/duties?unit={HOME}")
    visit = page.locator("section.card form[data-post$=visits]").first
    await page.locator("section.card summary").first.tap()
    await visit.locator("textarea").fill("已到村")
    await page.context.set_offline(True)
    await visit.locator("button.main").tap()
    await expect(page.locator("#outbox")).to_have_text("1 项待发送")
    async with page.expect_navigation(url=f"**/duties?unit={HOME}&seen=*"):
        await page.context.set_offline(False)
    assert await watched.barriers() == []
