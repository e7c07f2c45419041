"""A browser that is signed in."""

from __future__ import annotations

import pytest

from api_tests.client import Client
from api_tests.pages.reading import signed_in


@pytest.fixture
async def browser(api: Client) -> Client:
    """A reader with a cookie jar, signed in as the head of the first town."""
    await signed_in(api, "head:T01")
    return api
