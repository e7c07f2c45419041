"""What changes while one looks is drawn anew: nothing moves beneath a finger, nothing older than what was done comes back."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Route, expect

from api_tests.browser.conftest import PHONE, Reader
from api_tests.browser.demonstration import Demonstration
from api_tests.browser.tapping import at_the_queue, contact, tap
from api_tests.browser.waiting import done, waiting
from service.demo.district import HOME

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_on_its_own_page_a_case_is_shown_as_it_is_by_now_with_what_was_done_or_refused(
    reader: Reader, demo: Demonstration
) -> None:
    case = waiting(demo)
    watched = await reader("town_head", **PHONE)
    page = watched.page
    await watched.open(f"/cases/{case}")
    demo.post(f"/v1/cases/{case}/start", {}, "town_head", key=f"{case}-start")
    await tap(page, case, "start")
    await expect(page.locator("#refused")).to_be_in_viewport()
    await expect(page.locator("dl.facts")).to_contain_text("办理中")
    await contact(page, case, "电话联系")
    await expect(page.locator("#said")).to_contain_text("已办：联系群众")
    await expect(page.locator(".story")).to_contain_text("电话联系")
    await page.context.set_offline(True)
    await contact(page, case, "上门核实")
    await tap(page, case, "resolve")
    reply = page.locator("#act [data-name=reply]")
    await reply.fill("水管已换")
    await page.context.set_offline(False)
    await expect(page.locator("#outbox")).to_be_hidden()
    await expect(reply, "it is still being written").to_have_value("水管已换")
    await page.reload()
    await tap(page, case, "resolve")
    await expect(reply, "and so after a reload").to_have_value("水管已换")
    await page.locator("#act [data-cancel]").tap()
    await tap(page, case, "resolve")
    await expect(reply, "it was given up").to_have_value("")
    assert done(demo, case) == {"case.work_started": 1, "case.citizen_contacted": 2}


DRAW_ANEW = """async () => {
    const scripts = [...document.querySelectorAll("link[rel=modulepreload], script[type=module]")].map(one => one.href ?? one.src);
    const [{ redraw }, { add }] = await Promise.all(["/redraw.", "/outbox."].map(name => import(scripts.find(one => one.includes(name)))));
    const soon = new Promise(done => setTimeout(done, 300));
    window.before = document.querySelector("#live ul");
    await add({ path: "/", label: "联系群众", refused: "现在不行" });
    window.drawn = redraw(document.getElementById("live"), "/queue/cards");
    await fetch("/queue/cards");
    await Promise.race([window.drawn, soon]);
    return window.before.isConnected && document.getElementById("refused").hidden;
}"""


async def test_nothing_moves_beneath_a_finger_and_what_it_opens_stays_open(reader: Reader, demo: Demonstration) -> None:
    case = waiting(demo)
    page = (await at_the_queue(reader)).page
    more = page.locator(f"[data-case='{case}'] details")
    await more.locator("summary").hover()
    await page.mouse.down()
    assert await page.evaluate(DRAW_ANEW), "it waits"
    await page.mouse.up()
    assert await page.evaluate("async () => (await window.drawn, !window.before.isConnected)")
    await expect(more).to_have_attribute("open", "")
    await expect(page.locator("#refused")).to_contain_text("现在不行")


COMES_BACK = """button => {
    const look = () => (window.cameBack ||= document.querySelector(button) !== null);
    new MutationObserver(look).observe(document.getElementById("live"), { childList: true });
}"""


async def test_how_the_queue_stood_before_what_was_done_is_not_drawn_any_more(
    reader: Reader, demo: Demonstration
) -> None:
    case = waiting(demo)
    page = (await at_the_queue(reader)).page
    button = f"[data-case='{case}'] [data-verb=start]"
    asked, done_since, arrived = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        asked.set()
        await done_since.wait()
        await route.fulfill(response=answer)
        arrived.set()

    await page.route("**/queue/cards", late, times=1)
    waiting(demo)
    await asked.wait()
    await tap(page, case, "start")
    await expect(page.locator(button)).to_have_count(0)
    await page.evaluate(COMES_BACK, button)
    done_since.set()
    await arrived.wait()
    await page.wait_for_timeout(300)
    assert not await page.evaluate("window.cameBack")


async def test_what_a_card_offers_since_it_changed_can_be_done_too(reader: Reader, demo: Demonstration) -> None:
    body = {"title": "桥面有坑", "kind": "request", "village": HOME, "grade": "I"}
    case: str = demo.post("/v1/cases", body, "integrator", key="offered")["id"]
    watched = await reader("town_clerk", **PHONE)
    page = watched.page
    await watched.open("/queue")
    await tap(page, case, "accept")
    await page.locator("#act form button.main").tap()
    await page.route("**/choices/units", lambda route: route.abort())
    async with page.expect_event("requestfailed"):
        await tap(page, case, "assign")
    await page.unroute("**/choices/units")
    unit = page.locator("#act [data-name=unit]")
    await unit.fill("晏坝镇")
    await page.locator("#offer-units [data-id]").first.wait_for(state="attached")
    await page.locator("#act form button.main").tap()
    await expect(page.locator("#said")).to_contain_text("派单")
    assert [event["type"] for event in demo.history(case)] == ["case.reported", "case.accepted", "case.assigned"]
