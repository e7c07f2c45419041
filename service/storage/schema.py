"""Making the tables: once, by one process, whoever comes first."""

from __future__ import annotations

from sqlalchemy import Engine, func, insert, inspect, select

from projections.following.schema import metadata as read_models
from projections.following.schema import progress
from service.storage.database import VIEWS, writing
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
"""Columns that only they have: the bare hash of a file, by which numbers in it could be tried."""

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
    """Make what is missing. Any number of processes may call this at the same time."""
    with writing(engine, "tables").begin() as db:
        if db.dialect.name == "postgresql":
            db.execute(select(func.pg_advisory_xact_lock(MAKING)))
        new = [table for table in APPEND_ONLY if not inspect(db).has_table(table.name)]
        metadata.create_all(db)
        for table, name in LATER:
            if name not in {column["name"] for column in inspect(db).get_columns(table.name)}:
                kind = table.c[name].type.compile(db.dialect)
                db.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {name} {kind}")
        for table, name in GONE:
            if name in {column["name"] for column in inspect(db).get_columns(table.name)}:
                db.exec_driver_sql(f"ALTER TABLE {table.name} DROP COLUMN {name}")
        for table in new:
            for refusing in REFUSING[db.dialect.name]:
                db.exec_driver_sql(refusing.format(table.name))
        if events in new:
            db.execute(insert(head).values(id=1, position=0))
    make_views(engine, VIEWS if engine.dialect.name == "sqlite" else None)


def make_views(engine: Engine, place: str | None = None) -> None:
    """Make what is missing of the read models."""
    with writing(engine, "tables").begin() as db:
        if db.dialect.name == "postgresql":
            db.execute(select(func.pg_advisory_xact_lock(MAKING)))
        read_models.create_all(db.execution_options(schema_translate_map={None: place}))
        if "mark" not in {column["name"] for column in inspect(db).get_columns(progress.name, place)}:
            where = f"{place}.{progress.name}" if place else progress.name
            db.exec_driver_sql(f"ALTER TABLE {where} ADD COLUMN mark VARCHAR(100)")
