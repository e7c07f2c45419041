"""The first 20 of a town's queue cost the same whether the district has a thousand cases or a hundred thousand."""

from collections.abc import Callable
from contextlib import ExitStack
from itertools import islice, repeat
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.load import drive, get
from benchmarks.measured import Measured, Target, in_turn, median_p50, print_table
from benchmarks.reports import TOWNS, reports
from benchmarks.sanji import Sanji, sanji
from benchmarks.servers import postgres

FEW, MANY = 1_000, 100_000
FILLING_CONNECTIONS = 128


def run(seconds: float, rounds: int) -> list[Target]:
    """Two services on databases of one kind, one holding few cases and one holding many, asked in turn."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        shared = stack.enter_context(postgres())
        return [
            measured_on("SQLite", lambda name: f"sqlite:///{directory / name}.db", directory, seconds, rounds),
            measured_on("PostgreSQL", lambda name: shared.database(name).for_sqlalchemy, directory, seconds, rounds),
        ]


def measured_on(kind: str, url: Callable[[str], str], directory: Path, seconds: float, rounds: int) -> Target:
    with ExitStack() as stack:
        sides: dict[str, Callable[[], Measured]] = {}
        for cases in (FEW, MANY):
            own = directory / f"{kind}-{cases}"
            own.mkdir()
            service = stack.enter_context(sanji(url(f"cases_{cases}"), own))
            fill(service, cases)
            sides[f"{cases:,} cases"] = asking(service, seconds)
        taken = in_turn(sides, rounds)
    print_table(f"20 rows of a town's queue, one connection, {kind}", taken)
    few, many = taken.values()
    return Target(what=f"queue on {kind}, many / few cases", figure=median_p50(many) / median_p50(few), at_most=1.3)


def fill(service: Sanji, cases: int) -> None:
    """Report them over HTTP, spread over all villages, until only one is left for `asking` to wait for."""
    requests = islice(reports(service.key("integrator")), cases - 1)
    filled = drive(service.server.port, requests, connections=FILLING_CONNECTIONS, seconds=float("inf"))
    if filled.unsuccessful or filled.answered != cases - 1:
        raise RuntimeError(f"{filled.unsuccessful} of {filled.answered} reports failed while filling in {cases}")


def asking(service: Sanji, seconds: float) -> Callable[[], Measured]:
    """The question, once the queue shows the last report."""
    town = TOWNS[0]
    queue = f"/v1/units/{town}/queue?limit=20"
    headers = service.key("town_head", "--unit", town)
    service.caught_up(queue, service.last_position(service.key("integrator")), headers)
    return lambda: drive(service.server.port, repeat(get(queue, headers)), connections=1, seconds=seconds)
