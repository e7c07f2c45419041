"""Who must be visited, with 30,000 poor households flagged: a quarter's coverage, of the district and of a town: under 200 ms.

Of the district together with each of its towns, as its page asks, it is told beside that.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from sqlalchemy import Engine

from benchmarks.measured import Measured, Target, in_turn, measured, median_p50, print_table
from benchmarks.scorecards import NoVault
from benchmarks.servers import postgres
from domain.decider import Act, Actor
from domain.duties import Quarter, TargetKind
from domain.org import Org, Post, Role, Unit, UnitKind
from domain.tests.hanbin import RULES
from projections.cases.case_file import case_file
from projections.duties.coverage import coverage
from projections.duties.targets import day_number, duty_flag, duty_visit
from projections.following.bulk import upsert
from projections.following.schema import metadata
from service.storage.database import open_database

HOUSEHOLDS, TOWNS, VILLAGES, ANSWERS = 30_000, 28, 529, 10
QUARTER = Quarter(year=2025, number=2)
START = datetime(2025, 1, 1, tzinfo=UTC)


def run(_seconds: float, rounds: int) -> list[Target]:
    """Databases of both kinds, filled with the flags and visits of half a year, asked for one quarter."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        shared = stack.enter_context(postgres())
        addresses = {
            "SQLite": f"sqlite:///{directory}/coverage.db",
            "PostgreSQL": shared.database("coverage").for_sqlalchemy,
        }
        return [measured_on(kind, open_database(address), rounds) for kind, address in addresses.items()]


def measured_on(kind: str, engine: Engine, rounds: int) -> Target:
    fill(engine)
    sides = {
        "the district": asking(engine, None),
        "its towns, too": asking(engine, None, each_place=True),
        "a town": asking(engine, "T01"),
    }
    taken = in_turn(sides, rounds)
    print_table(f"coverage of a quarter, {HOUSEHOLDS:,} households flagged, {kind}", taken)
    engine.dispose()
    slowest = max(median_p50(taken[side]) for side in ("the district", "a town"))
    return Target(what=f"milliseconds for a quarter's coverage on {kind}", figure=slowest, at_most=200)


def fill(engine: Engine) -> None:
    metadata.create_all(engine, tables=[duty_flag, duty_visit, case_file])
    with engine.begin() as db:
        upsert(db, duty_flag, list(flags()))
        upsert(db, duty_visit, list(visits()))
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.exec_driver_sql("VACUUM ANALYZE")


def flags() -> Iterator[dict[str, Any]]:
    """Each is flagged, some twice; every fourth flag was taken away again."""
    chance = random.Random(1)
    for number in range(HOUSEHOLDS * 5 // 4):
        since = START + timedelta(seconds=chance.randrange(60 * 86_400)) + timedelta(days=80 * (number // HOUSEHOLDS))
        until = since + timedelta(days=chance.randrange(5, 60)) if number % 4 == 0 else None
        yield {
            "target": f"HH-{number % HOUSEHOLDS}",
            "kind": TargetKind.POOR_HOUSEHOLD,
            "position": number,
            "village": village(number % HOUSEHOLDS),
            "since": since,
            "until": until,
            "first_day": day_number(since),
            "last_day": day_number(until) if until else None,
            "head_due": None,
            "leader_due": None,
        }


def visits() -> Iterator[dict[str, Any]]:
    """Five out of six are visited each month."""
    chance = random.Random(2)
    for number in range(HOUSEHOLDS * 5):
        at = START + timedelta(seconds=chance.randrange(180 * 86_400))
        yield {
            "target": f"HH-{chance.randrange(HOUSEHOLDS)}",
            "position": number,
            "version": 0,
            "visitor": "helper",
            "seen_at": at,
            "recorded_at": at,
            **dict.fromkeys(("approved_at", "asked_at", "confirmed")),
            "countersigned": int(chance.random() < 0.9),
            **dict.fromkeys(("local", "by_head", "by_leader"), 0),
        }


def village(number: int) -> str:
    return f"V{number % VILLAGES:03}"


def asking(engine: Engine, unit: str | None, *, each_place: bool = False) -> Callable[[], Measured]:
    auditor = act()

    def ask() -> Measured:
        taken = []
        began = perf_counter()
        for _ in range(ANSWERS):
            start = perf_counter()
            with engine.connect() as db:
                found = coverage(db, auditor, QUARTER, unit, each_place=each_place)
            taken.append(perf_counter() - start)
            assert sum(one.required for one in found.duties) > (0 if unit else HOUSEHOLDS // 2)
        return measured(taken, perf_counter() - began)

    return ask


def act() -> Act:
    """An auditor of a district of that size."""
    units = {"D": Unit(id="D", name="D", kind=UnitKind.DISTRICT)}
    towns = [f"T{number:02}" for number in range(TOWNS)]
    units |= {id: Unit(id=id, name=id, kind=UnitKind.TOWN, parent="D") for id in towns}
    for number in range(VILLAGES):
        id = village(number)
        units[id] = Unit(id=id, name=id, kind=UnitKind.VILLAGE, parent=towns[number % TOWNS])
    post = Post(unit="D", role=Role.AUDITOR, since=date(2020, 1, 1))
    by = Actor(id="auditor", posts=(post,))
    return Act(by=by, at=START + timedelta(days=185), rules=RULES, org=Org(units=units), vault=NoVault())
