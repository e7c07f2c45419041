"""Building all views from the log reaches at least a quarter of the rate of only reading and decoding it."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.measured import Measured, Target, in_turn, measured, median_rate, print_table
from benchmarks.servers import postgres
from benchmarks.views import fill
from service.keeping.garbage import not_looking
from service.keeping.shares import built
from service.record.reading import Reading
from service.record.recorder import Recorder
from service.storage.database import open_database

CASES = 10_000
PAGE = 5_000


def run(_seconds: float, rounds: int) -> list[Target]:
    """The same log read in pages, and built into views, in turn; neither looks for garbage."""
    with ExitStack() as stack:
        stack.enter_context(not_looking())
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        shared = stack.enter_context(postgres())
        addresses = {"SQLite": f"sqlite:///{directory}/log.db", "PostgreSQL": shared.database("log").for_sqlalchemy}
        return [measured_on(kind, address, directory / kind, rounds) for kind, address in addresses.items()]


def measured_on(kind: str, address: str, folder: Path, rounds: int) -> Target:
    folder.mkdir()
    fill(address, folder, CASES)
    sides: dict[str, Callable[[], Measured]] = {
        "reading and decoding": lambda: timed(lambda: read(address)),
        "building all views": lambda: timed(lambda: built(address, (), lambda _far, _last: None)),
    }
    taken = in_turn(sides, rounds)
    print_table(f"events a second, {CASES:,} cases, {kind}", taken)
    reading, building = taken.values()
    ratio = median_rate(building) / median_rate(reading)
    return Target(what=f"building / reading on {kind}", figure=ratio, at_least=0.25)


def timed(work: Callable[[], int]) -> Measured:
    """A round whose rate is in events a second; it is one piece of work, so there are no latencies."""
    began = perf_counter()
    events = work()
    elapsed = perf_counter() - began
    one = measured([elapsed], elapsed)
    return Measured(answered=1, unsuccessful=0, rate=events / elapsed, p50=one.p50, p95=one.p95, p99=one.p99)


def read(address: str) -> int:
    engine = open_database(address, pool=1)
    reading, position = Reading(Recorder(engine)), 0
    while page := reading.after(position, PAGE):
        position = page[-1][0]
    engine.dispose()
    return position
