"""Whoever tails the log reads every event once and in order, while two processes write it."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import psycopg
import pytest

from api_tests.databases import PostgresServer
from api_tests.load import Crowd
from api_tests.server import Server
from service.record.recorder import Recorder
from service.storage.database import open_database

pytestmark = pytest.mark.both

AUDITOR = {"Authorization": "Bearer dev:auditor"}
SECONDS = [1.5, pytest.param(60, marks=pytest.mark.soak)]


async def tailed(after: Callable[[int], Awaitable[list[int]]], writing: asyncio.Task[None]) -> list[int]:
    """The positions a reader sees, one page after the other, until nobody writes any more and nothing is left."""
    seen: list[int] = []
    while True:
        quiet = writing.done()
        page = await after(seen[-1] if seen else 0)
        seen += page
        if quiet and not page:
            return seen


def skipped_or_repeated(seen: list[int]) -> list[tuple[int, int]]:
    return [(one, following) for one, following in pairwise([0, *seen]) if following != one + 1]


@pytest.mark.parametrize("seconds", SECONDS)
async def test_two_processes_write_and_readers_skip_nothing_and_repeat_nothing(
    database_url: str, serve: Callable[..., Server], seconds: float
) -> None:
    one, other = serve(database_url), serve(database_url)
    engine = open_database(database_url, pool=1)
    recorder = Recorder(engine)

    async def from_the_log(after: int) -> list[int]:
        page = await asyncio.to_thread(recorder.select_notifications, after, 500, inclusive_of_start=False)
        return [line.id for line in page]

    async with other.http() as http:

        async def from_the_feed(after: int) -> list[int]:
            asked = {"after": after, "limit": 200, "wait": 0.5}
            answer = await http.get("/v1/events", params=asked, headers=AUDITOR)
            assert answer.headers["content-type"] == "application/cloudevents-batch+json"
            return [event["sanjiposition"] for event in answer.json()]

        crowd = Crowd([one.url, other.url], citizens=8)
        writing = asyncio.create_task(crowd.report(seconds))
        by_feed, by_log = await asyncio.gather(tailed(from_the_feed, writing), tailed(from_the_log, writing))
        await writing
        last = (await http.get("/readyz")).json()["position"]
    engine.dispose()
    assert len(crowd.acknowledged) > 5 * seconds, "there was a load"
    assert skipped_or_repeated(by_feed) == skipped_or_repeated(by_log) == []
    assert by_feed[-1] == by_log[-1] == last


@pytest.mark.parametrize("database", ["postgresql"])
async def test_a_log_numbered_by_a_sequence_would_skip_what_commits_late(
    postgresql: PostgresServer, database: str
) -> None:
    """The control: why positions are taken under one lock, and that a hole in what is read is noticed."""
    with psycopg.connect(postgresql.uri("postgres"), autocommit=True) as reader:
        reader.execute("CREATE TABLE numbered (position bigserial PRIMARY KEY)")
        with psycopg.connect(postgresql.uri("postgres")) as late, psycopg.connect(postgresql.uri("postgres")) as quick:
            late.execute("INSERT INTO numbered DEFAULT VALUES")
            quick.execute("INSERT INTO numbered DEFAULT VALUES")
            quick.commit()

            async def after(position: int) -> list[int]:
                rows = reader.execute("SELECT position FROM numbered WHERE position > %s", (position,)).fetchall()
                return [number for (number,) in rows]

            seen = await after(0)
            late.commit()
            seen += await after(seen[-1])
        assert reader.info.server_version >= 18_00_00, database
    assert skipped_or_repeated(seen) == [(0, 2)]
    assert skipped_or_repeated([1, 2, 2, 3]) == [(2, 2)]
