"""A list read page by page over HTTP, while what it lists moves."""

import asyncio

import pytest
from sqlalchemy import select

from api_tests.client import Client, done
from api_tests.district import Json
from projections.cases.case_file import case_file
from service.office import Office, view_position


@pytest.mark.parametrize("at", ["", "&at=2025-03-03T12:00:00%2B08:00"])
async def test_a_case_that_moves_between_two_pages_is_listed_once(api: Client, at: str) -> None:
    cases: list[Json] = []
    for hour in (9, 10, 11):
        await api.set_clock(f"2025-03-03 {hour:02}:00")
        cases.append(await api.report(by="citizen:1", village="V0101", title="A pipe"))
    await api.set_clock("2025-03-03 12:00")
    page = done(await api.get(f"/v1/cases?sort=updated_at&limit=2{at}", "auditor"))
    met = [one["id"] for one in page["items"]]
    await api.ask(cases[0], "accept", by="clerk:T01")
    await api.set_clock("2025-03-03 12:01")
    page = done(await api.get(f"/v1/cases?sort=updated_at&limit=2{at}&cursor={page['next']}", "auditor"))
    assert [*met, *(one["id"] for one in page["items"])] == [one["id"] for one in reversed(cases)]
    assert [one["status"] for one in page["items"]] == ["reported" if at else "accepted"]


async def test_a_view_is_of_one_position_whatever_is_recorded_while_it_is_looked_at(
    api: Client, office: Office
) -> None:
    case, loop = await api.report(by="citizen:1", village="V0101", title="A pipe"), asyncio.get_running_loop()
    version = select(case_file.c.version).where(case_file.c.case_id == case["id"])

    def look() -> bool:
        with office.snapshots.connect() as db:
            before = view_position(db), db.scalar(version)
            accepted = asyncio.run_coroutine_threadsafe(api.ask(case, "accept", by="clerk:T01"), loop)
            accepted.result(30)
            asyncio.run_coroutine_threadsafe(office.views_catch_up(), loop).result(30)
            return before == (view_position(db), db.scalar(version))

    assert await office.views_catch_up()
    assert await office.in_thread(look)
