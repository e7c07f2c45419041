"""Bank, queue, response times, flows and ages cost the same with a thousand cases and with a million."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.lives import write_lives
from benchmarks.load import drive, get
from benchmarks.measured import Measured, Target, in_turn, median_p50, median_p95, print_table
from benchmarks.reports import TOWN_OF
from benchmarks.sanji import sanji
from benchmarks.servers import postgres
from service.office import Office
from service.settings import Settings

FEW = 1_000
MANY = int(os.environ.get("SANJI_BENCH_CASES", "1000000"))
TOWN = next(iter(TOWN_OF.values()))
VIEWS = {
    "problem bank": "/v1/problem-bank",
    "queue": f"/v1/units/{TOWN}/queue?limit=20",
    "response times": "/v1/response-times?group_by=tier",
    "flows": "/v1/flows",
    "ages": "/v1/ageing",
}


def run(seconds: float, rounds: int) -> list[Target]:
    """Two services on databases of one kind, one holding few cases and one holding many, asked in turn."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        shared = stack.enter_context(postgres())
        return [
            *measured_on("SQLite", lambda name: f"sqlite:///{directory / name}.db", directory, seconds, rounds),
            *measured_on("PostgreSQL", lambda name: shared.database(name).for_sqlalchemy, directory, seconds, rounds),
        ]


def measured_on(kind: str, url: Callable[[str], str], directory: Path, seconds: float, rounds: int) -> Iterator[Target]:
    with ExitStack() as stack:
        services = {}
        for cases in (FEW, MANY):
            own = directory / f"{kind}-{cases}"
            own.mkdir()
            address = url(f"cases_{cases}")
            fill(address, own, cases)
            services[cases] = stack.enter_context(sanji(address, own))
        for name, view in VIEWS.items():
            sides: dict[str, Callable[[], Measured]] = {}
            for cases, service in services.items():
                requests = repeat(get(view, service.key("auditor")))
                ask = partial(drive, service.server.port, requests, connections=1, seconds=seconds / 2)
                sides[f"{cases:,} cases"] = ask
            taken = in_turn(sides, rounds)
            print_table(f"{name}, one connection, {kind}", taken)
            few, many = taken.values()
            yield Target(
                what=f"{name} on {kind}, many / few cases", figure=median_p50(many) / median_p50(few), at_most=1.3
            )
            yield Target(what=f"{name} on {kind}, {MANY:,} cases, p95 in ms", figure=median_p95(many), at_most=50)


def fill(url: str, folder: Path, cases: int) -> None:
    """Write cases into the log, and let the views follow."""
    office = Office(Settings(database_url=url, data_dir=folder, auth="keys", clock="system"))
    office.open(background=False)
    write_lives(office, cases)
    office.follower.batch = 20_000
    office.follower.catch_up()
    office.close()
