"""`sanji import-log`: imports a log of another system, with a bar, and prints what came of it in a few lines."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from service.importing.history import Imported, import_log
from service.importing.logs import NoLog
from service.importing.mapping import LogMapping
from service.logs import log_as_json
from service.office import Office
from service.settings import Settings

SHOWN = 10
"""Refused cases that are told."""
CATCHING_UP = 3600.0
"""Seconds that the views may take to show what was imported."""


def import_from(settings: Settings, file: Path, mapping: Path) -> int:
    """0 when all of it is there and the views show it; 1 when something was refused or cannot be read."""
    log_as_json(logging.WARNING)
    console = Console(highlight=False, emoji=False)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    office = Office(settings).open()
    try:
        with Progress(*columns, console=console) as progress:
            bar = progress.add_task(f"Importing {file.name}", total=1.0)
            done = import_log(office, file, LogMapping.read(mapping), lambda far: progress.update(bar, completed=far))
            progress.update(bar, completed=1.0, description="The views catch up")
            last = office.recorder.max_notification_id() or 0
            asyncio.run(office.viewed_up_to(last, CATCHING_UP))
    except NoLog as error:
        Console(stderr=True).print(f"sanji: {error}", markup=False, style="red")
        return 1
    finally:
        office.close()
    tell(console, done)
    return int(bool(done.refused))


def tell(console: Console, done: Imported) -> None:
    console.print(f"{done.cases:,} cases in the log, {done.new:,} of them new: {done.events:,} events written down.")
    if done.ends:
        console.print(f"The log ends at {done.ends.isoformat()}; so does what it leaves open.")
    for case, why in done.refused[:SHOWN]:
        console.print(f"refused: {case}: {why}", markup=False)
    if len(done.refused) > SHOWN:
        console.print(f"... and {len(done.refused) - SHOWN:,} more")
