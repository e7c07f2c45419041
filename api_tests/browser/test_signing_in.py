"""By redirect in a real browser: back from another site one is signed in, though the cookie is for our own pages only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.async_api import Browser, expect

from api_tests.databases import SqliteFolder
from api_tests.issuer import AUDIENCE, CLIENT, SECRET, Issuer
from api_tests.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def district(sqlite: SqliteFolder) -> str:
    return sqlite.founded()


async def test_who_signs_in_over_there_is_signed_in_here(
    chromium: Browser, district: str, serve: Callable[..., Server]
) -> None:
    # for a browser, localhost is another site than 127.0.0.1
    with Issuer("localhost").at_work() as issuer:
        trusted = {"ISSUER": issuer.url, "AUDIENCE": AUDIENCE, "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET}
        settings = {f"SANJI_OIDC_{name}": value for name, value in trusted.items()}
        server = serve(district, SANJI_AUTH="oidc", **settings)
        context = await chromium.new_context(locale="zh-CN")
        try:
            page = await context.new_page()
            await page.goto(f"{server.url}/queue")
            await page.get_by_role("link", name="用单位账号登录").click()
            await page.wait_for_url(f"{server.url}/queue")
            await expect(page.get_by_role("button", name="退出")).to_be_visible()
            [kept] = [one for one in await context.cookies() if one["name"].startswith("sanji_s")]
            assert (kept["name"], kept["sameSite"], kept["httpOnly"]) == ("sanji_session", "Strict", True)
        finally:
            await context.close()
