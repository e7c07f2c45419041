"""What several tests of the read models share: one log of many lives, thought up once."""

import pytest

from projections.tests.logs import Written, told
from projections.tests.wandering import stories


@pytest.fixture(scope="session")
def many_lives() -> Written:
    return told(*stories(seed=1, amount=30))
