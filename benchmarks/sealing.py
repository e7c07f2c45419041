"""Sealing: reporting to Sanji against reporting to a Sanji that seals nothing, on SQLite, one file each."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.load import drive
from benchmarks.measured import Measured, Target, in_turn, median_rate, print_table
from benchmarks.reports import reports
from benchmarks.sanji import COMMAND, sanji

CONNECTIONS = 32
SIDES = {"sealed": COMMAND, "left open": [sys.executable, "-m", "benchmarks.unsealed"]}


def run(seconds: float, rounds: int) -> list[Target]:
    """A key for each person, made, wrapped and stored, and a token for the telephone number."""
    with TemporaryDirectory(prefix="bench-") as directory, ExitStack() as services:

        def reporting(name: str) -> Callable[[], Measured]:
            folder = Path(directory, name)
            service = services.enter_context(sanji(f"sqlite:///{folder}/s.db", folder, command=SIDES[name]))
            requests = reports(service.key("integrator"))
            return lambda: drive(service.server.port, requests, connections=CONNECTIONS, seconds=seconds)

        taken = in_turn({name: reporting(name) for name in SIDES}, rounds)
    print_table(f"Reporting at {CONNECTIONS} connections, SQLite", taken)
    sealed, told = (median_rate(side) for side in taken.values())
    return [Target(what="reports sealed / left open", figure=sealed / told, at_least=0.9)]
