"""Triggers and rules on the two logs: those that refuse every change must be there, and nothing else may be.

A trigger that somebody else put there can keep a record from being written, or change it on its way.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from service.storage.schema import APPEND_ONLY

POSTGRESQL = """
SELECT c.relname AS log, t.tgname AS name, t.tgenabled = 'O' AND p.prosrc LIKE '%the log is append-only%' AS well
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
UNION ALL
SELECT c.relname, r.rulename, false FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace
UNION ALL
SELECT c.relname, p.polname, false FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relnamespace = current_schema()::regnamespace
"""
SQLITE = """
SELECT tbl_name AS log, name, sql LIKE '%RAISE(ABORT, ''the log is append-only'')%' AS well
FROM sqlite_master WHERE type = 'trigger'
"""
OURS = {
    "sqlite": {f"{table.name}_no_{change}" for table in APPEND_ONLY for change in ("UPDATE", "DELETE")},
    "postgresql": {f"{table.name}_append_only" for table in APPEND_ONLY},
}


def wrong_triggers(db: Connection) -> Iterator[str]:
    """What is there and should not be, and what is missing; in any table of the service."""
    ours = OURS[db.dialect.name]
    found = {row.name: row for row in db.execute(text(SQLITE if db.dialect.name == "sqlite" else POSTGRESQL))}
    for name, row in sorted(found.items()):
        if name not in ours:
            yield f"{name} on {row.log} is not of this service"
        elif not row.well:
            yield f"{name} on {row.log} does not refuse changes any more"
    yield from (f"{name} is missing" for name in sorted(ours - found.keys()))
