"""`sanji import`: reports a file as the administrator, with a bar, and prints what is wrong with each refused row."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.http.uploads import LARGEST_IMPORT
from service.importing import reports
from service.importing.reports import Errand, report_all
from service.importing.sheets import NoTable, form_of
from service.logs import log_as_json
from service.office import Office
from service.settings import Settings
from service.sign_in.identity import ADMIN

SHOWN = 20
"""Refused rows that are told."""
CATCHING_UP = 3600.0
"""Seconds that the views may take to show what was imported."""


def import_reports(settings: Settings, file: Path, *, dry_run: bool) -> int:
    """0 when every row was taken; 1 when some were refused or the file cannot be read. Broken off, it is begun again."""
    log_as_json(logging.WARNING)
    console = Console(highlight=False)
    content = file.read_bytes()
    form = form_of(content) if len(content) <= LARGEST_IMPORT else None
    if form is None:
        Console(stderr=True).print("sanji: a file to import is CSV, XLSX or JSON lines, of at most 20 MiB", style="red")
        return 1
    office = Office(settings).open()
    done = reports.Progress()
    try:
        last = office.recorder.max_notification_id() or 0
        errand = Errand(content=content, form=form, by=ADMIN, dry_run=dry_run, since=last)
        with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()) as bars:
            bar = bars.add_task(f"Importing {file.name}", total=None)

            def show() -> None:
                seen = done.imported + done.already_there + done.refused
                bars.update(bar, total=done.rows, completed=seen)

            report_all(office, errand, done, show, lambda: time.sleep(0.5))
            if done.position and not dry_run:
                bars.update(bar, description="The views catch up")
                asyncio.run(office.viewed_up_to(done.position, CATCHING_UP))
    except NoTable as error:
        Console(stderr=True).print(f"sanji: {error}", markup=False, style="red")
        return 1
    finally:
        office.close()
    tell(console, done, dry_run)
    return int(bool(done.refused))


def tell(console: Console, done: reports.Progress, dry_run: bool) -> None:
    became = "would become cases" if dry_run else "became cases"
    console.print(
        f"{done.rows:,} rows: {done.imported:,} {became}, {done.already_there:,} were there already,", end=" "
    )
    console.print(f"{done.refused:,} were refused.")
    for row, faults in done.faults[:SHOWN]:
        text = "; ".join(f"{one.field}: {one.english}" if one.field else one.english for one in faults)
        console.print(f"row {row}: {text}", markup=False)
    if done.refused > SHOWN:
        console.print(f"... and {done.refused - SHOWN:,} more")
