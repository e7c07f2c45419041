"""Marks under decisions: random lives of cases, and in the midst of them quarters closed, appeals upheld, cases left out."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine

from domain.assessment.events import (
    AppealDecided,
    Appealed,
    CaseExcluded,
    DutyCounted,
    Exclusion,
    QuarterClosed,
    VetoAdjudicated,
    VetoKind,
)
from domain.decider import Recorded
from domain.duties import TargetKind
from domain.tests.hanbin import RULES
from projections.cards.given import standing
from projections.cards.marking import Scorecards, mark_struck
from projections.cards.marks import CONTACT
from projections.cards.proofs import evidence
from projections.cards.scorecards import Card, cards
from projections.cases.case_file import CaseFile
from projections.following.follower import Follower
from projections.tests.logs import Written, act, everything, following

followed = following(CaseFile(), Scorecards())

SCHEME = RULES.policy.assessment
UNITS = ("T01", "T02", "D-MASSWORK", "D-TRANSPORT")
ONLY = (Scorecards(),)


def all_cards(engine: Engine, at: datetime | None = None) -> list[Card]:
    with engine.connect() as db:
        return cards(db, act("auditor", "12-31 09:00"), 2025, None, SCHEME, at)


@pytest.fixture(scope="session")
def decided(many_lives: Written, new_database: Callable[[str], str], opened: Callable[[str], Engine]) -> Written:
    """The long log with decisions in it, taken at two points of it on marks that stood there."""
    engine, chance = opened(new_database("sqlite")), Random(7)
    lines = [line for _, line, _ in many_lives.lines if isinstance(line, Recorded)]
    told = lines[: len(lines) // 3]
    versions: Counter[str] = Counter()
    for upto in (len(lines) * 2 // 3, len(lines)):
        followed(engine, Written(told))
        told = [*told, *_decisions(everything(engine, ONLY)["mark_given"], told[-1].recorded_at, chance, versions)]
        told += lines[len([line for line in told if not line.stream.startswith("assessment:")]) : upto]
    engine.dispose()
    return Written(told)


def _decisions(marks: list[Any], at: datetime, chance: Random, versions: Counter[str]) -> list[Recorded[Any]]:
    """What panels and others might find of these marks."""
    made: list[Recorded[Any]] = []

    def happens(unit: str, event: Any) -> None:
        stream = f"assessment:{unit}:2025"
        versions[stream] += 1
        made.append(
            Recorded(stream=stream, version=versions[stream], at=at, recorded_at=at, by="organiser", event=event)
        )

    given = [row for row in marks if row["n"] > 0 and row["unit"] in UNITS and row["version"]]
    for row in chance.sample(given, 12):
        number = versions[f"assessment:{row['unit']}:2025"]
        appeal: dict[str, Any] = {name: row[name] for name in ("figure", "mark")} | {
            "event": row["position"],
            "case": row["source"],
        }
        said: dict[str, Any] = {"grounds": "not so", "due_at": at, "policy": "", "calendar": ""}
        happens(row["unit"], Appealed(appeal=number, **appeal, **said))
        happens(row["unit"], AppealDecided(appeal=number, upheld=chance.random() < 0.8, panel=("a", "b"), **appeal))
    for row in chance.sample(given, 4):
        excluded = CaseExcluded(case=row["source"], ground=Exclusion.FORCE_MAJEURE, reason="flood", accountable=None)
        happens(row["unit"], excluded)
    for unit in UNITS[:2]:
        duty = DutyCounted(kind=TargetKind.REMOTE, required=4, verified=chance.randint(0, 4))
        happens(unit, QuarterClosed(quarter=f"2025-Q{len(versions)}", duties=(duty,), accountable=f"head:{unit}"))
    happens("T02", VetoAdjudicated(kind=VetoKind.LEAK, basis="adjudicated", accountable="head:T02"))
    return made


def test_a_score_never_changes_without_an_event(engine: Engine, decided: Written) -> None:
    """Whatever is asked between two events is what was answered at the first; now is what was after the last."""
    followed(engine, decided)
    instants = sorted({line.at for _, line, _ in decided.lines if isinstance(line, Recorded)})
    for one, other in list(pairwise(instants))[::9]:
        between = [one + (other - one) * part for part in (0.3, 0.999)]
        assert all(all_cards(engine, at) == all_cards(engine, one) for at in between)
    assert all_cards(engine, instants[-1]) == all_cards(engine, instants[-1] + timedelta(days=400)) == all_cards(engine)


def test_the_same_log_gives_the_same_marks_whatever_is_read_at_once(engine: Engine, decided: Written) -> None:
    followed(engine, decided)
    whole = everything(engine, ONLY)
    follower = Follower(engine, decided, ONLY, batch=5)
    follower.begin_again(ONLY[0])
    follower.catch_up()
    assert everything(engine, ONLY) == whole


def test_what_was_struck_never_stands_again(engine: Engine, decided: Written) -> None:
    followed(engine, decided)
    rows = everything(engine, ONLY)
    assert len(rows[mark_struck.name]) > 8
    with engine.connect() as db:
        for gone in rows[mark_struck.name]:
            for mark in standing(db, gone["source"]):
                same = (mark["unit"], mark["year"]) == (gone["unit"], gone["year"])
                assert not (same and gone["item"] in ("*", mark["item"])) or mark["figure"] == "excluded"


def test_sums_are_what_the_marks_add_up_to_and_cards_what_the_sums_say(engine: Engine, decided: Written) -> None:
    followed(engine, decided)
    rows = everything(engine, ONLY)
    added: Counter[tuple[str, ...]] = Counter()
    for row in rows["mark_given"]:
        if row["figure"] not in CONTACT:
            added[row["unit"], row["figure"], row["mark"]] += row["n"]
    summed: Counter[tuple[str, ...]] = Counter()
    for row in rows["mark_sum"]:
        if row["span"].startswith("m:"):
            summed[row["unit"], row["figure"], row["mark"]] += row["n"]
    assert +added == +summed
    assert min(added.values()) >= 0


def test_weights_say_what_is_missing(engine: Engine, decided: Written) -> None:
    """What is weighed and what is missing are the whole of what a unit is judged on; nothing is scaled up in silence."""
    followed(engine, decided)
    weights = asdict(SCHEME.weights)
    for card in all_cards(engine):
        for score in (card.score, *(term.score for term in card.officials)):
            judged = {name: weight for name, weight in weights.items() if name in card.judged_on}
            weighed = sum(weight for name, weight in judged.items() if name not in score.missing)
            assert set(score.missing) <= judged.keys()
            assert score.weighed_pct == 100 * weighed // sum(judged.values())
    assert any("duty" not in card.score.missing and card.duty is not None for card in all_cards(engine))


def test_the_same_bytes_on_either_database(
    new_database: Callable[[str], str], opened: Callable[[str], Engine], decided: Written
) -> None:
    def told(kind: str) -> bytes:
        engine = opened(new_database(kind))
        followed(engine, decided)
        auditor = act("auditor", "12-31 09:00")
        last = decided.lines[-1][1]
        assert isinstance(last, Recorded)
        with engine.connect() as db:
            whole = [cards(db, auditor, 2025, None, SCHEME, at) for at in (None, last.at - timedelta(days=20))]
            proofs = [evidence(db, auditor, unit, 2025, at) for unit in UNITS for at in (None, last.at)]
        engine.dispose()
        return orjson.dumps([whole, proofs])

    assert told("sqlite") == told("postgresql")
