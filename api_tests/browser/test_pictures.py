"""The three screens as pictures. `SANJI_PICTURES=1` puts them into docs/pictures, where the README shows them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from api_tests.browser.conftest import Reader
from api_tests.browser.demonstration import Demonstration

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SCREENS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "overview": ("auditor", "/", {"width": 1280, "height": 1400}),
    "queue": ("town_head", "/queue", {"width": 390, "height": 1000}),
    "replay": ("auditor", "/cases/{case}/replay?version=7", {"width": 1280, "height": 1000}),
}
LEAST = 15_000
"""Bytes of a picture on which there is something to see."""


@pytest.mark.parametrize("screen", SCREENS)
async def test_a_picture_of_it_shows_something(reader: Reader, demo: Demonstration, screen: str) -> None:
    role, address, size = SCREENS[screen]
    watched = await reader(role, lang="zh", dark=False, viewport=size)
    await watched.open(address.format(case=demo.case))
    picture = await watched.page.screenshot(type="jpeg", quality=80)
    assert len(picture) > LEAST
    if os.environ.get("SANJI_PICTURES"):
        PICTURES.mkdir(exist_ok=True)
        (PICTURES / f"{screen}.jpg").write_bytes(picture)
