"""A page under watch: what it complains of, whom it asks, and what keeps people from using it."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import ConsoleMessage, Page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LOOK = """async ([inside, rules]) => {
    const found = await axe.run(inside ?? document, { ...rules, resultTypes: ["violations"], preload: false });
    return found.violations.map(one => `${one.id}: ${one.help}: ${one.nodes.map(node => node.target)}`);
}"""
"""Nothing is worked out of what is well: that takes longer than the looking."""

NEXT_FRAME = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""What hangs on the size of letters, such as the width from which on a line breaks, is worked out once a frame."""


@dataclass
class Watched:
    """A page, and what was noticed since it was opened."""

    page: Page
    host: str
    complaints: list[str] = field(default_factory=list)
    asked_elsewhere: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self.host:
            self.asked_elsewhere.append(url)

    async def open(self, address: str) -> None:
        """Go there, and wait until it is drawn and its scripts have run. What was noticed before is forgotten."""
        self.complaints.clear()
        self.asked_elsewhere.clear()
        await self.page.goto(address, wait_until="load")

    async def barriers(self, inside: str | None = None) -> list[str]:
        """What axe finds on the page, or inside a part of it, one line each: the rule, and where."""
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(f"{AXE_SCRIPT};0")
        found: list[str] = await self.page.evaluate(LOOK, [inside, RULES])
        return found

    async def speak(self, lang: str) -> None:
        """The language of the pages that are opened next."""
        await self.page.context.add_cookies([{"name": "sanji_language", "value": lang, "url": f"http://{self.host}"}])

    async def set_letters(self, size: int) -> None:
        """How large the reader has chosen letters to be, in pixels; 16 is what browsers begin with."""
        browser = await self.page.context.new_cdp_session(self.page)
        await browser.send("Page.setFontSizes", {"fontSizes": {"standard": size}})
        await browser.detach()
        await self.page.evaluate(NEXT_FRAME)

    async def too_wide(self) -> bool:
        """Whether one must scroll sideways to read it."""
        size = self.page.viewport_size
        wide: int = await self.page.evaluate("document.documentElement.scrollWidth")
        return size is not None and wide > size["width"]
