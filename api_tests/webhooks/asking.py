"""What the tests ask of webhooks, and how they wait for what comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from api_tests.client import Client, done
from api_tests.district import Json
from api_tests.receiver import Receiver, Sent

SOON = (0.03,) * 3
"""Seconds between attempts, where a test waits for them."""


async def made(api: Client, url: str, by: str = "admin", **more: Any) -> Json:
    return done(await api.post("/v1/webhooks", {"url": url, **more}, by=by), 201)


async def asked(api: Client, hook: Json, verb: str, by: str = "admin", status: int = 200, **body: Any) -> Json:
    return done(await api.post(f"/v1/webhooks/{hook['id']}/{verb}", body, by=by), status)


async def come(receiver: Receiver, number: int) -> list[Sent]:
    """What has been sent, once it is so much."""
    return await asyncio.to_thread(receiver.got, lambda sent: len(sent) >= number)


async def until(api: Client, path: str, wanted: Callable[[Json], bool], by: str = "admin") -> Json:
    async with asyncio.timeout(10):
        while not wanted(found := done(await api.get(path, by))):
            await asyncio.sleep(0.02)
    return found


async def states(api: Client, hook: Json, *wanted: str) -> list[Json]:
    """Its deliveries, oldest first, once they stand like this."""
    path = f"/v1/webhooks/{hook['id']}/deliveries"
    found = await until(api, path, lambda page: [one["state"] for one in page["items"]][::-1] == list(wanted))
    return list(found["items"])[::-1]


async def disabled(api: Client, hook: Json, by: str = "admin") -> str:
    """Why it is disabled, once it is."""
    found = await until(api, f"/v1/webhooks/{hook['id']}", lambda one: one["state"] == "disabled", by)
    return str(found["disabled_because"])


def types(sent: list[Sent]) -> list[str]:
    return [one.event["type"] for one in sent]
