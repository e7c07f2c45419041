"""Reading event logs of other systems, case by case and in constant memory: XES (IEEE 1849), CSV, both also packed."""

from __future__ import annotations

import csv
import gzip
import io
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, ParseError, iterparse

import orjson

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Attributes = Mapping[str, str]


class NoLog(Exception):
    """The file is no log that can be read here."""


@dataclass(frozen=True)
class Trace:
    """One case of a log: its own attributes, and those of its events in the order of the log."""

    attributes: Attributes
    events: list[Attributes]


class Counting(io.RawIOBase):
    """A file that tells how far it has been read, for a bar that shows it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = path.open("rb", buffering=0)
        self.far = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        n = self._file.readinto(buffer) or 0
        self.far += n
        return n

    def close(self) -> None:
        self._file.close()
        super().close()


def traces(path: Path, file: Counting, case: str) -> Iterator[Trace]:
    """The cases of a log. `case` is the attribute that names them. Raises NoLog."""
    packed = path.suffix == ".gz"
    kind = path.name.removesuffix(".gz").rpartition(".")[2].lower()
    read = io.BufferedReader(file)
    plain: io.BufferedReader[Any] = io.BufferedReader(gzip.GzipFile(fileobj=read)) if packed else read
    try:
        match kind:
            case "xes":
                yield from _xes(plain)
            case "csv":
                yield from _csv(plain, case)
            case _:
                raise NoLog(f"{path.name}: a log ends in .xes, .xes.gz, .csv or .csv.gz")
    # what is not well packed, not well formed, or in letters that nobody knows
    except (ParseError, gzip.BadGzipFile, zlib.error, EOFError, LookupError, ValueError, csv.Error) as error:
        raise NoLog(f"{path.name}: {error}") from error


def _xes(file: io.BufferedReader[Any]) -> Iterator[Trace]:
    """Each trace is forgotten as soon as it has been read."""
    root: Element | None = None
    for moment, element in iterparse(file, events=("start", "end")):
        if root is None:
            root = element
        if moment == "end" and _name(element) == "trace":
            events = [_attributes(child) for child in element if _name(child) == "event"]
            yield Trace(_attributes(element), events)
            element.clear()
            root.clear()


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _attributes(element: Element) -> Attributes:
    return {child.get("key", ""): child.get("value", "") for child in element if _name(child) != "event"}


def _csv(file: io.BufferedReader[Any], case: str) -> Iterator[Trace]:
    """One row an event, in any order of cases: they are put together on the disk, not in memory."""
    with NamedTemporaryFile(suffix=".db") as beside, closing(sqlite3.connect(beside.name)) as rows:
        rows.execute("PRAGMA synchronous = OFF")
        rows.execute("CREATE TABLE event (id TEXT, place INTEGER, fields BLOB, PRIMARY KEY (id, place)) WITHOUT ROWID")
        lines = map(_storable, io.TextIOWrapper(file, "utf-8-sig", newline=""))
        reader = csv.DictReader(lines, restkey="")
        if case not in (reader.fieldnames or ()):
            raise NoLog(f"there is no column {case}")
        keyed = ((row[case], place, orjson.dumps(row)) for place, row in enumerate(reader) if row[case])
        rows.executemany("INSERT INTO event VALUES (?, ?, ?)", keyed)
        current, events = "", list[Attributes]()
        for id, _, fields in rows.execute("SELECT id, place, fields FROM event ORDER BY id, place"):
            if id != current and events:
                yield Trace({case: current}, events)
                events = []
            current = id
            events.append({name: value or "" for name, value in orjson.loads(fields).items() if name})
        if events:
            yield Trace({case: current}, events)


def _storable(line: str) -> str:
    """The line, unless it holds what no database takes for a letter. Raises ValueError."""
    if "\x00" in line:
        raise ValueError("there is a NUL in it")
    return line
