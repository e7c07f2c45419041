"""How long a report takes from its answer until every view shows it, while others report as fast as the service takes it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.load import drive
from benchmarks.measured import Measured, Target, measured, print_table
from benchmarks.reports import reports
from benchmarks.sanji import Sanji, sanji
from benchmarks.servers import postgres

CONNECTIONS = 32
VIEW = "/v1/problem-bank"
LIMIT_MS = 1000.0


def run(seconds: float, rounds: int) -> list[Target]:
    """Both databases, one after the other; the load never stops while somebody looks."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        shared = stack.enter_context(postgres())
        return [
            measured_on("SQLite", f"sqlite:///{directory / 'sanji.db'}", directory, seconds, rounds),
            measured_on("PostgreSQL", shared.database("sanji").for_sqlalchemy, directory, seconds, rounds),
        ]


def measured_on(kind: str, url: str, directory: Path, seconds: float, rounds: int) -> Target:
    own = directory / kind
    own.mkdir()
    with sanji(url, own) as service, ThreadPoolExecutor(1) as aside:
        integrator, auditor = service.key("integrator"), service.key("auditor")
        seen: list[Measured] = []
        for _ in range(rounds + 1):
            looking = aside.submit(looked, service, integrator, auditor, perf_counter() + seconds)
            written = drive(service.server.port, reports(integrator), connections=CONNECTIONS, seconds=seconds)
            seen.append(looking.result())
            print(f"{kind}: {written.rate:.0f} reports a second meanwhile")
    print_table(f"From the answer to the view, under full write load, {kind}", {"seen after": seen[1:]})
    return Target(
        what=f"longest lag on {kind} (99th percentile), ms", figure=max(one.p99 for one in seen[1:]), at_most=LIMIT_MS
    )


def looked(service: Sanji, integrator: dict[str, str], auditor: dict[str, str], until: float) -> Measured:
    """Report one, look until the views show it, and again."""
    lags: list[float] = []
    began = perf_counter()
    while perf_counter() < until:
        position = service.last_position(integrator)
        answered = perf_counter()
        service.caught_up(VIEW, position, auditor)
        lags.append(perf_counter() - answered)
    return measured(lags, perf_counter() - began)
