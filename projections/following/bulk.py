"""Writing many rows at once: upserts, inserts, deletes, and counters that go up and down.

A follower writes hundreds of thousands of rows while nobody waits for them and everybody needs the processor, so they
go past the usual statement machinery: as one JSON document to PostgreSQL, as plain tuples to SQLite.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Connection, Dialect, Table

from projections.following.schema import NEVER, Deadline, Instant, metadata, to_microseconds

Key = tuple[Any, ...]

FOLDING = "folding"
"""In `info` of an index: folding a batch needs it. The others serve those who ask, and may be made later."""


def counters(name: str, *keys: Column[Any]) -> Table:
    """A table of counters `n`, one for each key. A counter that reaches 0 is deleted."""
    for key in keys:
        key.primary_key = True
    return Table(name, metadata, *keys, Column("n", BigInteger, nullable=False), sqlite_with_rowid=False)


def upsert(db: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write whole rows, over the ones that are there."""
    _write(db, _upsert(table, db.dialect), table.columns, [[row[one.name] for row in rows] for one in table.columns])


def insert(db: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write whole rows that are not there yet."""
    _write(db, _insert(table, db.dialect), table.columns, [[row[one.name] for row in rows] for one in table.columns])


def remove(db: Connection, table: Table, keys: Collection[Key]) -> None:
    """Delete the rows with these primary keys."""
    _write(db, _remove(table, db.dialect), table.primary_key, list(zip(*keys, strict=True)))


def add(db: Connection, table: Table, amounts: Mapping[Key, int]) -> None:
    """Add to counters, up or down."""
    changed = {key: amount for key, amount in amounts.items() if amount}
    columns = [*zip(*changed, strict=True), list(changed.values())]
    _write(db, _add(table, db.dialect), table.columns, columns)
    remove_spent(db, table, [key for key, amount in changed.items() if amount < 0])


def remove_spent(db: Connection, table: Table, keys: Collection[Key]) -> None:
    """Delete those of these counters that have come to 0."""
    sql = f"{_remove(table, db.dialect)} AND {table.name}.n = 0"
    _write(db, sql, table.primary_key, list(zip(*keys, strict=True)))


def _write(db: Connection, sql: str, columns: Iterable[Column[Any]], values: Sequence[Sequence[Any]]) -> None:
    """Execute a statement for rows, given column by column."""
    if not values or not values[0]:
        return
    rows = zip(*(_stored(column, cells) for column, cells in zip(columns, values, strict=True)), strict=True)
    if db.dialect.name == "postgresql":
        names = [str(column.name) for column in columns]
        document = orjson.dumps([dict(zip(names, row, strict=True)) for row in rows])
        db.exec_driver_sql(sql, (document.decode(),))
    else:
        db.exec_driver_sql(sql, list(rows))


def _stored(column: Column[Any], values: Sequence[Any]) -> Sequence[Any]:
    """The same values as the database keeps them."""
    match column.type:
        case Deadline():
            return [NEVER if value is None else to_microseconds(value) for value in values]
        case Instant():
            return [None if value is None else to_microseconds(value) for value in values]
        case _:
            return values


@cache
def _upsert(table: Table, dialect: Dialect) -> str:
    rest = [column.name for column in table.columns if not column.primary_key]
    news = ", ".join(f'"{name}" = excluded."{name}"' for name in rest)
    return _unless_there(table, dialect) + (f" DO UPDATE SET {news}" if rest else " DO NOTHING")


@cache
def _add(table: Table, dialect: Dialect) -> str:
    return f"{_unless_there(table, dialect)} DO UPDATE SET n = {table.name}.n + excluded.n"


@cache
def _remove(table: Table, dialect: Dialect) -> str:
    keys = [column.name for column in table.primary_key]
    if dialect.name == "postgresql":
        same = " AND ".join(f'{table.name}."{name}" = given."{name}"' for name in keys)
        return f"DELETE FROM {table.name} USING {_given(table.primary_key, dialect)} WHERE {same}"
    same = " AND ".join(f'"{name}" = ?' for name in keys)
    return f"DELETE FROM {table.name} WHERE {same}"


def _unless_there(table: Table, dialect: Dialect) -> str:
    keys = ", ".join(f'"{column.name}"' for column in table.primary_key)
    return f"{_insert(table, dialect)} ON CONFLICT ({keys})"


@cache
def _insert(table: Table, dialect: Dialect) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    if dialect.name == "postgresql":
        rows = f"SELECT {names} FROM {_given(table.columns, dialect)}"
    else:
        rows = f"VALUES ({', '.join('?' * len(table.columns))})"
    return f"INSERT INTO {table.name} ({names}) {rows}"


def _given(columns: Iterable[Column[Any]], dialect: Dialect) -> str:
    """The rows of a JSON document as a table."""
    typed = ", ".join(f'"{column.name}" {column.type.compile(dialect)}' for column in columns)
    return f"json_to_recordset(%s) AS given ({typed})"


def chunks(values: Iterable[Any], size: int = 500) -> Iterable[list[Any]]:
    """Lists short enough for one IN."""
    found = list(values)
    return (found[start : start + size] for start in range(0, len(found), size))
