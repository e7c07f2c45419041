"""Making the tables: once, by one process, whoever comes first."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, Engine, MetaData, Table, insert, inspect

from projections.following.schema import metadata as read_models
from projections.following.schema import progress
from service.storage.database import UnsafeSettings, alone
from service.storage.sqlite import VIEWS
from service.storage.tables import access_log, api_keys, events, head, jobs, metadata

MAKING = 5_327_914_001
"""The advisory lock held while tables are made."""

APPEND_ONLY = (events, access_log)
"""What is written here cannot be changed through the service's own access."""

LATER = (
    (events, "stamp"),
    (access_log, "stamp"),
    (jobs, "key"),
    (jobs, "since"),
    (api_keys, "stamp"),
    (api_keys, "speaks_as"),
)
"""Columns that older databases do not have."""

GONE = ((jobs, "digest"),)
"""Columns of older databases that are dropped: the bare hash of a file, by which numbers in it could be tried."""

TRIGGER = """
CREATE TRIGGER {0}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {0}
FOR EACH STATEMENT EXECUTE FUNCTION sanji_append_only()
"""
FUNCTION = """
CREATE OR REPLACE FUNCTION sanji_append_only() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN RAISE EXCEPTION ''the log is append-only''; END'
"""
SQLITE_TRIGGER = """
CREATE TRIGGER {0}_no_{1} BEFORE {1} ON {0} BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END
"""
REFUSING = {
    "sqlite": [SQLITE_TRIGGER.format("{0}", "UPDATE"), SQLITE_TRIGGER.format("{0}", "DELETE")],
    "postgresql": [FUNCTION, TRIGGER],
}


def make_tables(engine: Engine) -> None:
    """Make what is missing. Any number of processes may call this at the same time. Raises UnsafeSettings."""
    with alone(engine, MAKING) as db:
        if db.dialect.name == "sqlite":
            must_be_ours(db)
        new = made(db, metadata)
        for table, name in LATER:
            if name not in columns(db, table.name):
                kind = table.c[name].type.compile(db.dialect)
                db.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {name} {kind}")
        for table, name in GONE:
            if name in columns(db, table.name):
                db.exec_driver_sql(f"ALTER TABLE {table.name} DROP COLUMN {name}")
        for table in new & {*APPEND_ONLY}:
            for refusing in REFUSING[db.dialect.name]:
                db.exec_driver_sql(refusing.format(table.name))
        if events in new:
            db.execute(insert(head).values(id=1, position=0))
    make_views(engine, VIEWS if engine.dialect.name == "sqlite" else None)


def must_be_ours(db: Connection) -> None:
    """Raises UnsafeSettings for a file that another program keeps: its tables may even be called as ours are."""
    there = inspect(db).get_table_names()
    if there and head.name not in there:
        raise UnsafeSettings(
            f"{db.engine.url.database} is the database of another program: name one for the service alone"
        )


def make_views(engine: Engine, place: str | None = None) -> None:
    """Make what is missing of the read models."""
    with alone(engine, MAKING) as db:
        made(db.execution_options(schema_translate_map={None: place}), read_models, place)
        where = f"{place}.{progress.name}" if place else progress.name
        if "mark" not in columns(db, where):
            db.exec_driver_sql(f"ALTER TABLE {where} ADD COLUMN mark VARCHAR(100)")


def made(db: Connection, tables: MetaData, place: str | None = None) -> set[Table]:
    """The tables that were missing, which are made. One query finds them, not one for each."""
    there = set(inspect(db).get_table_names(place))
    missing = {table for name, table in tables.tables.items() if name not in there}
    tables.create_all(db, [*missing], checkfirst=False)
    return missing


def columns(db: Connection, table: str) -> Collection[str]:
    """The names of the columns. An inspector would look up everything else about them too, at every start."""
    return db.exec_driver_sql(f"SELECT * FROM {table} LIMIT 0").keys()
