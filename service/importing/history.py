"""Importing a log: its units first, then its cases, many at a time. Doing it again adds what is missing, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from domain.decider import Actor
from domain.org import Tier
from domain.org.naming import NameUnits
from domain.streams import ORG, case_stream
from service.importing.logs import Counting, Trace, traces
from service.importing.mapping import LogMapping
from service.record.orders import Order, Receipt

if TYPE_CHECKING:
    from service.office import Office

TOGETHER = 256
IMPORTER = Actor(id="import")


@dataclass
class Imported:
    """What came of it."""

    cases: int = 0
    """Cases in the log."""
    new: int = 0
    """Those that were not here before."""
    events: int = 0
    """Events written down."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Cases that were not taken, and why."""
    ends: datetime | None = None
    """The last instant of the log, at which what it leaves open ends."""


def import_log(office: Office, path: Path, mapping: LogMapping, on_progress: Callable[[float], object]) -> Imported:
    """Write down a log as history. `on_progress` gets the share that is done, 0 to 1. Raises NoLog before anything is written.

    It is read twice: first for its last instant and its units, and to find out that all of it can be understood.
    """
    result = Imported()
    units: dict[str, tuple[str, Tier]] = {}
    for trace in _read(path, mapping, lambda done: on_progress(done * 0.3)):
        result.cases += 1
        for line, event in zip(mapping.command(trace, None).lines, trace.events, strict=True):
            units[line.unit] = (event[mapping.event.unit][:200], line.tier)
            result.ends = max(line.at, result.ends or line.at)
    named = NameUnits(units=tuple((id, name, tier) for id, (name, tier) in sorted(units.items())))
    office.clerk.settle_now(Order(stream=ORG, command=named, by=IMPORTER))
    cases = _read(path, mapping, lambda done: on_progress(0.3 + done * 0.7))
    while some := list(islice(cases, TOGETHER)):
        _write(office, some, mapping, result)
    return result


def _read(path: Path, mapping: LogMapping, on_progress: Callable[[float], object]) -> Iterator[Trace]:
    size = path.stat().st_size or 1
    with Counting(path) as file:
        for trace in traces(path, file, mapping.case.id):
            on_progress(file.far / size)
            yield trace


def _write(office: Office, some: Sequence[Trace], mapping: LogMapping, result: Imported) -> None:
    orders = [
        Order(stream=case_stream(mapping.case_id(trace)), command=mapping.command(trace, result.ends), by=IMPORTER)
        for trace in some
        if trace.events
    ]
    for order, outcome in zip(orders, office.clerk.settle_all(orders), strict=True):
        if isinstance(outcome, Receipt):
            result.new += bool(outcome.events)
            result.events += len(outcome.events)
        else:
            result.refused.append((order.stream.partition(":")[2], str(outcome)))
