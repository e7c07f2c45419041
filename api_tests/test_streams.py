"""What changes is told as it happens: to whoever watches it, in time, once more after a gap, and to nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from itertools import chain, repeat
from typing import cast

import httpx
import pytest
from sqlalchemy import exc
from starlette.types import Message

from api_tests.client import Client, done, refused
from api_tests.databases import Databases
from api_tests.district import Json
from api_tests.server import Server
from projections.banks.digests import Digests
from service.http import streams
from service.office import Office

SOON = 20.0
"""Seconds that a busy machine may take; the design is one second."""
LARGE = 10 * 1024 * 1024
"""Bytes that no system keeps on the way."""


@pytest.fixture(scope="module")
def server(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("streams"), databases.founded(), {})
    yield server.start()
    server.stop()


@pytest.fixture
async def api(server: Server) -> AsyncIterator[Client]:
    async with server.http() as http:
        yield Client(http)


class Reader:
    """Reads a stream, event by event."""

    def __init__(self, answer: httpx.Response) -> None:
        self._told: asyncio.Queue[Json] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read(answer))

    async def next(self, patience: float = SOON) -> Json | None:
        """The next event; None if there is none in that time."""
        with suppress(TimeoutError):
            return await asyncio.wait_for(self._told.get(), patience)
        return None

    async def ended(self) -> None:
        await asyncio.wait_for(self._reading, SOON)

    def stop(self) -> None:
        self._reading.cancel()

    async def _read(self, answer: httpx.Response) -> None:
        event: Json = {}
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if line and name:
                event[name] = value
            elif event:
                self._told.put_nowait(event)
                event = {}


@asynccontextmanager
async def reading(api: Client, path: str, by: str, **headers: str) -> AsyncIterator[Reader]:
    speaking = {"Authorization": f"Bearer dev:{by}", **{name.replace("_", "-"): one for name, one in headers.items()}}
    async with api.http.stream("GET", path, headers=speaking) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        reader = Reader(answer)
        try:
            yield reader
        finally:
            reader.stop()


async def up_to(reader: Reader, position: int) -> list[Json]:
    """All that is told until it shows what lies at a position."""
    told: list[Json] = []
    while not told or int(told[-1]["id"]) < position:
        event = await reader.next()
        assert event is not None
        told.append(event)
    return told


async def positions(api: Client, case: Json) -> list[int]:
    """Where the events of a case lie."""
    return [event["position"] for event in await api.history(case)]


WATCHED = (
    ("/v1/me/queue/stream", "head:T01", "queue.changed"),
    ("/v1/units/T01/queue/stream", "auditor", "queue.changed"),
    ("/v1/problem-bank/stream", "auditor", "problem-bank.changed"),
    ("/v1/problem-bank/stream?unit=T01", "head:T01", "problem-bank.changed"),
)


@pytest.mark.both
async def test_a_change_is_told_at_once(api: Client) -> None:
    async with AsyncExitStack() as watched:
        readers = [await watched.enter_async_context(reading(api, path, by)) for path, by, _ in WATCHED]
        firsts = [await reader.next() for reader in readers]
        case = await api.assigned()
        *_, assigned = await positions(api, case)
        told = [await up_to(reader, assigned) for reader in readers]
        for first, more, (*_, event) in zip(firsts, told, WATCHED, strict=True):
            assert first is not None
            assert {one["event"] for one in (first, *more)} == {event}
            assert int(more[0]["id"]) > int(first["id"])
        await api.ask(case, "start", by="officer:T01-LAND")
        *_, started = await positions(api, case)
        for reader in readers:
            assert await up_to(reader, started)


async def test_a_town_is_not_told_what_changes_elsewhere(api: Client) -> None:
    async with (
        reading(api, "/v1/me/queue/stream", "head:T02") as elsewhere,
        reading(api, "/v1/me/queue/stream", "head:T01") as concerned,
    ):
        assert await elsewhere.next()
        assert await concerned.next()
        *_, assigned = await positions(api, await api.assigned())
        await up_to(concerned, assigned)
        own = await api.report(by="citizen:1", village="V0201")
        await api.ask(own, "accept", by="clerk:T02")
        await api.ask(own, "assign", by="clerk:T02", unit="T02")
        reported, *_ = await positions(api, own)
        told = await elsewhere.next()
        assert told is not None
        assert int(told["id"]) >= reported, "the first that is told is his own"


async def test_a_complaint_does_not_stir_the_stream_of_whom_it_is_about(api: Client) -> None:
    """The auditor, for whom the same bank counts it, is told; so the silence is not for want of a change."""
    async with (
        reading(api, "/v1/problem-bank/stream?unit=T01", "head:T01") as his,
        reading(api, "/v1/problem-bank/stream?unit=T01", "auditor") as theirs,
    ):
        assert await his.next()
        assert await theirs.next()
        complaint = await api.report(by="citizen:1", village="V0101", kind="complaint", subjects=["head:T01"])
        await up_to(theirs, (await positions(api, complaint))[0])
        reported, *_ = await positions(api, await api.report(by="citizen:1", village="V0101"))
        told = await his.next()
        assert told is not None
        assert int(told["id"]) >= reported


async def test_who_comes_back_is_told_whether_he_missed_something(api: Client) -> None:
    async with reading(api, "/v1/me/queue/stream", "head:T01") as reader:
        last = await reader.next()
        assert last is not None
    for missed in (False, True):
        async with reading(api, "/v1/me/queue/stream", "head:T01", Last_Event_ID=last["id"]) as reader:
            if not missed:
                await api.assigned()
            told = await reader.next()
            assert told is not None
            assert int(told["id"]) > int(last["id"])


async def test_the_feed_goes_on_where_it_broke_off(api: Client) -> None:
    case = await api.assigned()
    async with reading(api, "/v1/events/stream", "auditor") as reader:
        before = [await reader.next() for _ in range(5)]
    last = before[-1]
    assert last is not None
    async with reading(api, "/v1/events/stream", "auditor", Last_Event_ID=last["id"]) as reader:
        after = await reader.next()
        assert after is not None
        assert int(after["id"]) == int(last["id"]) + 1
        while f'"subject":"{case["id"]}"' not in after["data"] or after["event"] != "case.assigned":
            after = await reader.next()
            assert after is not None


@pytest.mark.both
async def test_who_waits_is_answered_when_something_changes_and_not_before(api: Client) -> None:
    last = str((await api.get("/readyz")).json()["position"])
    now = await api.get("/v1/me/queue", "head:T01", Sanji_Min_Position=last)
    same = await api.get("/v1/me/queue?wait=0.5", "head:T01", If_None_Match=now.headers["etag"])
    assert same.status_code == 304
    waiting = asyncio.create_task(api.get("/v1/me/queue?wait=30", "head:T01", If_None_Match=now.headers["etag"]))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    case = await api.assigned()
    changed = await asyncio.wait_for(waiting, SOON)
    assert case["id"] in [item["id"] for item in done(changed)["items"]]


@pytest.mark.parametrize("path", ["/v1/units/T01/queue/stream", "/v1/problem-bank/stream?unit=T01"])
async def test_who_may_not_look_may_not_watch(api: Client, path: str) -> None:
    refused(await api.get(path, "head:T02"), 403, "not_permitted")
    refused(await api.send("GET", path, by=None), 401, "unauthenticated")


@pytest.mark.parametrize("path", ["/v1/events/stream", "/v1/me/queue/stream"])
async def test_the_head_of_a_stream_has_an_end(api: Client, path: str) -> None:
    async with asyncio.timeout(SOON):
        head = await api.send("HEAD", path, by="head:T01")
        assert head.headers["content-type"].startswith("text/event-stream")
        done(await api.get("/v1/me", "head:T01"))


async def test_a_look_that_fails_is_not_the_last(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = chain([{"T01": {"T01": 1}}, None], repeat({"T01": {"T01": 2}}))

    def looked_at(*_: object) -> Digests:
        found = next(looks)
        if found is None:
            raise exc.OperationalError("select", None, Exception("the database is out of reach"))
        return found

    monkeypatch.setattr(streams, "SORTS", {"queue": looked_at})
    monkeypatch.setattr(streams, "BETWEEN", 0.0)
    monkeypatch.setattr(streams, "BEAT", 0.0)
    hub = streams.Hub(office)
    async with streams.watching(hub, "queue", frozenset({"T01"})) as waiter:
        assert await waiter.woken(SOON)
    hub.close()


async def test_a_stream_that_tells_nothing_is_alive_while_others_are_told(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Listener(streams.Waiter):
        def beat(self) -> None:
            self.wake()

    async def busily() -> None:
        while True:
            office.viewed.ring()
            await asyncio.sleep(0.01)

    monkeypatch.setattr(streams, "BETWEEN", 0.0)
    monkeypatch.setattr(streams, "BEAT", 0.2)
    hub, listener = streams.Hub(office), Listener("queue", frozenset())
    others = asyncio.create_task(busily())
    await hub.enter(listener)
    assert await listener.woken(SOON)
    others.cancel()
    hub.close()


async def test_what_changes_while_a_slow_reader_takes_in_a_sign_of_life_is_told_after_it() -> None:
    told: list[bytes] = []
    taken_in = asyncio.Event()

    async def send(message: Message) -> None:
        await taken_in.wait()
        told.append(message["body"])

    async def knows() -> Callable[[str], bool]:
        return lambda _guard: True

    stream = streams.Stream(cast(streams.Hub, None), "queue", frozenset({"T01"}), knows, None)
    stream._send = send
    stream.beat()
    stream.wake(7, frozenset({"T01"}))
    taken_in.set()
    await asyncio.sleep(0.01)
    assert told == [b": still here\n\n", b'event: queue.changed\nid: 7\ndata: {"position":7}\n\n']


async def test_a_server_that_stops_ends_its_streams_and_waits_for_nobody_who_waits_or_stalls(
    database_url: str, serve: Callable[..., Server]
) -> None:
    server = serve(database_url)
    async with server.http() as http:
        api = Client(http)
        file = {"file": ("letter.txt", b"x" * LARGE)}
        digest = done(await api.send("POST", "/v1/attachments", by="citizen:1", files=file), 201)["sha256"]
        position = (await api.get("/readyz")).json()["position"]
        async with (
            reading(api, "/v1/me/queue/stream", "head:T01") as queue,
            reading(api, "/v1/events/stream?after=1000000", "auditor") as feed,
            stalling(server, f"/v1/attachments/{digest}", "citizen:1"),
        ):
            assert await queue.next()
            waiting = asyncio.create_task(api.get(f"/v1/events?after={position}&wait=30"))
            known = (await api.get("/v1/me/queue", "head:T01")).headers["etag"]
            polling = asyncio.create_task(api.get("/v1/me/queue?wait=30", "head:T01", if_none_match=known))
            await asyncio.sleep(0.5)
            stopping = asyncio.create_task(asyncio.to_thread(server.stop))
            await queue.ended()
            await feed.ended()
            assert ((await waiting).status_code, (await polling).status_code) == (200, 304)
            assert await stopping, "by itself"
    assert "Traceback" not in server.logged()


@asynccontextmanager
async def stalling(server: Server, path: str, by: str) -> AsyncIterator[None]:
    """Somebody who asks for something large and takes in but the beginning of it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer dev:{by}\r\n\r\n".encode())
    assert await reader.read(10)
    yield
    writer.close()
