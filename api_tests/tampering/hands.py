"""What somebody with every right on the database can do to a log: by hand, and with the hashes put right."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, text, update

from service.settings import Settings
from service.storage.database import open_database
from service.storage.tables import events, head

Lines = list[dict[str, Any]]


@contextmanager
def with_all_rights(settings: Settings) -> Iterator[Connection]:
    """What refuses changes is taken away first."""
    engine = open_database(settings.database, pool=1)
    with engine.begin() as db:
        for table in ("events", "access_log"):
            if db.dialect.name == "sqlite":
                for change in ("UPDATE", "DELETE"):
                    db.execute(text(f"DROP TRIGGER {table}_no_{change}"))
            else:
                db.execute(text(f"DROP TRIGGER {table}_append_only ON {table}"))
        yield db
    engine.dispose()


def tampered(settings: Settings, table: Table, change: Callable[[Lines], Lines]) -> None:
    """Write the whole table anew, as somebody would have it."""
    with with_all_rights(settings) as db:
        rows = [dict(row._mapping) for row in db.execute(select(table).order_by(table.c.position))]
        wanted = change([dict(row, state=bytes(row["state"])) for row in rows])
        db.execute(delete(table))
        db.execute(insert(table), wanted)


def numbered(rows: Lines) -> Lines:
    """At dense positions."""
    return [row | {"position": position} for position, row in enumerate(rows, 1)]


def chained(rows: Lines) -> Lines:
    """Each line with the hash of the one before it in its stream, as if it had always been so."""
    ends: dict[str, tuple[int, str]] = {}
    made = []
    for row in rows:
        line = json.loads(row["state"])
        stream = line.get("stream", "")
        version, previous = ends.get(stream, (0, ""))
        line["previous"] = previous
        if "version" in line:
            line["version"] = row["version"] = version + 1
        state = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()
        ends[stream] = version + 1, sha256(state).hexdigest()
        made.append(row | {"state": state})
    return made


def slipped_in_at_the_end(settings: Settings) -> int:
    """A line that fits in every way, put there by somebody who is not the service; answers its position."""
    engine = open_database(settings.database, pool=1)
    with engine.begin() as db:
        rows = [dict(row._mapping) for row in db.execute(select(events).order_by(events.c.position))]
        last = next(row for row in reversed(rows) if row["stream"].startswith("case:"))
        said = json.loads(last["state"])
        line = said | {"version": said["version"] + 1, "previous": sha256(last["state"]).hexdigest()}
        state = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()
        new = {"position": len(rows) + 1, "version": line["version"], "state": state, "command": None}
        db.execute(insert(events), [last | new])
        db.execute(update(head).values(position=len(rows) + 1))
    engine.dispose()
    return len(rows) + 1


def with_another_end(settings: Settings) -> None:
    engine = open_database(settings.database, pool=1)
    with engine.begin() as db:
        end = db.execute(select(events).order_by(events.c.position.desc()).limit(1)).one()._mapping
        more = [
            dict(end) | {"position": end["position"] + n, "version": end["version"] + n, "command": None}
            for n in range(1, 9)
        ]
        db.execute(insert(events), more)
    engine.dispose()
