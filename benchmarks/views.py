"""Bank, queue, response times, flows and ages cost the same with a thousand cases and with a hundred thousand."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice, repeat
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.load import drive, get
from benchmarks.measured import Measured, Target, in_turn, median_p50, print_table
from benchmarks.reports import TOWN_OF
from benchmarks.sanji import sanji
from benchmarks.servers import postgres
from domain.case.imported import ImportCase, Lasting, Line
from domain.decider import Actor
from domain.org import Tier
from service.aggregates import case_stream
from service.office import Office
from service.orders import Order
from service.settings import Settings

FEW = 1_000
MANY = int(os.environ.get("SANJI_BENCH_CASES", "100000"))
TOGETHER = 1_000
YEAR_S = 365 * 86_400
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


def fill(url: str, folder: Path, cases: int) -> None:
    """Write a year of cases into the log, and let the views follow."""
    office = Office(Settings(database_url=url, data_dir=folder, auth="keys", clock="system"))
    office.open(background=False)
    orders = (
        Order(stream=case_stream(f"bench-{number}"), command=lived(number), by=Actor(id="bench"), fresh=True)
        for number in range(cases)
    )
    while some := list(islice(orders, TOGETHER)):
        for outcome in office.clerk.settle_all(some):
            if isinstance(outcome, Exception):
                raise outcome
    office.follower.batch = 20_000
    office.follower.catch_up()
    office.close()


def lived(number: int) -> ImportCase:
    """A case that began some time in the last year; most are over, two in a hundred are not."""
    random = Random(number)
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=random.randrange(86_400, YEAR_S))
    village = random.choice(list(TOWN_OF))
    places = [(village, Tier.VILLAGE), (TOWN_OF[village], Tier.TOWN)][: random.choice((1, 1, 2))]
    lines = []
    for unit, tier in places:
        lines.append(Line(at=at, unit=unit, tier=tier, state=Lasting.HANDLED, said="handled"))
        at = min(at + timedelta(seconds=random.expovariate(1 / 200_000)), datetime.now(UTC))
    if random.random() > 0.02:
        lines.append(Line(at=at, unit=unit, tier=tier, state=Lasting.CLOSED, said="closed"))
    return ImportCase(log="bench", external_id=str(number), title=f"Matter {number}", lines=tuple(lines))
