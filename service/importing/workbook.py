"""Reads a workbook in a process of its own, which may have so much memory and time and no more.

A small archive may hold gigabytes, and two cells far apart are a sheet of billions: whoever reads it may not survive.
So nobody else's life hangs on it. Run as a program: the workbook comes in, a line of JSON for each row goes out.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from typing import Any

import orjson

MEMORY = 1024 * 1024 * 1024
SECONDS = 30
LARGEST = 64 * 1024 * 1024
"""Bytes of all its texts together: one text may stand in any number of cells."""
TOO_MUCH = 3


class TooMuch(Exception):
    """It has more rows, more columns or longer texts than anybody fills in."""


class Broken(Exception):
    """It cannot be read, or not within bounds."""


def rows(workbook: bytes, most_rows: int, most_columns: int) -> list[list[Any]]:
    """The rows of its first sheet, from the very first. Raises TooMuch or Broken."""
    command = [sys.executable, "-m", __name__, str(most_rows), str(most_columns)]
    try:
        done = subprocess.run(command, input=workbook, capture_output=True, timeout=2 * SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Broken from None
    if done.returncode:
        raise TooMuch if done.returncode == TOO_MUCH else Broken
    return [orjson.loads(line) for line in done.stdout.splitlines()]


def _lines(workbook: bytes, most_rows: int, most_columns: int) -> Iterator[bytes]:
    from python_calamine import CalamineWorkbook

    sheet = CalamineWorkbook.from_filelike(BytesIO(workbook)).get_sheet_by_index(0)
    if sheet.total_height > most_rows or sheet.total_width > most_columns:
        raise TooMuch
    for row in sheet.to_python(skip_empty_area=False):
        yield orjson.dumps([_cell(cell) for cell in row], option=orjson.OPT_APPEND_NEWLINE)


def _cell(cell: Any) -> Any:
    if isinstance(cell, (date, datetime)):
        return cell.isoformat()
    return cell if isinstance(cell, (str, int, float, bool)) else str(cell)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    size = 0
    try:
        for line in _lines(sys.stdin.buffer.read(), *map(int, sys.argv[1:])):
            size += len(line)
            if size > LARGEST:
                raise TooMuch
            sys.stdout.buffer.write(line)
    except TooMuch:
        sys.exit(TOO_MUCH)


if __name__ == "__main__":
    main()
