"""What SQLite alone can do: one row of so many bytes in each commit, and every commit on the disk."""

import sqlite3
from contextlib import closing
from os import urandom
from pathlib import Path
from time import perf_counter

from benchmarks.measured import Measured, measured


def commits(file: Path, row_bytes: int, seconds: float) -> Measured:
    """Commits of one row of `row_bytes`, one after the other, in WAL mode with `synchronous=FULL`."""
    row = urandom(row_bytes)
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE IF NOT EXISTS rows (position INTEGER PRIMARY KEY, stored BLOB NOT NULL)")
        latencies: list[float] = []
        started = now = perf_counter()
        while now < started + seconds:
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT INTO rows (stored) VALUES (?)", (row,))
            database.execute("COMMIT")
            before, now = now, perf_counter()
            latencies.append(now - before)
        return measured(latencies, now - started)


def size(file: Path) -> int:
    """Bytes in a database, those still in its write-ahead log included."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        (pages,) = database.execute("PRAGMA page_count").fetchone()
        (page_bytes,) = database.execute("PRAGMA page_size").fetchone()
    return int(pages * page_bytes)
