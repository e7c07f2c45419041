"""Reporting a case over 32 connections: Sanji against a table of rows on PostgreSQL, against raw commits on SQLite."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.load import drive
from benchmarks.measured import Measured, Target, in_turn, median_rate, print_table
from benchmarks.raw_sqlite import commits, size
from benchmarks.reports import reports
from benchmarks.sanji import Sanji, sanji
from benchmarks.servers import Server, postgres, uvicorn

CONNECTIONS = 32


def run(seconds: float, rounds: int) -> list[Target]:
    """Both databases, one after the other."""
    return [*on_postgres(seconds, rounds), *on_sqlite(seconds, rounds)]


def on_postgres(seconds: float, rounds: int) -> list[Target]:
    """Sanji and the CRUD app take turns on one PostgreSQL; the bare framework shows what the machine leaves room for."""
    with postgres() as shared, TemporaryDirectory(prefix="bench-") as directory:
        crud_environment = {"CRUD_DATABASE_URL": shared.database("crud").for_asyncpg}
        with (
            uvicorn("benchmarks.bare:app") as bare,
            uvicorn("benchmarks.crud:app", crud_environment) as crud,
            sanji(shared.database("sanji").for_sqlalchemy, Path(directory)) as service,
        ):
            integrator = service.key("integrator")

            def reporting(server: Server, headers: dict[str, str]) -> Callable[[], Measured]:
                def one_round() -> Measured:
                    shared.checkpoint()
                    return drive(server.port, reports(headers), connections=CONNECTIONS, seconds=seconds)

                return one_round

            taken = in_turn(
                {
                    "Sanji": reporting(service.server, integrator),
                    "CRUD app": reporting(crud, {}),
                    "bare framework": reporting(bare, {}),
                },
                rounds,
            )
            print_table(f"Reporting at {CONNECTIONS} connections, PostgreSQL", taken)
            ratio = median_rate(taken["Sanji"]) / median_rate(taken["CRUD app"])
            return [
                Target(what="reports on PostgreSQL, Sanji / CRUD app", figure=ratio, at_least=1.0),
                *light_on_its_feet(service, "PostgreSQL"),
            ]


def on_sqlite(seconds: float, rounds: int) -> list[Target]:
    """Sanji takes turns with a loop that only commits as many bytes as Sanji keeps for a report."""
    with TemporaryDirectory(prefix="bench-") as name:
        directory = Path(name)
        file = directory / "sanji.db"
        with uvicorn("benchmarks.bare:app") as bare, sanji(f"sqlite:///{file}", directory) as service:
            integrator = service.key("integrator")

            def report(server: Server = service.server) -> Measured:
                return drive(server.port, reports(integrator), connections=CONNECTIONS, seconds=seconds)

            def held() -> int:
                return size(file) + size(directory / "sanji.db-views")

            empty = held()
            reported = report().answered
            kept = (held() - empty) // reported
            taken = in_turn(
                {
                    "Sanji": report,
                    "raw commits": lambda: commits(directory / "raw.db", kept, seconds),
                    "bare framework": lambda: report(bare),
                },
                rounds,
            )
            print_table(f"Reporting at {CONNECTIONS} connections, SQLite, {kept} bytes kept for a report", taken)
            ratio = median_rate(taken["Sanji"]) / median_rate(taken["raw commits"])
            return [
                Target(what="reports on SQLite, Sanji / raw commits", figure=ratio, at_least=1.0),
                *light_on_its_feet(service, "SQLite"),
            ]


def light_on_its_feet(service: Sanji, database: str) -> list[Target]:
    """How soon it answered after its start, and what it weighs after all those reports."""
    return [
        Target(what=f"start to first answer on {database}, s", figure=service.server.first_answer_s, at_most=2.0),
        Target(what=f"memory after the load on {database}, MB", figure=service.server.resident_mb(), at_most=150.0),
    ]
