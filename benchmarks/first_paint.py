"""The queue and the overview of the demonstration are painted within a second on a slow phone: 4x CPU slow-down, 1.6 Mbit/s."""

import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from api_tests.browser.chromium import HOW_TO_GET_IT, found
from benchmarks.measured import Target
from benchmarks.servers import free_port, served

CASES = 400
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "is_mobile": True,
    "has_touch": True,
    "locale": "zh-CN",
}
LINE = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
SLOWER = 4
PAGES = {"town_head": "/queue", "auditor": "/"}
LIMIT_MS = 1000.0


def run(_seconds: float, rounds: int) -> list[Target]:
    """First visits, with nothing kept from an earlier one; each by a browser of its own."""
    path = found()
    if path is None:
        raise RuntimeError(HOW_TO_GET_IT)
    port = free_port()
    with TemporaryDirectory(prefix="bench-") as folder, sync_playwright() as playwright:
        command = [sys.executable, "-m", "service.cli", "demo", "--port", str(port), "--cases", str(CASES)]
        with served(command, port, {"SANJI_DATA_DIR": str(Path(folder))}):
            browser = playwright.chromium.launch(executable_path=path)
            taken = {
                address: [painted(browser, f"http://127.0.0.1:{port}", role, address) for _ in range(rounds + 1)][1:]
                for role, address in PAGES.items()
            }
            browser.close()
    for address, times in taken.items():
        print(f"{address:8} first contentful paint, ms: {', '.join(f'{one:.0f}' for one in times)}")
    return [
        Target(what=f"first paint of {address}, ms", figure=median(times), at_most=LIMIT_MS)
        for address, times in taken.items()
    ]


def painted(browser: Browser, url: str, role: str, address: str) -> float:
    """Milliseconds from going there to the first contentful paint."""
    context = browser.new_context(base_url=url, **PHONE)
    own = {"Sec-Fetch-Site": "same-origin"}
    context.request.post("/sign-in", form={"role": role, "next": "/track"}, headers=own)
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", LINE)
    network.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address, wait_until="load")
    at: float = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    context.close()
    return at
