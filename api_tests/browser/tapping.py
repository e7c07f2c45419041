"""What hands do on a telephone: they tap what a card offers, and fill in its form."""

from __future__ import annotations

from playwright.async_api import Page

from api_tests.browser.conftest import PHONE, Reader
from api_tests.browser.watching import Watched


async def at_the_queue(reader: Reader) -> Watched:
    """The town head's phone, on which the queue is kept."""
    watched = await reader("town_head", **PHONE)
    await watched.open("/queue")
    await watched.page.locator("html[data-kept]").wait_for(state="attached")
    return watched


async def contact(page: Page, case: str, note: str) -> None:
    """One tap, and a form."""
    await tap(page, case, "contact")
    form = page.locator("#act form")
    await form.locator("[data-name=outcome]").select_option("reached")
    await form.locator("[data-name=note]").fill(note)
    await form.locator("button.main").tap()


async def tap(page: Page, case: str, verb: str) -> None:
    card = page.locator(f"[data-case='{case}']")
    button = card.locator(f"[data-verb={verb}]")
    if not await button.is_visible():
        await card.locator("summary").first.tap()
    await button.tap()
