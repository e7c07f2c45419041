"""A look is put on record once it is known what came of it, and before the answer leaves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import Request

from domain.refusals import NotFound, NotPermitted
from service.audit.access_log import LookOutcome

LOOK = "sanji_look"
"""Where a desk that was opened leaves how a look at it is put on record."""


Record = Callable[[LookOutcome], Awaitable[None]]


@asynccontextmanager
async def on_record(record: Record) -> AsyncIterator[None]:
    """Around what tells something. What could not be asked so, or was not answered at all, shows nothing and is no look."""
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
