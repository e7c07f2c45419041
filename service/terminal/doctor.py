"""The doctor: looks at settings, database, secret, calendar, log, files and views, changes nothing, and says what to do."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import disk_usage

from msgspec import MsgspecError
from sqlalchemy import Connection, Engine, exc, func, inspect, make_url, select
from sqlalchemy.engine import URL

from domain.rules import Calendars
from domain.streams import CALENDARS
from projections import PROJECTIONS
from projections.following.projection import parked_count, positions_of
from projections.following.schema import metadata as read_models
from service.audit.transparency import KEY, Notary
from service.keeping.damage import damaged
from service.record.calendars import REGION
from service.record.codec import UnknownEvent, hash_of, to_line
from service.record.reading import states_of
from service.record.recorder import Recorder
from service.record.triggers import wrong_triggers
from service.secrecy.own_secret import not_whole
from service.secrecy.person_keys import in_use, key_store
from service.secrecy.seals import MASTER, Seals
from service.settings import Settings, misspelt
from service.storage.attachments import kept
from service.storage.database import UnsafeSettings, open_database
from service.storage.findable import somebody_found
from service.storage.sqlite import VIEWS, Mixed, spoilt
from service.storage.tables import attachments, events, head, metadata

ROOM = 200
"""Megabytes: on SQLite the changes beside both files take 64, and a copy of the views more."""
SHOWN = 5
"""Missing tables that are named."""
BEHIND = 1000
"""Events a view may be behind before that is worth a word."""


@dataclass(frozen=True)
class Finding:
    what: str
    well: bool
    said: str
    """How it is; where it is not well, what to do."""


def examine(settings: Settings, last: int, today: date) -> Iterator[Finding]:
    """Look at everything, at so many of the last events; stops where the next thing cannot be looked at."""
    url = make_url(settings.database)
    shown = url.render_as_string(hide_password=True)
    for name, meant in misspelt(os.environ):
        yield Finding("settings", False, f"{name} is no setting; {meant} is one")
    yield Finding("settings", True, f"data in {settings.data_dir}, sign-in by {settings.auth}, {settings.clock} clock")
    yield disk(settings.data_dir)
    if missing_file(url):
        yield Finding("database", False, f"{shown} does not exist yet; sanji serve makes it")
        return
    for place in unwritable(settings, url):
        yield Finding(
            "folder", False, f"this user cannot write to {place}; run as the user who serves, or give him the right"
        )
    if spoilt := damaged(settings.database):
        yield Finding("views", False, f"{spoilt} is damaged; stop the service, run sanji rebuild, start it again")
        return
    views_file = Path(f"{url.database}-{VIEWS}")
    lost = url.get_backend_name() == "sqlite" and not views_file.exists()
    engine = opened(url, "SANJI_DATABASE_URL", views=not lost)
    if isinstance(engine, str):
        yield Finding("database", False, engine)
        return
    yield Finding("database", True, f"{shown} answers, and keeps what it acknowledges")
    try:
        if lost:
            to_do = "stop the service, and start it again: it makes them anew"
            yield Finding("views", False, f"{views_file} is missing; {to_do}")
            return
        with engine.connect() as db:
            yield from inside(engine, db, settings, last, today)
    finally:
        engine.dispose()


def disk(folder: Path) -> Finding:
    """Where it is full, nothing is recorded: reports are a 503 until there is room again."""
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    free = disk_usage(there).free >> 20
    return Finding(
        "disk", free >= ROOM, f"{free:,} MB are free{'' if free >= ROOM else f'; make room, {ROOM} MB at least'}"
    )


def opened(url: URL, setting: str, *, views: bool = True) -> Engine | str:
    """A database as the service opens it; or why that cannot be, and what to do."""
    try:
        return open_database(url.render_as_string(hide_password=False), pool=1, views=views)
    except UnsafeSettings as unsafe:
        return f"{unsafe}; change that setting"
    except Mixed as mixed:
        return str(mixed)
    except exc.SQLAlchemyError as error:
        reason = str(error.__cause__ or error).strip().partition("\n")[0]
        to_do = "bring back the backup, alone" if spoilt(error.__cause__) else f"start it, or correct {setting}"
        return f"{url.render_as_string()} does not answer: {reason}; {to_do}"


def inside(engine: Engine, db: Connection, settings: Settings, last: int, today: date) -> Iterator[Finding]:
    if lacking := without_tables(db):
        which = ", ".join(lacking[:SHOWN]) + (f" and {len(lacking) - SHOWN} more" if len(lacking) > SHOWN else "")
        yield Finding("tables", False, f"{which} missing; sanji serve makes them")
        return
    yield Finding("tables", True, "all there")
    yield (found := secret(settings.data_dir / "keys"))
    if not found.well:
        return
    yield apart(settings, db)
    yield calendar(engine, today)
    yield chain(db, last)
    yield signature(db, engine, settings.data_dir)
    yield files(db, last)
    yield triggers(db)
    yield from views(engine, db)


def missing_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and bool(url.database) and not Path(str(url.database)).exists()


def unwritable(settings: Settings, url: URL) -> list[Path]:
    """What the service writes to, and whoever asks cannot."""
    beside = ("", f"-{VIEWS}", "-keys") if url.get_backend_name() == "sqlite" else ()
    places = (settings.data_dir, *(Path(f"{url.database}{which}") for which in beside))
    return [one for one in places if one.exists() and not os.access(one, os.W_OK)]


def without_tables(db: Connection) -> list[str]:
    places = (None, VIEWS) if db.dialect.name == "sqlite" else (None,)
    there = {name for place in places for name in inspect(db).get_table_names(schema=place)}
    return sorted({*metadata.tables, *read_models.tables} - there)


def secret(folder: Path) -> Finding:
    """The master secret, without which no name and no telephone number can be read."""
    path = folder / MASTER
    if not path.exists():
        return Finding("secret", False, f"{path} is missing: bring it back from the backup, or no name can be read")
    state = path.stat()
    if stat.S_IMODE(state.st_mode) & 0o077:
        return Finding("secret", False, f"others can read {path}; chmod 600 {path}")
    if folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return Finding("secret", False, f"others can write to {folder}; chmod go-w {folder}")
    if fault := not_whole(path):
        return Finding("secret", False, fault)
    if not os.access(path, os.R_OK):
        return Finding("secret", False, f"{path} belongs to somebody else; run as the user who serves")
    return Finding("secret", True, f"{path} is for its owner only")


def apart(settings: Settings, db: Connection) -> Finding:
    """The keys of persons are there and were made with this secret; in a store of their own, no backup of the log reads more."""
    url = make_url(settings.keys_database)
    store = None if missing_file(url) else opened(url, "SANJI_KEYS_URL", views=False)
    if isinstance(store, str):
        return Finding("keys", False, store)
    try:
        made = store is not None and inspect(store).has_table(key_store.name) and in_use(store)
        if made and store:
            Seals((settings.data_dir / "keys" / MASTER).read_bytes(), store).keys.must_be_ours()
    except UnsafeSettings as unsafe:
        return Finding("keys", False, str(unsafe))
    finally:
        if store:
            store.dispose()
    if not made and somebody_found(db):
        return Finding("keys", False, f"the keys of persons are missing in {url}: bring them back from their backup")
    where = (
        "in a store of their own" if settings.keys_apart else "beside the log; docs/running.md tells how to part them"
    )
    return Finding("keys", True, f"the keys of persons lie {where}")


def calendar(engine: Engine, today: date) -> Finding:
    calendars: Calendars = states_of(Recorder(engine), [CALENDARS])[CALENDARS]
    until = calendars.working(REGION).known_until()
    if until is None:
        return Finding("calendar", False, "no year's notice is known; sanji serve publishes those that ship")
    if until < today:
        to_do = f"PUT /v1/calendars/{REGION}/{until.year + 1}, or deadlines stay provisional"
        return Finding("calendar", False, f"known until {until} only; {to_do}")
    return Finding("calendar", True, f"known until {until}")


def chain(db: Connection, last: int) -> Finding:
    """Every event of the end of the log follows the one before it, in the log and in its own stream."""
    c = events.c
    end, next_after = db.execute(select(select(func.max(c.position)).scalar_subquery(), head.c.position)).one()
    if (end or 0) != next_after:
        to_do = f"run sanji verify, and if the log is whole, set the position in log_head to {end or 0}"
        return Finding(
            "log", False, f"the next event would lie at {next_after + 1}, where the last lies at {end}; {to_do}"
        )
    rows = db.execute(select(c.position, c.stream, c.version, c.state).order_by(c.position.desc()).limit(last)).all()
    expected = rows[0].position if rows else 0
    for row in rows:
        if row.position != expected:
            return Finding("log", False, f"position {expected} is missing; restore the last good backup")
        expected -= 1
        before = db.scalar(select(c.state).where(c.stream == row.stream, c.version == row.version - 1))
        try:
            line = to_line(row.state)
        except (MsgspecError, UnknownEvent):
            return Finding("log", False, f"position {row.position} cannot be read; restore the last good backup")
        follows = line.previous == (hash_of(before) if before is not None else "") and line.version == row.version
        if not follows or (before is None and row.version > 1):
            problem = f"position {row.position} does not follow from what is stored before it"
            return Finding("log", False, f"{problem}; restore the last good backup")
    return Finding("log", True, f"the last {len(rows):,} events follow one another")


def signature(db: Connection, engine: Engine, folder: Path) -> Finding:
    """Each log goes on where the last signed checkpoint left it, and what was signed is still there."""
    path = folder / "keys" / KEY
    if not path.exists():
        return Finding(
            "signature", False, f"{path} is missing: bring it back from the backup, or serve to make a new one"
        )
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding("signature", False, f"others can read {path}; chmod 600 {path}")
    counts = []
    for log in Notary(engine, folder).both:
        if (alarm := log.alarm()) or (alarm := log.looked_at(db)):
            return Finding("signature", False, f"{log.name}: {alarm.reason}; run sanji verify")
        signed, last = log.size(), db.scalar(select(func.max(log.table.c.position))) or 0
        if signed < last - BEHIND:
            return Finding("signature", False, f"{log.name}: {last - signed:,} lines are not signed; run sanji verify")
        counts.append(f"{signed:,} of {last:,}")
    return Finding("signature", True, f"{counts[0]} events are signed, {counts[1]} readings")


def files(db: Connection, last: int) -> Finding:
    """Each file that was sent lately is the one whose hash it lies under."""
    c = attachments.c
    digests = db.scalars(select(c.sha256).order_by(c.at.desc()).limit(last)).all()
    changed = [digest for digest in digests if kept(db, digest) is None]
    if changed:
        return Finding(
            "files", False, f"{changed[0]} is another file; find out who changed it, send the right one again"
        )
    return Finding("files", True, f"the last {len(digests):,} are what was sent")


def triggers(db: Connection) -> Finding:
    wrong = list(wrong_triggers(db))
    to_do = "find out who did that, restore the triggers, run sanji verify"
    return Finding(
        "triggers", not wrong, f"{'; '.join(wrong)}; {to_do}" if wrong else "those of this service, and no others"
    )


def views(engine: Engine, db: Connection) -> Iterator[Finding]:
    last = Recorder(engine).last(db)
    behind = {name: last - position for name, position in positions_of(db, PROJECTIONS).items()}
    name, most = max(behind.items(), key=lambda item: item[1])
    if most > BEHIND:
        yield Finding("views", False, f"{name} is {most:,} events behind; start sanji serve, or look into its log")
    else:
        yield Finding("views", True, f"at most {most:,} events behind the log")
    if parked := parked_count(db):
        yield Finding("parked", False, f"{parked:,} events could not be applied to a view; its log says why")
    else:
        yield Finding("parked", True, "no event is set aside")
