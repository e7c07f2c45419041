"""Making the tables: once, by one process, whoever comes first."""

from __future__ import annotations

from sqlalchemy import Engine, func, insert, inspect, select

from projections.schema import metadata as read_models
from service.database import writing
from service.tables import events, head, metadata

MAKING = 5_327_914_001
"""The advisory lock held while tables are made."""

TRIGGER = """
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION sanji_append_only()
"""
FUNCTION = """
CREATE FUNCTION sanji_append_only() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN RAISE EXCEPTION ''the log is append-only''; END'
"""
SQLITE_TRIGGER = """
CREATE TRIGGER events_no_{0} BEFORE {0} ON events BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END
"""
REFUSING = {
    "sqlite": [SQLITE_TRIGGER.format("UPDATE"), SQLITE_TRIGGER.format("DELETE")],
    "postgresql": [FUNCTION, TRIGGER],
}
"""Events cannot be changed through the service's own access."""


def make_tables(engine: Engine) -> None:
    """Make what is missing. Any number of processes may call this at the same time."""
    with writing(engine).begin() as db:
        if db.dialect.name == "postgresql":
            db.execute(select(func.pg_advisory_xact_lock(MAKING)))
        new = not inspect(db).has_table(events.name)
        metadata.create_all(db)
        read_models.create_all(db)
        if new:
            for refusing in REFUSING[db.dialect.name]:
                db.exec_driver_sql(refusing)
            db.execute(insert(head).values(id=1, position=0))
