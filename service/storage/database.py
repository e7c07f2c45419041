"""Opens the database, SQLite or PostgreSQL, and refuses settings under which a commit could be lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOENT
from pathlib import Path

from sqlalchemy import Connection, Engine, exc, func, make_url, select

from service.storage import postgresql, sqlite
from service.storage.sqlite import VIEWS, WRITING

OUT_OF_REACH = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""What SQLAlchemy raises when the database does not answer."""


def does_not_answer(error: BaseException | None) -> bool:
    """Whether the database did not answer: by this error, or by the one that the library wrapped in it."""
    return isinstance(error, OUT_OF_REACH) or isinstance(getattr(error, "__cause__", None), OUT_OF_REACH)


class UnsafeSettings(Exception):
    """The database would lose what it acknowledged, or wait for ever."""


def open_database(url: str, *, pool: int = 8, views: bool = True) -> Engine:
    """An engine on this database. Raises UnsafeSettings where a commit could be lost, and Mixed.

    On SQLite the views are attached, unless `views` is False. As in every engine here, errors do not quote what a
    statement was to store: that may be the words of a case, and errors are logged.
    """
    parsed = make_url(url)
    on_sqlite = parsed.get_backend_name() == "sqlite"
    engine = sqlite.opened(parsed, pool, views) if on_sqlite else postgresql.opened(parsed, pool)
    with engine.connect() as db:
        weakness = sqlite.weakness(db) if on_sqlite else postgresql.weakness(db)
    if weakness:
        engine.dispose()
        raise UnsafeSettings(weakness)
    return engine


def open_to_read(url: str) -> Engine:
    """An engine that only reads: it makes no file and no table. Raises FileNotFoundError, and Mixed."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return postgresql.opened(parsed, 1).execution_options(postgresql_readonly=True)
    must_be_there(url)
    return sqlite.opened_to_read(Path(str(parsed.database)).absolute())


def must_be_there(url: str) -> None:
    """Raises FileNotFoundError where the file of SQLite is missing: to connect would make an empty one."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
        raise FileNotFoundError(ENOENT, "it does not exist yet; sanji serve makes it", parsed.database)


def writing(engine: Engine, what: str = "log") -> Engine:
    """The same database, for transactions that write: the log, the views, views being built, or the tables themselves.

    On SQLite they take the write lock of their file at once, and tables of views are looked for in the attached file.
    """
    where = {None: VIEWS} if what == VIEWS and engine.dialect.name == "sqlite" else None
    return engine.execution_options(**{WRITING: what, "schema_translate_map": where})


@contextmanager
def alone(engine: Engine, lock: int, what: str = "tables") -> Iterator[Connection]:
    """A writing transaction that holds this advisory lock of PostgreSQL until it ends; SQLite has one writer anyway."""
    with writing(engine, what).begin() as db:
        if db.dialect.name == "postgresql":
            db.execute(select(func.pg_advisory_xact_lock(lock)))
        yield db


def reading(engine: Engine) -> Engine:
    """The same database, for transactions that read one snapshot. On SQLite every transaction does."""
    return engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="REPEATABLE READ")
