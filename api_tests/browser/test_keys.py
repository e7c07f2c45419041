"""Everything with the keyboard alone: tabbed through in order, seen where one is, and quick for those at a desk."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from api_tests.browser.conftest import DESK, Reader
from api_tests.browser.demonstration import Demonstration
from api_tests.browser.waiting import done, waiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

REACHABLE = """() => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
  .filter(one => !one.disabled && one.checkVisibility({ visibilityProperty: true }))
  .map((one, n) => one.dataset.stop = String(n))"""

WALKING = """() => {
    window.walked = [];
    document.addEventListener("focusin", ({ target }) => {
        const line = getComputedStyle(target);
        const seen = parseFloat(line.outlineWidth) > 0 && line.outlineStyle !== "none";
        if (target.dataset.stop !== walked.at(-1)?.[0]) walked.push([target.dataset.stop, seen]);
    });
}"""

# the overview and the queue draw themselves anew while one walks: there the focus is looked at further below
PAGES = {
    "/sign-in": None,
    "/track": None,
    "/cases": "auditor",
    "/report": "cadre",
    "/cases/{case}": "town_head",
    "/cases/{case}/replay": "auditor",
    "/households": "town_head",
    "/visits": "cadre",
    "/programmes": "town_head",
    "/scorecards": "auditor",
    "/coverage": "auditor",
    "/organisation": "auditor",
    "/policies/hanbin-default-1": "admin",
    "/calendars/cn/2026": "admin",
    "/jobs": "admin",
    "/reports/monthly": "auditor",
    "/more": "admin",
}


async def pressed(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


@pytest.mark.parametrize("address", PAGES)
async def test_tab_reaches_everything_in_its_order_and_shows_where_one_is(
    walker: Reader, demo: Demonstration, address: str
) -> None:
    watched = await walker(PAGES[address])
    page = watched.page
    await page.set_viewport_size(DESK["viewport"])
    await watched.open(address.format(case=demo.case))
    stops: list[str] = await page.evaluate(REACHABLE)
    await page.evaluate(WALKING)
    walked: list[tuple[str, bool]] = []
    for _ in stops:  # the parts of a date are stops of their own: then it is not done in one go
        if len(walked) < len(stops):
            await pressed(page, *["Tab"] * (len(stops) - len(walked)))
            walked = await page.evaluate("walked")
    assert [stop for stop, seen in walked if not seen] == [], "nobody sees that these have the focus"
    assert [stop for stop, _ in walked] == stops


async def test_the_first_tab_leads_past_the_head_of_the_page(reader: Reader) -> None:
    watched = await reader("town_head")
    await watched.open("/queue")
    await pressed(watched.page, "Tab", "Enter", "Tab")
    assert await watched.page.evaluate("document.activeElement.closest('main') !== null")


async def test_the_queue_is_worked_off_by_keys(reader: Reader, demo: Demonstration) -> None:
    cases = [waiting(demo), waiting(demo)]
    watched = await reader("town_head")
    page = watched.page
    await watched.open("/queue")
    here = page.locator(".queue > [aria-current]")
    ids: list[str] = await page.eval_on_selector_all("[data-case]", "all => all.map(one => one.dataset.case)")
    at = ids.index(cases[0])
    await pressed(page, *"j" * (at + 2), "k")
    await expect(here).to_have_attribute("data-case", cases[0])
    await expect(here).to_be_focused()

    await expect(here.locator("[data-verb]").first).to_have_attribute("data-verb", "contact")
    await pressed(page, "1")
    dialog = page.locator("#act")
    await expect(dialog).to_be_visible()
    await pressed(page, "j", "h", "?")
    await expect(dialog, "keys are for the form while it is open").to_be_visible()
    await pressed(page, "ArrowDown", "Tab")
    await page.keyboard.type("现场核对")
    await pressed(page, "Escape")
    await expect(dialog).to_be_hidden()
    assert done(demo, cases[0]) == {}

    await pressed(page, "1")
    await expect(dialog.locator("textarea"), "what was begun is gone on with").to_have_value("现场核对")
    await pressed(page, "Tab", "Tab", "Enter")
    await expect(dialog).to_be_hidden()
    await expect(page.locator("#said")).to_contain_text("已办")
    assert done(demo, cases[0]) == {"case.citizen_contacted": 1}


async def test_the_focus_stays_when_something_changes_elsewhere(reader: Reader, demo: Demonstration) -> None:
    """And it is told of it though something before the service has refused to listen for a moment."""
    case = waiting(demo)
    watched = await reader("town_head")
    page = watched.page
    await page.clock.install()
    await page.route("**/queue/stream", lambda route: route.fulfill(status=502), times=1)
    async with page.expect_response("**/queue/stream"):
        await watched.open("/queue")
    await page.clock.fast_forward(15_000)
    here = page.locator(f"[data-case='{case}'] summary").last
    await here.focus()
    await pressed(page, "Enter")
    other = waiting(demo)
    await expect(page.locator(f"[data-case='{other}']")).to_be_visible()
    await expect(here).to_be_focused()
    await expect(here.locator("..")).to_have_attribute("open", "")
    await page.context.clear_cookies(name="sanji_session")
    waiting(demo)
    await expect(page.locator("#said"), "the queue is as it was when the session ended").to_contain_text("登录已过期")


async def test_keys_open_the_replay_the_search_and_the_list_of_keys(reader: Reader) -> None:
    watched = await reader("town_head")
    page = watched.page
    await watched.open("/queue")
    await pressed(page, "?")
    await expect(page.locator("#keys")).to_be_visible()
    await pressed(page, "Escape", "j")
    case = await page.locator(".queue > [aria-current]").get_attribute("data-case")
    await pressed(page, "h")
    await page.wait_for_url(f"**/cases/{case}/replay")
    await page.go_back()
    await pressed(page, "/")
    await expect(page.locator("#search")).to_be_focused()


async def test_the_replay_moves_with_the_arrows_and_its_address_with_it(reader: Reader, demo: Demonstration) -> None:
    watched = await reader("auditor")
    page = watched.page
    await watched.open(f"/cases/{demo.case}/replay?version=3")
    await page.locator("#slide input").focus()
    await pressed(page, "ArrowRight")
    await page.wait_for_url("**/replay?version=4")
    await expect(page.locator(".story [aria-current]")).to_contain_text("4 ·")
    await pressed(page, "Home")
    await page.wait_for_url("**/replay?version=1")
