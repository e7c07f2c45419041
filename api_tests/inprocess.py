"""The service in this process: an office at work, and a client in front of it without a port between them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path

import httpx
from fastapi import FastAPI

from api_tests.client import Client
from service.app import with_office, without_office
from service.office import Office
from service.settings import Settings

ALIKE = Settings(auth="dev", clock="manual", host="127.0.0.1", strangers_per_s=0)


@contextmanager
def at_work(url: str, folder: Path, *, background: bool = True, stamped: bool = True) -> Iterator[Office]:
    """With dev sign-in and a clock that stands still, whatever the environment says; all who ask have one address."""
    office = Office(ALIKE.model_copy(update={"database_url": url, "data_dir": folder}))
    if not stamped:
        office.recorder.stamp = None
    office.open(background=background)
    try:
        yield office
    finally:
        office.close()


@cache
def the_service() -> FastAPI:
    """Its routes take longer to make than most tests, so they are made once."""
    return without_office()


def reopened(office: Office) -> FastAPI:
    """The one application, with another office behind it; who had it before has it no more."""
    app = the_service()
    app.middleware_stack = None
    app.user_middleware.clear()
    return with_office(app, office)


@asynccontextmanager
async def in_front_of(app: FastAPI) -> AsyncIterator[Client]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60) as http:
        yield Client(http)
