"""What if: a year of a million cases under another policy, and 350,000 households under another ruleset: a minute each."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from sqlalchemy import Engine

from benchmarks.measured import Target
from benchmarks.scorecards import START, TOWNS, act
from benchmarks.servers import postgres
from domain.household import Household
from domain.household.terms import Facts, Hardship, HardshipKind, HouseholdClass
from domain.rules.policy import PerTier
from domain.tests.hanbin import RULES
from projections.following.bulk import upsert
from projections.following.schema import metadata
from projections.register.households import household_file, row
from projections.register.reclassified import in_shadow
from projections.times.held import held
from projections.what_if.affected import Gathered
from projections.what_if.what_if import clocks_then
from service.storage.database import open_database

CASES = int(os.environ.get("SANJI_BENCH_CASES", "1000000"))
HOUSEHOLDS = int(os.environ.get("SANJI_BENCH_HOUSEHOLDS", "350000"))
BATCH = 50_000
THEN = replace(RULES.policy, id="trial", hold_wd=PerTier(V=2, T=5, D=20))
LESS = replace(RULES.policy.helping, line_yuan=5000)


def run(_seconds: float, _rounds: int) -> list[Target]:
    """Databases of both kinds, filled with stays and households, asked once each."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        shared = stack.enter_context(postgres())
        addresses = {"SQLite": f"sqlite:///{directory}/if.db", "PostgreSQL": shared.database("if").for_sqlalchemy}
        return [target for kind, address in addresses.items() for target in measured_on(kind, open_database(address))]


def measured_on(kind: str, engine: Engine) -> Iterator[Target]:
    metadata.create_all(engine, tables=[held, household_file])
    fill(engine, held, stays())
    fill(engine, household_file, households())
    auditor = act()
    end = START + timedelta(days=400)

    def clocks(db: Any) -> int:
        found = clocks_then(db, auditor, THEN, lambda _at: RULES.policy, START, end, Gathered())
        return sum(one.clocks for one in found if one.clock == "hold")

    def classes(db: Any) -> int:
        return in_shadow(db, auditor, LESS).households

    yield timed(f"seconds for {CASES:,} cases under another policy on {kind}", engine, clocks, CASES)
    yield timed(f"seconds for {HOUSEHOLDS:,} households under another ruleset on {kind}", engine, classes, HOUSEHOLDS)
    engine.dispose()


def timed(what: str, engine: Engine, ask: Callable[[Any], int], expected: int) -> Target:
    began = perf_counter()
    with engine.connect() as db:
        assert ask(db) == expected
    return Target(what=what, figure=perf_counter() - began, at_most=60)


def fill(engine: Engine, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    while some := list(islice(rows, BATCH)):
        with engine.begin() as db:
            upsert(db, table, some)


def stays() -> Iterator[dict[str, Any]]:
    """One stay for each case, in a village or a town, most of them left in time."""
    chance, rules = random.Random(1), RULES
    for number in range(CASES):
        tier = chance.choice(("village", "town"))
        entered = START + timedelta(seconds=chance.randrange(300 * 86_400))
        left = entered + timedelta(hours=chance.expovariate(1 / 90))
        hold = rules.policy.hold(tier, "request", "III")
        due = rules.due(entered, hold).at
        yield {
            **dict.fromkeys(one.name for one in held.columns),
            "case_id": f"case-{number}",
            "stay": 0,
            "guard": "",
            "tier": tier,
            "unit": chance.choice(TOWNS),
            "kind": "request",
            "grade": "III",
            "entry_no": 1,
            "entered_at": entered,
            "left_at": left,
            "exit": "resolved",
            "void": False,
            "paused_s": 0,
            "response_due_at": rules.due(entered, rules.policy.first_response("III")).at,
            "response_stopped_at": entered + timedelta(hours=5),
            "hold_due_at": due,
            "hold_stopped_at": left,
            "reopened": False,
            "premature": False,
            "rejected_disputes": 0,
            "pressed": False,
        }


def households() -> Iterator[dict[str, Any]]:
    chance = random.Random(2)
    for number in range(HOUSEHOLDS):
        kind, severity = chance.choice(list(HardshipKind)), chance.randint(0, 3)
        facts = Facts(
            members=chance.randint(1, 6),
            income_per_head=chance.randrange(2000, 30000),
            debt_total=chance.choice((0, 0, 20000)),
            hardships=(Hardship(kind=kind, severity=severity),),
        )
        home = Household(id=f"HH-{number}", version=3, village="V", since=START, updated_at=START, facts=facts)
        yield row(replace(home, klass=HouseholdClass.SECURE), number + 1)
