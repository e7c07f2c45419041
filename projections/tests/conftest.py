"""What the tests of the read models share: one database of each kind, emptied before each test, and one long log."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, delete, insert

from projections import PROJECTIONS
from projections.following.schema import metadata, progress
from projections.tests.logs import Written, told
from projections.tests.wandering import joined_and_parted, stories


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def kept(
    request: pytest.FixtureRequest, new_database: Callable[[str], str], opened: Callable[[str], Engine]
) -> Iterator[Engine]:
    """A database that all of these tests use in turn."""
    engine = opened(new_database(request.param))
    yield engine
    engine.dispose()


@pytest.fixture
def engine(kept: Engine) -> Engine:
    """Emptied, with every projection at the beginning: who has no place yet would make each of its tables anew."""
    begun = [{"projection": one.name, "version": one.version, "position": 0} for one in PROJECTIONS]
    with kept.begin() as db:
        for table in metadata.sorted_tables:
            db.execute(delete(table))
        db.execute(insert(progress), begun)
    return kept


@pytest.fixture(scope="session")
def many_lives() -> Written:
    return told(*stories(seed=1, amount=30), joined_and_parted())
