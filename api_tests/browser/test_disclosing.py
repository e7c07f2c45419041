"""Who asks for what purpose he wants to know a citizen is told his name and number on the page, and it is kept nowhere."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from api_tests.browser.conftest import PHONE, Reader
from api_tests.browser.demonstration import Demonstration
from service.demo.district import HOME

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHO = {"name": "示例群众甲", "phone": "000-0000-2601"}


def brought(demo: Demonstration, key: str) -> str:
    """A case of somebody who left his number; urgent, so that it stands on the first page of the town head's queue."""
    body = {"title": f"水管漏水 {key}", "kind": "request", "village": HOME, "grade": "I", "petitioner": WHO}
    case: str = demo.post("/v1/cases", body, "integrator", key=key)["id"]
    demo.post(f"/v1/cases/{case}/accept", {}, "town_clerk", key=f"{key}-accept")
    demo.post(f"/v1/cases/{case}/assign", {"unit": demo.town}, "town_clerk", key=f"{key}-assign")
    return case


async def ask(page: Page, case: str) -> None:
    card = page.locator(f"[data-case='{case}']")
    await card.locator("summary").first.tap()
    await card.locator("[data-verb=disclose-identity]").tap()
    await page.locator("#act [data-name=purpose]").fill("电话联系")
    await page.locator("#act button.main").tap()


@pytest.mark.parametrize("address", ["/queue", "/cases/{case}"])
async def test_a_town_head_learns_whom_to_call(reader: Reader, demo: Demonstration, address: str) -> None:
    case = brought(demo, f"who-{address[1:3]}")
    watched = await reader("town_head", **PHONE)
    page = watched.page
    await watched.open(address.format(case=case))
    await ask(page, case)
    told = page.locator("#act [data-identity]")
    await expect(told).to_contain_text(WHO["name"])
    await expect(told.get_by_role("link", name=WHO["phone"])).to_have_attribute("href", f"tel:{WHO['phone']}")
    assert await watched.barriers("#act") == []
    await page.keyboard.press("Escape")
    await expect(told).to_have_count(0)
    assert WHO["phone"] not in await page.content()
    await expect(page.locator("#outbox")).to_be_hidden()
    looks = demo.get(f"/v1/access-log?case={case}")["items"]
    assert [one["purpose"] for one in looks if one["action"] == "disclose-identity"] == ["电话联系"]
    assert watched.complaints == []


async def test_whose_session_is_over_is_told_so_where_he_asked(reader: Reader, demo: Demonstration) -> None:
    case = brought(demo, "who-then")
    page = (await reader("town_head", **PHONE)).page
    await page.goto(f"/cases/{case}")
    await page.context.clear_cookies(name="sanji_session")
    await ask(page, case)
    await expect(page.locator("#act [data-identity]")).to_contain_text("登录已过期")


async def test_a_cadre_learns_at_whose_door_to_knock(reader: Reader, demo: Demonstration) -> None:
    home = {"village": HOME, "head": "示例户主甲", "address": "二组17号"}
    household = demo.post("/v1/households", home, "cadre", key="door")["id"]
    met = {"met": ["户主"], "notes": "想养羊", "countersigned": True}
    demo.post(f"/v1/households/{household}/record-visit", met, "cadre", key="door-visit")
    watched = await reader("cadre", **PHONE)
    page = watched.page
    await watched.open(f"/households/{household}")
    who = page.locator("#who")
    await who.locator("summary").tap()
    await who.locator("[data-name=purpose]").fill("入户走访")
    await who.locator("button.main").tap()
    for words in ("示例户主甲", "二组17号", "想养羊"):
        await expect(who.locator("[data-identity]")).to_contain_text(words)
    assert await watched.barriers() == []
    assert not await watched.too_wide()
    assert watched.complaints == []
