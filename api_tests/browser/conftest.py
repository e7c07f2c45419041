"""One browser and one small demonstration for each process that tests; readers who are signed in to it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from api_tests.browser.chromium import HOW_TO_GET_IT, found
from api_tests.browser.demonstration import Demonstration, demonstration
from api_tests.browser.waiting import put_away
from api_tests.browser.watching import Watched
from conftest import REQUIRED

expect.set_options(timeout=30_000)
"""Twice as long as a page waits before it sends again what was lost on the way."""

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}

Reader = Callable[..., Awaitable[Watched]]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with demonstration(shared / "filled", tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(autouse=True)
def tidied(demo: Demonstration) -> Iterator[None]:
    yield
    put_away(demo)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    path = found()
    if path is None:
        pytest.fail(HOW_TO_GET_IT) if "chromium" in REQUIRED else pytest.skip(HOW_TO_GET_IT)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path)
        yield browser
        await browser.close()


@asynccontextmanager
async def readers(chromium: Browser, demo: Demonstration) -> AsyncIterator[Reader]:
    """Opens a browser of somebody's own, signed in as `role`; as nobody without one."""
    async with AsyncExitStack() as opened:

        async def sit_down(role: str | None = None, *, lang: str = "zh", dark: bool = False, **how: Any) -> Watched:
            context = await chromium.new_context(
                base_url=demo.url, color_scheme="dark" if dark else "light", locale="zh-CN", **{**DESK, **how}
            )
            opened.push_async_callback(context.close)
            if role is not None:
                own = {"Sec-Fetch-Site": "same-origin"}
                answer = await context.request.post("/sign-in", form={"role": role, "next": "/track"}, headers=own)
                assert answer.ok
            watched = Watched(await context.new_page(), urlsplit(demo.url).netloc)
            await watched.speak(lang)
            return watched

        yield sit_down


@pytest_asyncio.fixture(loop_scope="session")
async def reader(chromium: Browser, demo: Demonstration) -> AsyncIterator[Reader]:
    """Readers who get up after the test."""
    async with readers(chromium, demo) as sit_down:
        yield sit_down


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def walker(chromium: Browser, demo: Demonstration) -> AsyncIterator[Reader]:
    """One phone in the dark for each role, on which page after page is opened: for tests that change nothing."""
    phones: dict[str | None, Watched] = {}
    async with readers(chromium, demo) as sit_down:

        async def walk(role: str | None) -> Watched:
            if role not in phones:
                phones[role] = await sit_down(role, dark=True, **PHONE)
            walked = phones[role]
            await walked.page.emulate_media(color_scheme="dark")
            await walked.page.set_viewport_size(PHONE["viewport"])
            await walked.speak("zh")
            return walked

        yield walk
