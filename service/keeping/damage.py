"""Damaged files of views are put aside while no keeper runs; others are made from the log. Only on SQLite."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from service.keeping.leadership import FileLeadership
from service.storage.sqlite import VIEWS, spoilt

log = logging.getLogger("sanji.damage")

ASIDE = "damaged"
GLANCE = "SELECT 'ok' FROM sqlite_master LIMIT 1"
EVERY_PAGE = "PRAGMA quick_check(1)"


class Damaged(Exception):
    """The file of the views is damaged, and somebody keeps it open."""


def damaged(database: str, look: str = EVERY_PAGE) -> Path | None:
    """The file in which the views of this database lie, if it is damaged; where nobody can look, who opens it says why."""
    url = make_url(database)
    views = Path(f"{url.database}-{VIEWS}")
    if url.get_backend_name() != "sqlite" or not views.exists():
        return None
    try:
        with closing(sqlite3.connect(views)) as db:
            found = db.execute(look).fetchone()
    except sqlite3.DatabaseError as error:
        return views if spoilt(error) else None
    return views if found not in (None, ("ok",)) else None


def put_aside(database: str, look: str = EVERY_PAGE) -> None:
    """Have views that are damaged made anew by whoever opens the database next. Raises Damaged."""
    if (views := damaged(database, look)) is None:
        return
    leading = FileLeadership(Path(f"{make_url(database).database}.leader"))
    if not leading.held():
        raise Damaged(f"{views} is damaged, and in use: stop the service, and let sanji rebuild make another")
    log.error("%s is damaged: it is put aside, and the views are made anew", views)
    for part in ("", "-wal", "-shm"):
        if (file := Path(f"{views}{part}")).exists():
            file.replace(f"{views}-{ASIDE}{part}")
    leading.release()
