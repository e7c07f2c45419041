"""The views as they lie in the database: some cases in them, every row of them, and building them anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from api_tests.client import Client
from projections import PROJECTIONS
from service.keeping.shares import built
from service.office import Office


def rows(office: Office) -> Mapping[str, list[Any]]:
    """Every row of every view."""
    with office.engine.connect() as db:
        return {
            table.name: sorted(map(str, db.execute(select(table))))
            for projection in PROJECTIONS
            for table in projection.tables
        }


def rebuilt(url: str, *names: str) -> int:
    return built(url, names, lambda _far, _last: None)


async def some_cases(api: Client) -> None:
    for number in range(4):
        await api.assigned(by=f"citizen:{number}")
    await api.set_clock("2025-03-20 09:00")
