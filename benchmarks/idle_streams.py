"""Ten thousand readers who only listen take under 40 kB each, and nobody who asks notices them."""

import asyncio
import os
import resource
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import cycle, repeat
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.load import drive, get
from benchmarks.measured import Measured, Target, median_p50, print_table
from benchmarks.reports import TOWNS
from benchmarks.sanji import sanji

READERS = int(os.environ.get("SANJI_BENCH_READERS", "10000"))
AT_ONCE = 100
KIB = 1024


def run(seconds: float, rounds: int) -> list[Target]:
    """One service on SQLite, asked without readers, then with all of them listening."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (READERS + 1000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        service = stack.enter_context(sanji(f"sqlite:///{directory}/sanji.db", directory))
        # no key may hold more than half of all connections
        keys, port = [service.key("auditor") for _ in range(4)], service.server.port
        ask = partial(drive, port, repeat(get(f"/v1/units/{TOWNS[0]}/queue", keys[0])), connections=1, seconds=seconds)
        ask()
        before = [ask() for _ in range(rounds)]
        light = service.server.resident_mb()
        with asyncio.Runner() as runner:
            runner.run(listening(port, keys))
            heavy = service.server.resident_mb()
            among = [runner.run(asyncio.to_thread(ask)) for _ in range(rounds)]
    rounds_of: dict[str, list[Measured]] = {"nobody listens": before, f"{READERS:,} listen": among}
    print_table("a town's queue, one connection, SQLite", rounds_of)
    each = (heavy - light) * 1_000 / READERS
    print(f"{READERS:,} readers: {heavy - light:.0f} MB, {each:.1f} kB each")
    return [
        Target(what="kB for each reader", figure=each, at_most=40),
        Target(what="queue with readers / without", figure=median_p50(among) / median_p50(before), at_most=1.3),
    ]


async def listening(port: int, keys: Sequence[Mapping[str, str]]) -> None:
    """Open all the streams, and hear of each that it began."""
    gate = asyncio.Semaphore(AT_ONCE)
    towns = zip(range(READERS), cycle(TOWNS), cycle(keys))
    await asyncio.gather(*(listener(port, town, key, gate) for _, town, key in towns))


OPEN: list[asyncio.StreamWriter] = []


async def listener(port: int, town: str, key: Mapping[str, str], gate: asyncio.Semaphore) -> None:
    async with gate:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4 * KIB)
        OPEN.append(writer)
        writer.write(get(f"/v1/units/{town}/queue/stream", key))
        while b"queue.changed" not in await reader.readline():
            pass
