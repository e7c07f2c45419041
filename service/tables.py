"""What lies in the database besides the read models: the log, its head, and the keys of persons and of programs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    insert,
)

from projections.schema import Instant

metadata = MetaData()

events = Table(
    "events",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("stream", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("topic", String(64), nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("command", String(64), unique=True),
    Column("fingerprint", String(64)),
    UniqueConstraint("stream", "version"),
)

head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

person_keys = Table(
    "person_keys",
    metadata,
    Column("person", String(64), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("role", String(32), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("official", String(64)),
    Column("made_at", Instant, nullable=False),
    Column("expires_on", Date),
    Column("revoked_at", Instant),
)


def store_keys(db: Connection, keys: Sequence[tuple[str, bytes]]) -> None:
    """Keep the keys made for persons, in the transaction of the events that need them."""
    if keys:
        db.execute(insert(person_keys), [{"person": person, "wrapped": wrapped} for person, wrapped in keys])
