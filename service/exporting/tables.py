"""Cases as rows: CSV, JSON lines, and a workbook. Written page by page, so that their number does not matter."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

import orjson

from projections.lists.cases import ListedCase

COLUMNS = tuple(ListedCase.__dataclass_fields__)
FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""Characters at the beginning of a cell that a spreadsheet takes for a formula; Chinese ones take the full-width signs,
too.
"""
PART = 64 * 1024

Row = dict[str, Any]


def csv_lines(rows: Iterable[Row] | None) -> bytes:
    """Rows as CSV in UTF-8; without rows the headings, after a byte order mark by which spreadsheets know the encoding."""
    out = io.StringIO()
    writer = csv.writer(out)
    if rows is None:
        writer.writerow(COLUMNS)
        return b"\xef\xbb\xbf" + out.getvalue().encode()
    writer.writerows([_cell(row[name]) for name in COLUMNS] for row in rows)
    return out.getvalue().encode()


def json_lines(rows: Iterable[Row]) -> bytes:
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)


class Workbook:
    """A workbook that is written to disk row by row. It is used by one thread at a time."""

    def __init__(self) -> None:
        import xlsxwriter

        self._turn = Lock()
        self._folder = TemporaryDirectory()
        self._file = Path(self._folder.name, "cases.xlsx")
        self._book = xlsxwriter.Workbook(self._file, {"constant_memory": True, "tmpdir": self._folder.name})
        self._sheet = self._book.add_worksheet("cases")
        self._rows = 0
        self._write(COLUMNS)

    def add(self, rows: Iterable[Row]) -> None:
        with self._turn:
            for row in rows:
                self._write([_text(row[name]) for name in COLUMNS])

    def pack(self) -> None:
        """Finish the file; for many rows that takes seconds."""
        with self._turn:
            self._book.close()

    def parts(self) -> Iterator[bytes]:
        """The file, part by part."""
        with self._file.open("rb") as file:
            while part := file.read(PART):
                yield part

    def close(self) -> None:
        """Delete the files, wherever the work was broken off."""
        with self._turn:
            self._sheet.row_data_fh.close()
            self._folder.cleanup()

    def _write(self, cells: Sequence[str]) -> None:
        for column, text in enumerate(cells):
            self._sheet.write_string(self._rows, column, text)
        self._rows += 1


def _cell(value: Any) -> str:
    """A text that no spreadsheet takes for a formula."""
    text = _text(value)
    return f"'{text}" if text.startswith(FORMULAS) else text


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)
