"""Puts a look on record: once it is known what came of it, and before the answer leaves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import Request

from domain.refusals import NotFound, NotPermitted
from service.audit.access_log import LookOutcome

LOOK = "sanji_look"
"""The key in the scope under which an open desk leaves how to record a look at it."""


Record = Callable[[LookOutcome], Awaitable[None]]


@asynccontextmanager
async def on_record(record: Record) -> AsyncIterator[None]:
    """Record what came of the look inside. What was not understood, or failed, showed nothing and is no look."""
    try:
        yield
    except NotPermitted:
        await record(LookOutcome.NOT_PERMITTED)
        raise
    except NotFound:
        await record(LookOutcome.NOT_FOUND)
        raise
    await record(LookOutcome.SHOWN)


@asynccontextmanager
async def looking(request: Request) -> AsyncIterator[None]:
    """Around an answer."""

    async def record(outcome: LookOutcome) -> None:
        look: Record | None = request.scope.get(LOOK)
        if look is not None:
            await look(outcome)

    async with on_record(record):
        yield
