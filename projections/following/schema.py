"""What all read models share: one metadata, instants as integers, and how far each has read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    literal_column,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql.compiler import DDLCompiler

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
NEVER = 2**63 - 1

metadata = MetaData()


def text(length: int) -> String:
    """Short text that sorts by its bytes on every database, whatever the language of its server."""
    return String(length).with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")


def to_microseconds(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, kept as microseconds since 1970: the same, sortable and exact on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Deadline(TypeDecorator[datetime]):
    """A moment, or none at all: then it sorts after every other."""

    impl = BigInteger
    cache_ok = True
    coerce_to_is_types = ()

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int:
        return NEVER if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> datetime | None:
        return None if value is None or value == NEVER else EPOCH + timedelta(microseconds=value)


progress = Table(
    "projection_progress",
    metadata,
    Column("projection", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("mark", String(100)),
)
"""How far each projection has read. `mark` tells whether that was in this log; older services wrote none."""

parked = Table(
    "projection_parked",
    metadata,
    Column("projection", String(64), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("stream", String(80), nullable=False, index=True),
    Column("error", Text, nullable=False),
)

keeper = Table("keeper_round", metadata, Column("id", Integer, primary_key=True), Column("at", Instant, nullable=False))
stuck_deadlines = Table("stuck_deadlines", metadata, Column("stream", String(80), primary_key=True))
"""Written by the keeper: when it last came round, and the streams whose deadlines it could not let lapse."""


def only(condition: str, on_sqlite: str | None = None) -> dict[str, Any]:
    """Makes an index partial: of the rows of this condition only."""
    return {"postgresql_where": literal_column(condition), "sqlite_where": literal_column(on_sqlite or condition)}


VIRTUAL = "virtual"


@compiles(CreateTable, "sqlite")
def _created(created: CreateTable, compiler: DDLCompiler, **options: Any) -> str:
    """On SQLite a table with `info["virtual"]` is created as a virtual one, with the module named there."""
    table, ordinary = created.element, cast(Callable[..., str], compiler.visit_create_table)
    if virtual := table.info.get(VIRTUAL):
        return f"CREATE VIRTUAL TABLE {compiler.preparer.format_table(table)} USING {virtual}"
    return ordinary(created, **options)
