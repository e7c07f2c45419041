"""Replaying a case of 60 events as it stood at any version: at most 5 ms in the service."""

import json
from contextlib import ExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter
from uuid import uuid4

from benchmarks.measured import Target, in_turn, measured, median_p50, print_table
from benchmarks.reports import TOWN_OF, report
from benchmarks.sanji import Sanji, ask, sanji
from benchmarks.servers import postgres
from domain.streams import case_stream
from service.record.clock import SystemClock
from service.record.ledger import Ledger
from service.record.recorder import Recorder
from service.secrecy.seals import Seals
from service.storage.database import open_to_read

EVENTS, REPLAYS = 60, 200


def run(_seconds: float, rounds: int) -> list[Target]:
    """The case lives in a running service; this process folds it from the log, as the service does."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        shared = stack.enter_context(postgres())
        addresses = {"SQLite": f"sqlite:///{directory}/r.db", "PostgreSQL": shared.database("replay").for_sqlalchemy}
        return [measured_on(kind, address, directory / kind, rounds) for kind, address in addresses.items()]


def measured_on(kind: str, address: str, directory: Path, rounds: int) -> Target:
    with sanji(address, directory) as service:
        stream = case_stream(lived(service))
    engine, chance = open_to_read(address), Random(1)
    ledger = Ledger(Recorder(engine), SystemClock(), Seals(bytes(32), engine))

    def replays() -> list[float]:
        taken = []
        for _ in range(REPLAYS):
            began, version = perf_counter(), chance.randint(1, EVENTS)
            assert ledger.as_of(stream, version=version).version == version
            taken.append(perf_counter() - began)
        return taken

    sides = {kind: lambda: measured(taken := replays(), sum(taken))}
    taken = in_turn(sides, rounds)
    engine.dispose()
    print_table(f"Replaying {EVENTS} events", taken)
    return Target(what=f"ms to replay a case of {EVENTS} events on {kind}", figure=median_p50(taken[kind]), at_most=5)


def lived(service: Sanji) -> str:
    """A case with so many events; answers its id."""
    village, town = next(iter(TOWN_OF.items()))
    clerk = service.key("town_clerk", "--unit", town)

    def told(path: str, headers: dict[str, str], body: dict[str, object]) -> str:
        status, answer, _ = ask(service.server.port, "POST", path, {**headers, "Idempotency-Key": uuid4().hex}, body)
        if status not in (200, 201):
            raise RuntimeError(f"POST {path}: {status} {answer}")
        return str(json.loads(answer)["id"])

    case = told("/v1/cases", service.key("integrator"), report(1, village))
    told(f"/v1/cases/{case}/accept", clerk, {})
    for number in range(EVENTS - 2):
        told(f"/v1/cases/{case}/note", clerk, {"text": f"Note {number}: {village}."})
    return case
