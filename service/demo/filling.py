"""Filling a folder with the demonstration: made aside and put in place when complete, so that half of it is never served."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine, event

from domain.org import Org, Role
from domain.streams import ORG
from domain.zone import DISTRICT
from projections.following.schema import metadata as read_models
from service.demo import roads
from service.demo.casting import DAYS, SEED, cast
from service.demo.diary import Diary
from service.demo.district import Place, home, organised
from service.demo.flood import Flood, Moment
from service.demo.homes import Homes
from service.demo.keyring import make_keys
from service.demo.last_year import Chapter, LastYear
from service.demo.playing import Stage
from service.office import Office
from service.record.clock import ManualClock
from service.record.orders import Order
from service.settings import Settings
from service.sign_in.identity import ADMIN
from service.sign_in.keys import find_key
from service.storage.tables import metadata

FACTS = "demo.json"
VISITED = ((timedelta(days=62), 0), (timedelta(days=33), 0), (timedelta(days=1), 6))
"""When everybody goes visiting, and how many of the needs they find become cases that nobody has taken up yet."""
ALL_AT_ONCE = 1_000_000
"""Events the views read in one batch: nobody waits for them yet."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the demonstration shows when it starts. It holds the keys, so its file is for its owner only."""

    cases: int
    refused: int
    place: Place
    case: str
    keys: dict[str, str]
    shape: str = ""
    """What the tables looked like when it was made."""

    @classmethod
    def of(cls, folder: Path) -> Facts:
        stored = json.loads((folder / FACTS).read_text("utf-8"))
        return cls(**{**stored, "place": Place(**stored["place"])})

    def write(self, folder: Path) -> None:
        with os.fdopen(os.open(folder / FACTS, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            json.dump(asdict(self), file, ensure_ascii=False, indent=1)


def is_filled(folder: Path) -> bool:
    return (folder / FACTS).exists()


def fill(folder: Path, cases: int, now: datetime, on_progress: Callable[[float], object]) -> Facts:
    """Play a quarter of the year before, and ninety days that end now. `on_progress` gets the share that is done, 0 to 1.

    What an interrupted filling left behind is thrown away first.
    """
    aside = unfinished(folder)
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True, mode=0o700)
    office = Office(Settings(data_dir=aside, database_url="", auth="keys", clock="manual", host="127.0.0.1"))
    written_through_later(office.engine)
    clock = office.clock
    assert isinstance(clock, ManualClock)
    clock.set(Chapter.before(now).begins - timedelta(days=1))
    office.open(background=False)
    try:
        facts = played(office, clock, cases, now, on_progress)
    finally:
        office.close()
    facts.write(aside)
    settle_on_disk(aside)
    os.rename(aside, folder)
    on_progress(1)
    return facts


def unfinished(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.unfinished")


def played(
    office: Office, clock: ManualClock, cases: int, now: datetime, on_progress: Callable[[float], object]
) -> Facts:
    org: Org = office.clerk.settle_now(Order(stream=ORG, command=organised(), by=ADMIN)).state
    office.follower.batch = ALL_AT_ONCE
    with office.engine.begin() as db:
        keys = make_keys(db, office.seals, home(), clock.now())
        other_system = find_key(db, office.seals, keys[Role.INTEGRATOR])
    assert other_system is not None
    hotline = other_system.actor(org, now)
    assert hotline is not None
    chapter = Chapter.before(now)
    casts = list(cast(cases, org, hotline, Diary(office.rules(now)), now))
    shown = next(one for one in casts if one.piece.story is roads.nobody_acted)
    stage, homes = Stage(office, clock), Homes(office, home(), Random(SEED))
    began = clock.now()

    def far(moment: datetime) -> None:
        on_progress(0.8 * (moment - began) / (now - began))

    last_year = LastYear(office, clock, stage, chapter)
    last_year.play(hotline, Diary(office.rules(now)), cases, far)
    stage.play([], now - DAYS - timedelta(days=1), far)
    clock.set(in_the_morning(clock.now()))
    homes.register()
    stories = [one.begin() for one in casts]
    visits: list[Moment] = [(ago, timedelta(), partial(homes.visits, needs=needs)) for ago, needs in VISITED]
    for moment, happens in sorted(
        ((in_the_morning(now - ago) + later, happens) for ago, later, happens in (*visits, *Flood(homes).moments())),
        key=itemgetter(0),
    ):
        stage.play(stories, min(moment, now), far)
        happens()
        stories = []
    stage.play(stories, now, far)
    office.background.settle(now)
    return Facts(
        cases=len(stage.cases),
        refused=len(stage.refused),
        place=home(),
        case=shown.scene.id,
        keys=keys,
        shape=shape_of_tables(),
    )


def in_the_morning(day: datetime) -> datetime:
    """Ten o'clock of the next day that has begun by then; nobody visits at night."""
    morning = day.astimezone(DISTRICT).replace(hour=10, minute=0, second=0, microsecond=0)
    return morning if morning >= day else min(morning + timedelta(days=1), day + timedelta(days=1))


def shape_of_tables() -> str:
    """Changes with every table and column, so that what another version made is not taken for one's own."""
    tables = [*metadata.sorted_tables, *read_models.sorted_tables]
    return sha256(" ".join(str(column) for table in tables for column in table.columns).encode()).hexdigest()


def written_through_later(engine: Engine) -> None:
    """What is not finished may be lost, so its commits need not wait for the disk one by one."""
    engine.dispose()

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF").close()


def settle_on_disk(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        file = os.open(path, os.O_RDONLY)
        os.fsync(file)
        os.close(file)
