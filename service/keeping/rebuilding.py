"""Building views anew beside those that serve: from the log into tables elsewhere, which then take the others' place.

On PostgreSQL the tables grow in a schema of their own and are moved over in one transaction; on SQLite they grow in a
file of their own and are copied over in one. An interrupted build goes on where it stopped. Whoever follows the log for
the views that serve notices that somebody has moved them on, and goes on from there (see `MovedOn`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from time import sleep
from zlib import crc32

from sqlalchemy import Engine, Index, Table, exc, make_url, select, text
from sqlalchemy.schema import CreateIndex, CreateTable

from projections import PROJECTIONS
from projections.following.bulk import FOLDING
from projections.following.follower import Follower, must_be_as_new
from projections.following.projection import Projection
from projections.following.schema import VIRTUAL, parked, progress
from service.keeping.garbage import not_looking
from service.keeping.leadership import Occupied, leadership
from service.record.reading import Reading
from service.record.recorder import Recorder
from service.storage.database import open_database, writing
from service.storage.schema import make_views
from service.storage.sqlite import VIEWS

BESIDE = "beside"
BUILDING = "building"
BATCH = 20_000
"""Events folded together: nobody waits for them yet."""
PATIENCE = 3600.0
"""Seconds to wait for the lock while others copy: a million cases take minutes."""
WAIT, BETWEEN = "200ms", 0.2
"""How long one waits for readers, less than it takes PostgreSQL to look for deadlocks; and seconds until one tries again."""
LOCKED = "55P03"
"""The code of PostgreSQL for a lock that was not granted in time."""
CLOSE = 1_000
"""Events that are few enough to be folded while the serving views stand still."""


class Rebuilding:
    """Builds some projections, or all, of a database beside those that serve; others may be built at another place."""

    def __init__(self, url: str, names: Sequence[str] = (), place: str = BESIDE) -> None:
        self._schema, self._file = f"sanji_{place}", f"{make_url(url).database}-{place}"
        self.projections: tuple[Projection, ...] = tuple(one for one in PROJECTIONS if not names or one.name in names)
        self._engine = open_database(url, pool=2)
        self._alone = leadership(self._engine, place, crc32(self._schema.encode()))
        if not self._alone.held():
            self._engine.dispose()
            raise Occupied("views of this database are being built already; wait until that has ended")
        make_views(self._engine, VIEWS if self._engine.dialect.name == "sqlite" else None)
        self._recorder = Recorder(self._engine)
        self._beside = self._opened_beside(url)
        self._follower = Follower(
            self._beside, Reading(self._recorder), self.projections, batch=BATCH, writer=writing(self._beside, BUILDING)
        )

    @not_looking()
    def run(self, on_progress: Callable[[int, int], object]) -> int:
        """Build, then switch; answers the position reached. `on_progress` gets the position and the end of the log.

        Raises Superseded where a newer version of the service keeps one of these.
        """
        with self._engine.connect() as db:
            kept = {name: version for name, version in db.execute(select(progress.c.projection, progress.c.version))}
        for one in self.projections:
            must_be_as_new(one, kept.get(one.name, 0))
        self._without_indexes()
        while self._last() - self._reached() > CLOSE:
            self._follower.advance()
            on_progress(self._reached(), self._last())
        if self._engine.dialect.name == "postgresql":
            self._with_indexes()
        return self._switch()

    def close(self) -> None:
        self._beside.dispose()
        self._alone.release()
        self._engine.dispose()

    def _reached(self) -> int:
        return min(self._follower.places().values())

    def _last(self) -> int:
        return self._recorder.max_notification_id() or 0

    def _opened_beside(self, url: str) -> Engine:
        if self._engine.dialect.name == "postgresql":
            with self._engine.begin() as db:
                db.execute(text(f"CREATE SCHEMA IF NOT EXISTS {self._schema}"))
            asked = make_url(url)
            options = f"{asked.query.get('options', '')} -c search_path={self._schema}".strip()
            engine = open_database(
                asked.update_query_dict({"options": options}).render_as_string(hide_password=False), pool=2
            )
        else:
            engine = open_database(f"sqlite:///{self._file}", pool=2)
        make_views(engine)
        return engine

    def _without_indexes(self) -> None:
        """Make the new tables without indexes that folding does not need: they are made faster once the tables are
        full.
        """
        self._follower.begin()
        with writing(self._beside, BUILDING).begin() as db:
            for index in self._for_reading():
                index.drop(db, checkfirst=True)

    def _with_indexes(self) -> None:
        """Make the other indexes, without a limit of time."""
        with writing(self._beside, BUILDING).begin() as db:
            db.execute(text("SET LOCAL statement_timeout = 0"))
            for index in self._for_reading():
                index.create(db, checkfirst=True)

    def _for_reading(self) -> Iterator[Index]:
        return (index for table in self._tables() for index in table.indexes if FOLDING not in index.info)

    def _switch(self) -> int:
        """Take the place of the serving views: hold them still, read the rest of the log, and swap the tables."""
        if self._engine.dialect.name == "postgresql":
            while (reached := self._moved_over()) is None:
                sleep(BETWEEN)
            return reached
        while (reached := self._copied()) is None:
            pass
        self._beside.dispose()
        for file in Path(self._file).parent.glob(f"{Path(self._file).name}*"):
            file.unlink()
        return reached

    def _moved_over(self) -> int | None:
        """Move the tables over. None, and nothing is moved, if a reader holds one of them for longer than we wait.

        He may come to a table that was moved already and wait in turn: then neither would ever be done.
        """
        try:
            with self._engine.begin() as db:
                db.execute(text(f"SET LOCAL lock_timeout = '{WAIT}'"))
                db.execute(text(f"LOCK TABLE {progress.name} IN EXCLUSIVE MODE"))
                position = self._follower.catch_up()
                for statement in (*self._moving(), *self._taking_over()):
                    db.exec_driver_sql(statement.format(own=db.scalar(text("SELECT current_schema()"))))
                db.execute(text(f"DROP SCHEMA {self._schema} CASCADE"))
            return position
        except exc.OperationalError as error:
            if getattr(error.orig, "sqlstate", "") != LOCKED:
                raise
            return None

    def _copied(self) -> int | None:
        """Copy over what was built. None if the serving views have read further in the meantime."""
        position = self._follower.catch_up()
        views = f"{self._engine.url.database}-{VIEWS}"
        with closing(sqlite3.connect(views, isolation_level=None, timeout=PATIENCE)) as db:
            db.execute(f"ATTACH DATABASE ? AS {self._schema}", (self._file,))
            db.execute("BEGIN IMMEDIATE")
            ahead = f"SELECT 1 FROM main.{progress.name} WHERE position BETWEEN ? AND ?"
            if db.execute(ahead, (position + 1, self._last())).fetchone():
                return None
            for statement in (*self._copying(), *self._taking_over()):
                db.execute(statement.format(own="main"))
            db.execute("COMMIT")
        return position

    def _tables(self) -> list[Table]:
        return [table for projection in self.projections for table in projection.tables]

    def _moving(self) -> Iterator[str]:
        for table in self._tables():
            yield f"DROP TABLE IF EXISTS {{own}}.{table.name}"
            yield f"ALTER TABLE {self._schema}.{table.name} SET SCHEMA {{own}}"

    def _copying(self) -> Iterator[str]:
        """The statements that copy the tables. SQLite copies rows without reading them only for `SELECT *`; a virtual
        table must be read.
        """
        for table in self._tables():
            columns = ", ".join(column.name for column in table.columns)
            whole = f"({columns}) SELECT {columns} FROM" if VIRTUAL in table.info else "SELECT * FROM"
            yield f"DROP TABLE IF EXISTS {{own}}.{table.name}"
            yield str(CreateTable(table).compile(self._engine))
            yield f"INSERT INTO {{own}}.{table.name} {whole} {self._schema}.{table.name}"
            indexes = table.indexes if VIRTUAL not in table.info else ()
            yield from (str(CreateIndex(index).compile(self._engine)) for index in indexes)

    def _taking_over(self) -> Iterator[str]:
        """Take over how far the new views have read, and the events that they parked."""
        these = "projection IN ({})".format(", ".join(f"'{one.name}'" for one in self.projections))
        for table in (progress, parked):
            columns = ", ".join(one.name for one in table.columns)
            yield f"DELETE FROM {{own}}.{table.name} WHERE {these}"
            yield (
                f"INSERT INTO {{own}}.{table.name} ({columns})"
                f" SELECT {columns} FROM {self._schema}.{table.name} WHERE {these}"
            )
