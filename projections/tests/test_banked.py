"""A number of the banks is the length of its list: for every unit, at any instant, however the cases wandered."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from domain.case.terms import OPEN, Board
from domain.org import Tier
from domain.tests.story import at
from domain.zone import DISTRICT, day_at
from projections.banks.ageing import ages
from projections.banks.flows import Flows, flows
from projections.banks.problem_bank import ProblemBank, tiers
from projections.cases.case_file import CaseFile
from projections.cases.then import Then, as_it_stood
from projections.lists import along
from projections.lists.case_filter import CaseFilter
from projections.lists.cases import ListedCase, listed
from projections.tests.logs import NOTHING, Written, following
from projections.tests.test_then import by
from projections.times.held import ResponseTimes

followed = following(CaseFile(), Flows(), ProblemBank(), ResponseTimes())

PLACES = (None, "T01", "T02", "V0101", "D-MASSWORK")
LAST = at("04-20 09:00")
INSTANTS = (None, at("03-05 18:00"))


def there(db: Connection, then: Then | None, **wanted: Any) -> Sequence[ListedCase]:
    return listed(db, by(LAST), CaseFilter(**wanted), limit=200, then=then, recall=NOTHING).items


def n(db: Connection, then: Then | None, **wanted: Any) -> int:
    return len(there(db, then, **wanted))


def moment(then: Then | None) -> datetime:
    return then.at if then else LAST


@pytest.mark.parametrize("instant", INSTANTS)
def test_every_number_is_the_length_of_its_list(engine: Engine, many_lives: Written, instant: datetime | None) -> None:
    followed(engine, many_lives)
    with engine.connect() as db:
        then = as_it_stood(db, instant, many_lives.recall) if instant else None
        now = moment(then)
        today = now.astimezone(DISTRICT).replace(hour=0, minute=0, second=0, microsecond=0)
        day = {"came_after": today, "came_before": today + timedelta(days=1)}
        for place in PLACES:
            for bank in tiers(db, by(LAST), place, then):
                here: dict[str, Any] = {"bank": bank.tier, "under": place}
                standing = Counter(one.status for one in there(db, then, **here, open=True))
                assert standing.total() == bank.open
                assert standing == {one: count for one, count in bank.statuses.items() if one in OPEN}
                assert n(db, then, **here, overdue=True) == bank.overdue
                assert {one: n(db, then, **here, board=one) for one in Board} == bank.boards
                if place is None:
                    assert all(n(db, then, **here, status=one) == standing[one] for one in OPEN)
                assert n(db, then, **here, ever=True) == bank.passed_through
                assert n(db, then, **here, **day) == bank.new_today
            for row in ages(db, by(LAST), place, then=then):
                if row.unit is None:
                    for band in row.bands:
                        edges = {"reported_before": now - timedelta(days=band.from_days, microseconds=-1)}
                        if band.to_days is not None:
                            first = now - timedelta(days=band.to_days + 1, microseconds=-1)
                            edges["reported_after"] = first
                        assert n(db, then, open=True, bank=row.tier, under=place, **edges) == band.n


@pytest.mark.parametrize("instant", INSTANTS)
def test_a_stream_is_as_wide_as_its_list_is_long_but_for_what_moved_twice(
    engine: Engine, many_lives: Written, instant: datetime | None
) -> None:
    followed(engine, many_lives)
    short = 0
    with engine.connect() as db:
        then = as_it_stood(db, instant, many_lives.recall) if instant else None
        now = moment(then)
        since = (now - timedelta(days=30)).astimezone(DISTRICT).replace(hour=0, minute=0, second=0, microsecond=0)
        for place in PLACES:
            sums: Counter[str] = Counter()
            for move in flows(db, by(LAST), place, since.date(), day_at(now), then):
                sums[f"{move.source}:{move.target}"] += move.n
            for way, moves in sums.items():
                found = n(db, then, moved=way, under=place, came_after=since, came_before=now + timedelta(days=1))
                assert 0 < found <= moves, (way, place)
                short += moves - found
    assert short < 20


def test_came_in_is_told_of_the_unit_it_came_to(engine: Engine, many_lives: Written) -> None:
    followed(engine, many_lives)
    with engine.connect() as db:
        for place in ("T01", "T02"):
            towns = n(db, None, bank=Tier.TOWN, under=place, came_after=at("03-01 00:00"))
            assert 0 < towns <= n(db, None, bank=Tier.TOWN, under=place, ever=True)


def test_what_came_or_moved_in_some_days_is_the_same_whichever_way_it_is_found(
    engine: Engine, many_lives: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Along the list, or by the stays that began or ended in those days."""
    followed(engine, many_lives)
    days = {"came_after": at("03-04 00:00"), "came_before": at("04-20 00:00")}
    asked: list[dict[str, Any]] = [
        {"bank": Tier.TOWN, "under": "T01"},
        {"moved": "intake:town", "under": "T01"},
        {"moved": "town:resolved"},
    ]
    with engine.connect() as db:
        whole = [there(db, None, **one, **days) for one in asked]
        monkeypatch.setattr(along, "FIRST", 1)
        assert [there(db, None, **one, **days) for one in asked] == whole
    assert all(whole)
