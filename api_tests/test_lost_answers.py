"""The wire to PostgreSQL breaks around a commit: everybody is told the truth or asked to try again, nothing is done twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy import make_url

from api_tests.client import Client, done, new_key, refused
from api_tests.databases import PostgresServer
from api_tests.district import Json, report
from api_tests.inprocess import at_work, in_front_of
from api_tests.proxy import Loss, Proxy
from service.app import create_app
from service.office import Office
from service.record.codec import to_line

LOSSES = pytest.mark.parametrize("loss", Loss, ids=lambda loss: f"postgresql-{loss.name.lower()}")


@pytest.fixture
def proxy(postgresql: PostgresServer) -> Iterator[Proxy]:
    folder = make_url(postgresql.uri("postgres")).query["host"]
    proxy = Proxy(f"{folder}/.s.PGSQL.5432")
    yield proxy
    proxy.close()


@pytest.fixture
def address(postgresql: PostgresServer) -> str:
    return postgresql.founded()


@pytest.fixture
def office(proxy: Proxy, address: str, tmp_path: Path) -> Iterator[Office]:
    """The service, reaching its database through the wire; only its clerk writes."""
    through = make_url(address).set(host="127.0.0.1", port=proxy.port).difference_update_query(["host"])
    with at_work(through.render_as_string(hide_password=False), tmp_path, background=False) as office:
        yield office


@pytest.fixture
async def api(office: Office) -> AsyncIterator[Client]:
    async with in_front_of(create_app(office)) as client:
        yield client


@pytest.fixture
async def elsewhere(address: str, tmp_path: Path) -> AsyncIterator[Client]:
    """Another process on the same database, whose wire is sound."""
    with at_work(address, tmp_path, background=False) as office:
        async with in_front_of(create_app(office)) as client:
            yield client


def reported(office: Office) -> list[str]:
    """The titles of all reports in the log."""
    lines = office.recorder.select_notifications(0, 1000, topics=["case.reported"])
    return [to_line(line.state).data["title"] for line in lines]


async def settled(api: Client, path: str, by: str, body: Json, key: str, **headers: str) -> httpx.Response:
    """Send it under the same key until it is answered."""
    for _ in range(10):
        answer = await api.post(path, body, by=by, key=key, **headers)
        if answer.status_code != 503:
            return answer
        refused(answer, 503, "overloaded")
        assert answer.headers["retry-after"] == "1"
    raise AssertionError("it was never settled")


@LOSSES
async def test_a_report_is_recorded_once_and_its_answer_is_its_own(
    api: Client, office: Office, proxy: Proxy, loss: Loss
) -> None:
    proxy.lose(b"case.reported", loss)
    key = new_key()
    answer = await settled(api, "/v1/cases", "citizen:1", report(title="Lost"), key)
    assert proxy.lost == 1
    case = done(answer, 201)
    assert reported(office) == ["Lost"]
    assert (await api.case(case, by="citizen:1"))["title"] == "Lost"
    again = await api.post("/v1/cases", report(title="Lost"), by="citizen:1", key=key)
    assert again.content == answer.content


@LOSSES
async def test_all_who_were_in_one_batch_are_answered(api: Client, office: Office, proxy: Proxy, loss: Loss) -> None:
    titles = [f"Lost {number}" for number in range(16)]
    proxy.lose(b"case.reported", loss)
    answers = await asyncio.gather(
        *(settled(api, "/v1/cases", "citizen:1", report(title=title), new_key()) for title in titles)
    )
    assert proxy.lost == 1
    assert [done(answer, 201)["title"] for answer in answers] == titles
    assert sorted(reported(office)) == sorted(titles)


@LOSSES
async def test_a_command_is_no_conflict_with_itself(api: Client, proxy: Proxy, loss: Loss) -> None:
    case = await api.report(village="V0101")
    proxy.lose(b"case.accepted", loss)
    address = f"/v1/cases/{case['id']}/accept"
    answer = await settled(api, address, "clerk:T01", {}, new_key(), if_match='"1"')
    assert proxy.lost == 1
    assert done(answer)["status"] == "accepted"
    assert [event["type"] for event in await api.history(case)] == ["case.reported", "case.accepted"]


@LOSSES
async def test_a_command_that_was_decided_again_is_recorded_once(
    api: Client, elsewhere: Client, proxy: Proxy, loss: Loss
) -> None:
    case = await api.report(village="V0101")
    await elsewhere.ask(case, "accept", by="clerk:T01")
    proxy.lose(b"COMMIT", loss)
    address = f"/v1/cases/{case['id']}/note"
    answer = await settled(api, address, "clerk:T01", {"text": "Seen."}, new_key())
    assert proxy.lost == 1, "the commit of what was decided while nobody else could write"
    assert done(answer)["version"] == 3
    assert [event["type"] for event in await api.history(case)][1:] == ["case.accepted", "case.noted"]


@pytest.mark.parametrize("keys", [1, 2], ids=["postgresql-same-key", "postgresql-another-key"])
async def test_asking_again_is_harmless_only_under_the_same_key(api: Client, office: Office, keys: int) -> None:
    """The control: what is recorded twice is seen."""
    named = [new_key() for _ in range(keys)]
    for key in (named[0], named[-1]):
        done(await api.post("/v1/cases", report(title="Twice?"), by="citizen:1", key=key), 201)
    assert reported(office) == ["Twice?"] * keys


@pytest.mark.parametrize("database", ["postgresql"])
async def test_while_the_database_is_away_nobody_waits_for_ever_and_afterwards_all_goes_on(
    api: Client, office: Office, proxy: Proxy, database: str
) -> None:
    case, key = await api.report(village="V0101"), new_key()
    with proxy.cut():
        for path, body, by in (
            ("/v1/cases", report(title="Away"), "citizen:1"),
            (f"/v1/cases/{case['id']}/accept", {}, "clerk:T01"),
        ):
            refused(await api.post(path, body, by=by, key=key), 503, "overloaded")
        for read in ("/v1/cases", f"/v1/cases/{case['id']}", "/v1/problem-bank", "/v1/events"):
            refused(await api.get(read), 503, "overloaded")
        assert (await api.get("/healthz")).status_code == 200
        assert (await api.get("/readyz")).status_code == 503
    assert office.engine.dialect.name == database
    answer = await settled(api, "/v1/cases", "citizen:1", report(title="Away"), key)
    assert done(answer, 201)["title"] == "Away"
    assert reported(office).count("Away") == 1
    assert (await api.ask(case, "accept", by="clerk:T01"))["status"] == "accepted"


@pytest.mark.parametrize(
    ("verb", "body"), [("note", {"text": "Seen."}), ("accept", {})], ids=["postgresql-recorded", "postgresql-refused"]
)
async def test_nothing_is_added_to_events_that_the_database_has_no_more(
    api: Client, address: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, verb: str, body: Json
) -> None:
    """Another server takes over that had not heard of the last event: what it lost is lost, but the log stays whole."""
    monkeypatch.setattr("service.storage.postgresql.RESTED", 0.0)
    case = await api.report(village="V0101")
    await api.ask(case, "accept", by="clerk:T01")
    with proxy.cut(), psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as other:
        for statement in (
            "ALTER TABLE events DISABLE TRIGGER USER",
            "DELETE FROM events WHERE position = (SELECT position FROM log_head)",
            "UPDATE log_head SET position = position - 1",
        ):
            other.execute(statement)
    answer = await settled(api, f"/v1/cases/{case['id']}/{verb}", "clerk:T01", body, new_key())
    assert done(answer)["version"] == 2
    assert [event["version"] for event in await api.history(case)] == [1, 2]
