"""Writing many rows with few statements: over the ones that are there, away with others, and counting up and down."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Table,
    and_,
    bindparam,
    delete,
    literal_column,
)
from sqlalchemy.dialects import postgresql, sqlite

from projections.schema import metadata

Key = tuple[Any, ...]


def counters(name: str, *keys: Column[Any]) -> Table:
    """A table of counters `n`, one for each key. What has come down to nothing is not kept."""
    n = Column("n", BigInteger, nullable=False)
    nothing = n == literal_column("0")
    for key in keys:
        key.primary_key = True
    return Table(name, metadata, *keys, n, Index(f"{name}_spent", n, sqlite_where=nothing, postgresql_where=nothing))


def upsert(db: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write whole rows, over the ones that are there."""
    if not rows:
        return
    statement = _insert(db, table)
    keys = [column.name for column in table.primary_key]
    rest = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    db.execute(
        statement.on_conflict_do_update(index_elements=keys, set_=rest)
        if rest
        else statement.on_conflict_do_nothing(index_elements=keys),
        rows,
    )


def remove(db: Connection, table: Table, keys: Collection[Key]) -> None:
    """Delete the rows with these primary keys."""
    if not keys:
        return
    names = [column.name for column in table.primary_key]
    these = and_(*(table.c[name] == bindparam(f"key_{name}") for name in names))
    db.execute(
        delete(table).where(these), [dict(zip((f"key_{name}" for name in names), key, strict=True)) for key in keys]
    )


def add(db: Connection, table: Table, amounts: Mapping[Key, int]) -> None:
    """Add to counters, up or down."""
    names = [key.name for key in table.primary_key]
    rows = [{**dict(zip(names, key, strict=True)), "n": amount} for key, amount in amounts.items() if amount]
    if not rows:
        return
    statement = _insert(db, table)
    total = table.c.n + statement.excluded.n
    db.execute(statement.on_conflict_do_update(index_elements=names, set_={"n": total}), rows)
    if any(amount < 0 for amount in amounts.values()):
        db.execute(delete(table).where(table.c.n == literal_column("0")))


def chunks(values: Iterable[Any], size: int = 500) -> Iterable[list[Any]]:
    """Lists short enough for one IN."""
    found = list(values)
    return (found[start : start + size] for start in range(0, len(found), size))


def _insert(db: Connection, table: Table) -> Any:
    return (postgresql if db.dialect.name == "postgresql" else sqlite).insert(table)
