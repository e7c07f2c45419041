"""A look is put on record once it is known what came of it, and before the answer leaves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import Request

from domain.refusals import NotFound, NotPermitted
from service.audit.access_log import LookOutcome

LOOK = "sanji_look"
"""Where a desk that was opened leaves how a look at it is put on record."""


@asynccontextmanager
async def looking(request: Request) -> AsyncIterator[None]:
    """Around an answer. What could not be asked so, or was not answered at all, shows nothing and is no look."""
    try:
        yield
    except NotPermitted:
        await _on_record(request, LookOutcome.NOT_PERMITTED)
        raise
    except NotFound:
        await _on_record(request, LookOutcome.NOT_FOUND)
        raise
    await _on_record(request, LookOutcome.SHOWN)


async def _on_record(request: Request, outcome: LookOutcome) -> None:
    look: Callable[[LookOutcome], Awaitable[None]] | None = request.scope.get(LOOK)
    if look is not None:
        await look(outcome)
