"""`sanji rebuild` and `sanji parked`: builds views anew, with a bar, and lists the events that views have set aside."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from sqlalchemy import select

from projections import PROJECTIONS
from projections.following.schema import parked
from service.keeping.damage import put_aside
from service.keeping.shares import built
from service.settings import Settings
from service.storage.database import must_be_there, open_database

SHOWN = 100
"""Parked events that are listed."""

console = Console(highlight=False)


def rebuild(settings: Settings, names: Sequence[str], *, parked: bool) -> int:
    """0 when the new views serve; 1 when something is still set aside. Ends the process for a name that is none."""
    known = [one.name for one in PROJECTIONS]
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"sanji: there is no view {', '.join(unknown)}; there are: {', '.join(known)}")
    must_be_there(settings.database)
    put_aside(settings.database)
    if parked:
        names = sorted({*names, *(row[0] for row in set_aside(settings))})
        if not names:
            console.print("Nothing is set aside.")
            return 0
    began = monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        bar = bars.add_task("Reading the log", total=None)
        position = built(settings.database, names, lambda far, last: bars.update(bar, completed=far, total=last))
    done = [name for name in known if not names or name in names]
    console.print(f"{', '.join(done)}: rebuilt from {position:,} events", markup=False)
    console.print(f"in {monotonic() - began:.1f} s; they serve now.")
    return int(bool(set_aside(settings)))


def list_parked(settings: Settings) -> int:
    """0 when nothing is set aside, otherwise 1."""
    rows = set_aside(settings)
    table = Table(*(Column(name, overflow="fold") for name in ("view", "position", "stream", "why")), box=None)
    for row in rows[:SHOWN]:
        table.add_row(*(str(one) for one in row))
    console.print(table if rows else "Nothing is set aside.")
    if rows:
        console.print("Once that is mended: sanji rebuild --parked")
    return int(bool(rows))


def set_aside(settings: Settings) -> list[tuple[str, int, str, str]]:
    must_be_there(settings.database)
    engine = open_database(settings.database, pool=1)
    c = parked.c
    with engine.connect() as db:
        rows = [
            tuple(row) for row in db.execute(select(c.projection, c.position, c.stream, c.error).order_by(c.position))
        ]
    engine.dispose()
    return rows
