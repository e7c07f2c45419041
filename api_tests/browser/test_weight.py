"""What a page weighs: all bytes that travel for a first visit, over a line as narrow as a village's."""

from __future__ import annotations

import pytest

from api_tests.browser.conftest import PHONE, Reader

pytestmark = pytest.mark.asyncio(loop_scope="session")

KB = 1000


@pytest.mark.parametrize(("role", "address", "most"), [("town_head", "/queue", 30 * KB), ("auditor", "/", 80 * KB)])
async def test_a_first_visit_is_light(reader: Reader, role: str, address: str, most: int) -> None:
    """One of three is: what others change meanwhile is fetched once more."""
    weighed = [0.0]
    while not 0 < weighed[-1] <= most and len(weighed) <= 3:
        weighed.append(await weight(reader, role, address))
    assert 0 < weighed[-1] <= most, weighed


async def weight(reader: Reader, role: str, address: str) -> float:
    watched = await reader(role, **PHONE)
    page = watched.page
    network = await page.context.new_cdp_session(page)
    travelled: list[float] = []
    await network.send("Network.enable")
    await network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    network.on("Network.loadingFinished", lambda one: travelled.append(one["encodedDataLength"]))
    await watched.open(address)
    await page.wait_for_timeout(300)
    return sum(travelled)
