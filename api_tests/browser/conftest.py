"""One browser and one small demonstration for each process that tests; readers who are signed in to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from api_tests.browser.chromium import HOW_TO_GET_IT, found
from api_tests.browser.demonstration import Demonstration, demonstration
from api_tests.browser.watching import Watched
from conftest import REQUIRED

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1440, "height": 900}}

Reader = Callable[..., Awaitable[Watched]]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    with demonstration(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    path = found()
    if path is None:
        pytest.fail(HOW_TO_GET_IT) if "chromium" in REQUIRED else pytest.skip(HOW_TO_GET_IT)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def reader(chromium: Browser, demo: Demonstration) -> AsyncIterator[Reader]:
    """Opens a browser of somebody's own, signed in as `role`; as nobody without one."""
    async with AsyncExitStack() as opened:

        async def sit_down(role: str | None = None, *, lang: str = "zh", dark: bool = False, **how: Any) -> Watched:
            context = await chromium.new_context(
                base_url=demo.url, color_scheme="dark" if dark else "light", locale="zh-CN", **{**DESK, **how}
            )
            opened.push_async_callback(context.close)
            await context.add_cookies([{"name": "sanji_language", "value": lang, "url": demo.url}])
            if role is not None:
                own = {"Sec-Fetch-Site": "same-origin"}
                answer = await context.request.post("/sign-in", form={"role": role, "next": "/track"}, headers=own)
                assert answer.ok
            return Watched(await context.new_page(), urlsplit(demo.url).netloc)

        yield sit_down
