"""Writes many rows with one statement: column by column to PostgreSQL, row by row to SQLite.

`executemany` asks the database for each row, and gives up the interpreter lock as often; whoever writes beside a busy
event loop then waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import Column, Connection, Dialect, String, Table

from projections.following.bulk import chunks

MOST = 16
"""In one statement on SQLite. The driver keeps one ready for each number of rows, with what it was last given."""


def insert_rows(db: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """Write whole rows, each in the order of the columns and as the driver takes it."""
    if rows and db.dialect.name == "postgresql":
        db.exec_driver_sql(_by_columns(table, db.dialect), tuple(map(list, zip(*rows, strict=True))))
    elif rows:
        for some in chunks(rows, MOST):
            db.exec_driver_sql(_by_rows(table, len(some)), tuple(chain.from_iterable(some)))


@cache
def _by_columns(table: Table, dialect: Dialect) -> str:
    arrays = ", ".join(f"%b::{_type(column, dialect)}[]" for column in table.columns)
    return f"INSERT INTO {table.name} ({_names(table)}) SELECT * FROM unnest({arrays})"


@cache
def _by_rows(table: Table, rows: int) -> str:
    """Row by row. It stops at the first that cannot be written; the transaction is rolled back as a whole."""
    row = f"({', '.join('?' * len(table.columns))})"
    return f"INSERT OR FAIL INTO {table.name} ({_names(table)}) VALUES {', '.join([row] * rows)}"


def _names(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


def _type(column: Column[Any], dialect: Dialect) -> str:
    """The type of a column without its length: a cast to VARCHAR(n) would cut longer text off instead of refusing it."""
    return "text" if isinstance(column.type, String) else column.type.compile(dialect)
