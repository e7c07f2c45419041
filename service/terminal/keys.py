"""`sanji key`: makes API keys, lists them, replaces and revokes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from rich.table import Column, Table
from sqlalchemy import Engine

from domain.org import Org, Role
from domain.streams import ORG
from domain.zone import day_at
from service.record.clock import SystemClock
from service.record.reading import states_of
from service.record.recorder import Recorder
from service.secrecy.seals import Seals
from service.settings import Settings
from service.sign_in.keys import all_keys, make_key, make_successor, revoke_key
from service.storage.database import must_be_there, open_database
from service.storage.findable import somebody_found
from service.storage.schema import make_tables

WHOLE = ("id", "made", "ends", "revoked")
"""What is never broken into two lines: an id is copied."""


def new(settings: Settings, role: Role, unit: str, official: str | None, expires: date | None) -> str:
    """Raises UnsafeSettings where the master secret, which stamps it, was lost."""
    with _opened(settings) as engine:
        seals = _seals(settings, engine)
        with engine.begin() as db:
            return make_key(db, seals, role, SystemClock().now(), unit=unit, official=official, expires=expires)


def doubts(settings: Settings, unit: str, official: str | None, expires: date | None) -> Iterator[str]:
    """Why a key like this opens nothing today."""
    with _opened(settings) as engine:
        org: Org = states_of(Recorder(engine), [ORG])[ORG]
    if official and official not in org.officials:
        yield f"no official is called {official} in the organisation yet"
    if unit and unit not in org.units:
        yield f"no unit is called {unit} in the organisation yet"
    if expires and expires <= day_at(SystemClock().now()):
        yield f"its time was over when {expires} began"


def succeed(settings: Settings, key_id: str, expires: date | None) -> str | None:
    """A key that goes on as this one; None if none is called so. Raises UnsafeSettings, as above, and FileNotFoundError."""
    must_be_there(settings.database)
    with _opened(settings) as engine:
        seals = _seals(settings, engine)
        with engine.begin() as db:
            return make_successor(db, seals, key_id, SystemClock().now(), expires=expires)


def _seals(settings: Settings, engine: Engine) -> Seals:
    store = open_database(settings.keys_database, pool=1, views=False) if settings.keys_apart else engine
    with engine.connect() as db:
        sealed_before = somebody_found(db)
    try:
        return Seals.in_folder(settings.data_dir / "keys", store, sealed_before=sealed_before)
    finally:
        if settings.keys_apart:
            store.dispose()


def revoke(settings: Settings, key: str) -> bool:
    """False if there is none that stands. Raises FileNotFoundError where there is no database."""
    must_be_there(settings.database)
    with _opened(settings) as engine, engine.begin() as db:
        return revoke_key(db, key, SystemClock().now())


def listed(settings: Settings) -> Table:
    """Each key by its id, the oldest first; days as on the district's calendar. Raises FileNotFoundError, as above."""
    must_be_there(settings.database)
    columns = ("id", "speaks as", "role", "whose", "made", "ends", "revoked")
    table = Table(*(Column(name, overflow="fold", no_wrap=name in WHOLE) for name in columns), box=None)
    with _opened(settings) as engine, engine.connect() as db:
        for key, made, revoked in all_keys(db):
            days = (day_at(made), key.expires_on, revoked and day_at(revoked))
            table.add_row(
                key.id, key.speaks_as or "", key.role, key.official or key.unit, *(str(day or "") for day in days)
            )
    return table


@contextmanager
def _opened(settings: Settings) -> Iterator[Engine]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database, pool=1)
    make_tables(engine)
    try:
        yield engine
    finally:
        engine.dispose()
