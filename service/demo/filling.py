"""Filling a folder with the demonstration: made aside, put in place when complete, so that half of it is never served."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import event

from domain.decider import Actor
from domain.org import Role
from service.aggregates import ORG
from service.clock import ManualClock
from service.demo import roads
from service.demo.casting import DAYS, YANBA, cast
from service.demo.diary import Diary
from service.demo.district import DISPATCH, DISTRICT, FOLLOW_UP, MASS_WORK, holder, organised, places
from service.demo.playing import Stage
from service.identity import ADMIN
from service.keys import find_key, make_key
from service.ledger import Order
from service.office import Office
from service.settings import Settings

FACTS = "demo.json"
EVERYTHING = 1_000_000
"""Events the views read in one batch: nobody waits for them yet."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the demonstration says when it starts. The keys are in it, so its file is its owner's only."""

    keys: dict[str, str]
    town: str
    village: str
    case: str

    @classmethod
    def of(cls, folder: Path) -> Facts:
        return cls(**json.loads((folder / FACTS).read_text("utf-8")))

    def write(self, folder: Path) -> None:
        file = os.open(folder / FACTS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as out:
            json.dump(asdict(self), out, ensure_ascii=False, indent=1)


KEYS = {
    "village cadre 村干部": (Role.VILLAGE_HEAD, None),
}
