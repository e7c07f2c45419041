"""Sealing: reports whose petitioner is sealed against reports that tell the same of him openly, in one service on SQLite."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.load import drive
from benchmarks.measured import Measured, Target, in_turn, median_rate, print_table
from benchmarks.reports import reports
from benchmarks.sanji import sanji

CONNECTIONS = 32


def run(seconds: float, rounds: int) -> list[Target]:
    """A key for each person, made, wrapped and stored, and a token for the telephone number."""
    with (
        TemporaryDirectory(prefix="bench-") as directory,
        sanji(f"sqlite:///{directory}/s.db", Path(directory)) as service,
    ):
        integrator = service.key("integrator")

        def reporting(sealed: bool) -> Callable[[], Measured]:
            requests = reports(integrator, sealed=sealed)
            return lambda: drive(service.server.port, requests, connections=CONNECTIONS, seconds=seconds)

        taken = in_turn({"sealed": reporting(True), "open": reporting(False)}, rounds)
    print_table(f"Reporting at {CONNECTIONS} connections, SQLite", taken)
    sealed, told = (median_rate(side) for side in taken.values())
    return [Target(what="reports with a sealed petitioner / told openly", figure=sealed / told, at_least=0.9)]
