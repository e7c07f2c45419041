"""Bank, queue, response times, flows and ages cost the same with a thousand cases and with a million.

Both sides have cases of the same year, and the queue is asked for as many rows as it has with a thousand. Where an answer
names units, it is longer with a million: hardly one is left that has nothing open.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.lives import write_lives
from benchmarks.load import drive, get
from benchmarks.measured import Measured, Rounds, Target, in_turn, median_p50, median_p95, print_table
from benchmarks.reports import TOWN_OF
from benchmarks.sanji import sanji
from benchmarks.servers import postgres
from service.keeping.shares import built
from service.office import Office
from service.settings import Settings

FEW = 1_000
MANY = int(os.environ.get("SANJI_BENCH_CASES", "1000000"))
AUDITOR = ("auditor",)
TOWN = next(iter(TOWN_OF.values()))
VIEWS = {
    "problem bank": ("/v1/problem-bank", AUDITOR),
    "queue": (f"/v1/units/{TOWN}/queue?limit=10", AUDITOR),
    "response times": ("/v1/response-times?group_by=tier", AUDITOR),
    "flows": ("/v1/flows", AUDITOR),
    "ages": ("/v1/ageing", AUDITOR),
}
Questions = Mapping[str, tuple[str, Sequence[str]]]
"""What is asked, and whose key it is asked with."""


def run(seconds: float, rounds: int) -> list[Target]:
    return few_and_many(VIEWS, seconds, rounds, ratio=1.3, p95=50)


def few_and_many(questions: Questions, seconds: float, rounds: int, *, ratio: float, p95: float) -> list[Target]:
    """Two services on databases of one kind, one holding few cases and one holding many, asked in turn."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        shared = stack.enter_context(postgres())
        urls: dict[str, Callable[[str], str]] = {
            "SQLite": lambda name: f"sqlite:///{directory / name}.db",
            "PostgreSQL": lambda name: shared.database(name).for_sqlalchemy,
        }
        return [
            target
            for kind, url in urls.items()
            for name, taken in measured_on(kind, url, directory, questions, seconds, rounds)
            for target in targets(f"{name} on {kind}", *taken.values(), ratio=ratio, p95=p95)
        ]


def targets(what: str, few: list[Measured], many: list[Measured], *, ratio: float, p95: float) -> Iterator[Target]:
    yield Target(what=f"{what}, many / few cases", figure=median_p50(many) / median_p50(few), at_most=ratio)
    yield Target(what=f"{what}, {MANY:,} cases, p95 in ms", figure=median_p95(many), at_most=p95)


def measured_on(
    kind: str, url: Callable[[str], str], directory: Path, questions: Questions, seconds: float, rounds: int
) -> Iterator[tuple[str, Rounds]]:
    with ExitStack() as stack:
        services = {}
        for cases in (FEW, MANY):
            own = directory / f"{kind}-{cases}"
            own.mkdir()
            address = url(f"cases_{cases}")
            fill(address, own, cases)
            services[cases] = stack.enter_context(sanji(address, own))
        for name, (address, reader) in questions.items():
            sides: dict[str, Callable[[], Measured]] = {}
            for cases, service in services.items():
                requests = repeat(get(address, service.key(*reader)))
                ask = partial(drive, service.server.port, requests, connections=1, seconds=seconds / 2)
                sides[f"{cases:,} cases"] = ask
            taken = in_turn(sides, rounds)
            print_table(f"{name}, one connection, {kind}", taken)
            yield name, taken


def fill(url: str, folder: Path, cases: int) -> None:
    """Write cases into the log, and build the views of them."""
    office = Office(Settings(database_url=url, data_dir=folder, auth="keys", clock="system"))
    office.open(background=False)
    write_lives(office, cases)
    office.close()
    built(url, (), lambda _far, _last: None)
