"""What is read to answer a question about response times: no stay that is not asked for, however many there are."""

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine

from domain.org import Tier
from domain.tests.road import assigned_to
from domain.tests.story import at
from projections.following.bulk import upsert
from projections.tests.logs import act, called, following, told
from projections.times.held import ResponseTimes, held, row, spells
from projections.times.selection import By, Period, Question, Selection
from projections.times.singly import began, came_that_morning, still_open, went_by

followed = following(ResponseTimes())
EVER = Period()
MARCH = Period(start=at("03-01 00:00"), end=at("04-01 00:00"))


@pytest.mark.parametrize(
    ("asked", "looked_at"),
    [
        (Question(by=By.TIER, period=EVER), 3),
        (Question(by=By.TIER, period=MARCH, tier=Tier.TOWN, unit="T01"), 3),
        (Question(by=By.TIER, period=Period(start=at("03-10 00:00"))), 0),
        (Question(by=By.TIER, period=Period(end=at("03-01 00:00"))), 0),
        (Question(by=By.TIER, period=EVER, tier=Tier.DISTRICT), 0),
        (Question(by=By.TIER, period=EVER, unit="T02"), 0),
    ],
)
def test_nothing_open_is_looked_at_that_is_not_asked_for(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, asked: Question, looked_at: int
) -> None:
    followed(engine, told(*(called(f"open-{one}", assigned_to("T01")) for one in "abc")))
    monkeypatch.setattr(Selection, "counts", lambda *_: True)
    with engine.connect() as db:
        assert len(list(still_open(db, Selection(act("auditor", "03-31 09:00"), asked, None)))) == looked_at


@pytest.mark.parametrize(
    ("unit", "read", "times_as_long"),
    [
        ("T01", lambda db, asked: began(db, asked, at("03-01 00:00"), at("04-01 00:00")), 8),
        ("T02", lambda db, asked: began(db, asked, at("03-01 00:00"), at("04-01 00:00")), 1),
        ("T01", lambda db, asked: went_by(db, asked, at("03-05 00:00"), at("03-05 12:00")), 1),
        ("T01", came_that_morning, 1),
    ],
)
def test_stays_are_read_as_many_as_are_asked_for_however_many_there_are(
    unit: str, read: Callable[[Connection, Selection], Iterable[Any]], times_as_long: int
) -> None:
    assert steps_to_read(800, unit, read) < 1.2 * times_as_long * steps_to_read(100, unit, read)


def steps_to_read(stays: int, unit: str, read: Callable[[Connection, Selection], Iterable[Any]]) -> int:
    """How many steps SQLite takes where T01 has so many stays, two of each case, all of one day."""
    [told] = [row(spell) for spell in spells(assigned_to("T01").case)]
    period = Period(start=at("03-02 12:00"))
    selection = Selection(act("auditor", "03-31 09:00"), Question(by=By.UNIT, period=period, unit=unit), None)
    steps = count()
    with create_engine("sqlite://").begin() as db:
        held.create(db)
        upsert(db, held, [told | {"case_id": f"case-{one // 2}", "stay": one % 2} for one in range(stays)])
        sqlite: Any = db.connection.driver_connection
        sqlite.set_progress_handler(lambda: next(steps) and None, 1)
        list(read(db, selection))
    return next(steps)
