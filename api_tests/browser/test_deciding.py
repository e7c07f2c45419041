"""What a unit says against a mark, and what a leader approves, done on their pages."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from api_tests.browser.conftest import PHONE, Reader
from api_tests.browser.demonstration import Demonstration

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_unit_appeals_against_a_mark_of_its_card(reader: Reader, demo: Demonstration) -> None:
    year = demo.history(demo.case)[4]["at"][:4]
    evidence = f"/scorecards/{demo.town}/{year}/evidence?figure=assigned&mark=counted"
    watched = await reader("town_head", **PHONE)
    page = watched.page
    await watched.open(evidence)
    await page.locator("main details summary").tap()
    form = page.locator("form[data-post]")
    latest = form.locator("option").last
    await form.locator("select").select_option(await latest.get_attribute("value"))
    await form.locator("textarea").fill("照片与另一村的弄混了")
    assert await watched.barriers() == []
    await form.locator("button").tap()
    await expect(page.locator("#appeals")).to_contain_text("照片与另一村的弄混了")
    assert watched.complaints == []


async def test_a_leader_approves_a_programme(reader: Reader, demo: Demonstration) -> None:
    [proposed] = demo.get("/v1/programmes?status=proposed", "district_leader")["items"]
    watched = await reader("district_leader")
    page = watched.page
    await watched.open(f"/programmes/{proposed['id']}")
    assert await watched.barriers() == []
    await page.get_by_role("button", name="批准").click()
    await expect(page.locator("h1")).to_contain_text("已批准")
    await expect(page.locator("#said")).to_have_text("已办：批准")
    assert demo.get(f"/v1/programmes/{proposed['id']}")["status"] == "approved"


async def test_a_hotspot_becomes_a_programme_and_its_cases_join(reader: Reader, demo: Demonstration) -> None:
    [spot, *_] = [one for one in demo.get("/v1/hotspots", "district_leader")["items"] if not one["programmes"]]
    watched = await reader("district_leader", **PHONE)
    page = watched.page
    await watched.open("/programmes")
    await page.locator("main details summary").first.tap()
    form = page.locator("form[data-post='/v1/programmes']").first
    await form.locator("input[data-name=title]").fill("统一修复通村公路")
    assert await watched.barriers() == []
    await form.locator("button").tap()
    await expect(page.locator("h1")).to_contain_text("统一修复通村公路")
    await page.locator("summary", has_text="并入事项").tap()
    await page.locator("form[data-post$=join-case] button").tap()
    await expect(page.locator("td[data-label]").first).to_be_visible()
    [made] = [one for one in demo.get("/v1/programmes", "district_leader")["items"] if one["title"].startswith("统一")]
    assert made["villages"] == [spot["village"]]
    assert demo.get(f"/v1/programmes/{made['id']}", "district_leader")["cases"]["seen"]
    assert watched.complaints == []
