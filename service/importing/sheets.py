"""Files of reports: a table (CSV, or the first sheet of a workbook) with a heading, or a report in JSON on each line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from domain.refusals import Refused
from service.importing import workbook
from service.importing.columns import Columns, Headings, Place
from service.importing.faults import Fault
from service.incoming.media import CONTROL, EXTENSIONS, media_type
from service.incoming.strict_json import LARGEST as LARGEST_LINE
from service.incoming.strict_json import read_json

MOST_ROWS = 100_000
MOST_COLUMNS = 200
SEPARATORS = ",;\t"
ENCODINGS = ("utf-8-sig", "gb18030")
"""Encodings that are tried in turn: spreadsheets in China write one of these."""
WIDE = (b"\xff\xfe", b"\xfe\xff")
JSON = b"{"

csv.field_size_limit(2 * LARGEST_LINE)


class NoTable(Refused):
    """The file cannot be read as a whole."""


@dataclass(frozen=True)
class Row:
    """A row as it stands in the file, the heading being the first: what it reports, or what is wrong with it."""

    number: int
    fields: dict[str, Any] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def form_of(content: bytes) -> str | None:
    """`xlsx`, `jsonl` or `csv`, told by the content alone; None for anything else."""
    kind = media_type(content)
    if kind is not None and EXTENSIONS[kind] == "xlsx":
        return "xlsx"
    if content.startswith(b"PK") or (text := _text(content)) is None:
        return None
    return "jsonl" if text.lstrip().startswith("{") else "csv"


def rows(content: bytes, form: str, place: Place) -> Iterator[Row]:
    """Its rows but for empty ones. Raises NoTable where it can be read no further."""
    if form == "jsonl":
        return _reports(content)
    return _filled_in(_cells(content, form), place)


def _text(content: bytes) -> str | None:
    """The text in a file, whichever program wrote it; None if it is none."""
    for encoding in ("utf-16",) if content.startswith(WIDE) else ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if CONTROL.search(text) else text
    return None


def _cells(content: bytes, form: str) -> Iterator[list[Any]]:
    if form == "xlsx":
        try:
            yield from workbook.rows(content, MOST_ROWS + 1, MOST_COLUMNS)
        except workbook.TooMuch:
            raise _too_much() from None
        except workbook.Broken:
            raise NoTable("this is not a workbook that can be read", "无法读取该工作簿") from None
        return
    text = _text(content) or ""
    first, _, _ = text.partition("\n")
    separator = max(SEPARATORS, key=first.count)
    # strict: a quotation that never ends would take the rows below it into its cell
    table = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    for number, cells in enumerate(table, 1):
        if number > MOST_ROWS + 1 or (number == 1 and len(cells) > MOST_COLUMNS):
            raise _too_much()
        yield list(cells)


def _filled_in(table: Iterator[list[Any]], place: Place) -> Iterator[Row]:
    number, columns = 0, None
    try:
        for number, cells in enumerate(table, 1):
            if not any(cell not in ("", None) for cell in cells):
                continue
            if columns is None:
                columns = Columns(_headings(cells).fields, place)
                continue
            report, faults = columns.report(cells)
            yield Row(number, report, tuple(faults))
    except csv.Error:
        raise NoTable(f"row {number + 1} cannot be read", f"第 {number + 1} 行无法读取") from None


def _headings(cells: list[Any]) -> Headings:
    headings = Headings.read(cells)
    if headings.unknown:
        numbers = ", ".join(map(str, headings.unknown[:10]))
        raise NoTable(f"nobody knows the headings of these columns: {numbers}", f"以下各列的表头无法识别：{numbers}")
    if headings.twice:
        one, other = headings.twice
        raise NoTable(f"columns {one} and {other} mean the same", f"第 {one} 列与第 {other} 列表头含义相同")
    return headings


def _reports(content: bytes) -> Iterator[Row]:
    lines = (_text(content) or "").split("\n")
    if len(lines) > MOST_ROWS + 1:
        raise _too_much()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        yield _report(number, line.encode())


def _report(number: int, line: bytes) -> Row:
    if len(line) > LARGEST_LINE:
        return Row(number, faults=(Fault("", "a report has at most 64 KiB", "单条不得超过 64 KiB"),))
    try:
        report = read_json(line)
    except Refused:
        report = None
    if not isinstance(report, dict):
        return Row(number, faults=(Fault("", "the line is not an object of JSON", "该行不是 JSON 对象"),))
    return Row(number, report)


def _too_much() -> NoTable:
    return NoTable(
        f"a file has at most {MOST_ROWS:,} rows and {MOST_COLUMNS} columns",
        f"文件最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列",
    )
