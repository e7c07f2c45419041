"""Importing the incident log of the BPI Challenge 2013, 65,533 events of 7,554 cases, until every view shows it."""

import os
import subprocess
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.measured import Target
from benchmarks.sanji import COMMAND
from benchmarks.servers import postgres

LOG = Path(os.environ.get("SANJI_BPIC2013", "../shared/data/bpic2013_incidents.xes.gz"))
MAPPING = "docs/examples/bpic2013.toml"
LIMIT_S = 60.0


def run(_seconds: float, _rounds: int) -> list[Target]:
    """Once on each database, from the command line."""
    if not LOG.exists():
        raise RuntimeError("SANJI_BPIC2013 says where the log lies")
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        shared = stack.enter_context(postgres())
        return [
            imported("SQLite", f"sqlite:///{directory / 'sanji.db'}", directory / "sqlite"),
            imported("PostgreSQL", shared.database("sanji").for_sqlalchemy, directory / "postgresql"),
        ]


def imported(kind: str, url: str, folder: Path) -> Target:
    environment = {**os.environ, "SANJI_DATABASE_URL": url, "SANJI_DATA_DIR": str(folder)}
    began = perf_counter()
    subprocess.run([*COMMAND, "import-log", str(LOG), "--mapping", MAPPING], env=environment, check=True)
    return Target(what=f"the incident log on {kind}, with its views, s", figure=perf_counter() - began, at_most=LIMIT_S)
