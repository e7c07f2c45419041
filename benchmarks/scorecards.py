"""All scorecards of a district's year, as they are and as of a day within it, at a million cases: under 200 ms.

Besides, one town's dossier with the first events behind each figure, and a page of those behind one figure.
"""

import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Engine

from benchmarks.measured import Measured, Target, in_turn, measured, median_p50, print_table
from benchmarks.servers import postgres
from domain.decider import Act, Actor
from domain.org import Official, Org, Post, Role, Unit, UnitKind
from domain.tests.hanbin import RULES
from projections.cards.collectors import collectors
from projections.cards.given import mark_given
from projections.cards.marks import Figure
from projections.cards.proofs import Line, behind, evidence
from projections.cards.scorecards import cards
from projections.cards.sums import mark_sum, sums
from projections.cases.case_file import case_file, case_scope, case_subject
from projections.following.bulk import add, upsert
from projections.following.schema import metadata
from service.storage.database import open_database

CASES = int(os.environ.get("SANJI_BENCH_CASES", "1000000"))
YEAR, BATCH, ANSWERS = 2025, 100_000, 10
CADRES = 10_000
"""So many collect cases, each for his own town."""
SCHEME = RULES.policy.assessment
START = datetime(YEAR, 1, 1, tzinfo=UTC)
TOWNS = [f"T{number:02}" for number in range(28)]
DEPARTMENTS = [f"D-{number:02}" for number in range(30)]
MIXES = [
    f"{kind}:{grade}:{tier}"
    for kind in ("request", "complaint", "benefit")
    for grade in ("II", "III")
    for tier in ("village", "town")
]
MARKS = (
    Figure.COLLECTED,
    Figure.ASSIGNED,
    Figure.ASKED,
    Figure.FIRST_RESPONSE,
    Figure.ON_TIME_EFFECTIVE,
    Figure.SOLVED,
)


class NoVault:
    """Nothing is sealed here."""

    def seal(self, place: str, fields: Any, *, findable: bool = False) -> Any:
        raise NotImplementedError

    def receipt(self, stream: str) -> str:
        raise NotImplementedError

    def lot(self, of: str) -> int:
        raise NotImplementedError


def run(_seconds: float, rounds: int) -> list[Target]:
    """Databases of both kinds, filled with the marks of a million cases, asked for every card."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        shared = stack.enter_context(postgres())
        addresses = {"SQLite": f"sqlite:///{directory}/cards.db", "PostgreSQL": shared.database("cards").for_sqlalchemy}
        return [measured_on(kind, open_database(address), rounds) for kind, address in addresses.items()]


def measured_on(kind: str, engine: Engine, rounds: int) -> Target:
    fill(engine)
    summer = datetime(YEAR, 7, 20, 6, tzinfo=UTC)
    sides = {
        "cards as they are": asking(engine, lambda db, act: cards(db, act, YEAR, None, SCHEME)),
        "cards as of 20 July": asking(engine, lambda db, act: cards(db, act, YEAR, None, SCHEME, summer)),
        "one town's evidence": asking(engine, lambda db, act: evidence(db, act, TOWNS[0], YEAR)),
        "the same as of 20 July": asking(engine, lambda db, act: evidence(db, act, TOWNS[0], YEAR, summer)),
        "a page behind one figure": asking(
            engine, lambda db, act: behind(db, act, Line(TOWNS[0], YEAR, Figure.SOLVED, "yes"), limit=200)
        ),
        "a town's collectors": asking(
            engine, lambda db, act: collectors(db, act, act.org, TOWNS[0], YEAR, limit=200).items
        ),
    }
    taken = in_turn(sides, rounds)
    print_table(f"scorecards of a year, {CASES:,} cases, {kind}", taken)
    engine.dispose()
    slowest = max(median_p50(side) for side in taken.values())
    return Target(
        what=f"milliseconds for all scorecards of a year, or one dossier, on {kind}", figure=slowest, at_most=200
    )


def fill(engine: Engine) -> None:
    metadata.create_all(engine, tables=[mark_given, mark_sum, case_file, case_scope, case_subject])
    marks = given()
    while rows := list(islice(marks, BATCH)):
        with engine.begin() as db:
            upsert(db, mark_given, rows)
            add(db, mark_sum, sums(rows, 1))
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.exec_driver_sql("VACUUM ANALYZE")


def given() -> Iterator[dict[str, Any]]:
    """The marks that a million cases of one year would give."""
    chance = random.Random(YEAR)
    for number in range(CASES):
        unit = TOWNS[number % len(TOWNS)] if chance.random() < 0.9 else chance.choice(DEPARTMENTS)
        at = START + timedelta(seconds=chance.randrange(330 * 86_400))
        for version, figure in enumerate(MARKS, 1):
            rated = figure not in (Figure.COLLECTED, Figure.ASSIGNED, Figure.ASKED)
            cadre = f"cadre:{number % CADRES}"
            yield {
                "source": f"case-{number}",
                "version": version,
                "position": number * len(MARKS) + version,
                "item": f"{figure}:0",
                "n": 1,
                "at": at + timedelta(days=version),
                "unit": unit,
                "official": cadre if figure is Figure.COLLECTED else f"head:{unit}",
                "year": YEAR,
                "figure": figure,
                "mark": ("yes" if chance.random() < 0.9 else "no") if rated else "counted",
                "mix": chance.choice(MIXES) if figure is Figure.SOLVED else "",
                "guard": "",
            }


def asking(engine: Engine, question: Callable[[Connection, Act], Sequence[Any]]) -> Callable[[], Measured]:
    auditor = act()

    def ask() -> Measured:
        taken = []
        began = perf_counter()
        for _ in range(ANSWERS):
            start = perf_counter()
            with engine.connect() as db:
                found = question(db, auditor)
            taken.append(perf_counter() - start)
            assert found
        return measured(taken, perf_counter() - began)

    return ask


def act() -> Act:
    """An auditor of a district of that size."""
    kinds = [(TOWNS, UnitKind.TOWN), (DEPARTMENTS, UnitKind.DEPARTMENT)]
    units = {id: Unit(id=id, name=id, kind=kind, parent="D") for ids, kind in kinds for id in ids}
    post = Post(unit="D", role=Role.AUDITOR, since=date(2020, 1, 1))
    by = Actor(id="auditor", posts=(post,))
    cadres = {f"cadre:{number}": cadre(f"cadre:{number}", TOWNS[number % 28]) for number in range(CADRES)}
    district = Unit(id="D", name="D", kind=UnitKind.DISTRICT)
    org = Org(units={**units, "D": district}, officials=cadres)
    return Act(by=by, at=START + timedelta(days=400), rules=RULES, org=org, vault=NoVault())


def cadre(id: str, town: str) -> Official:
    return Official(id=id, name=id, posts=(Post(unit=town, role=Role.CADRE, since=date(2020, 1, 1)),))
