"""The time by which everything is put on record."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from service.record import clock
from service.record.clock import SystemClock

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def test_a_clock_that_is_set_back_a_little_is_waited_for_and_one_that_was_wrong_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever waited for it would put a year of reports on record at one instant, and let no deadline lapse."""
    shown = [NOON, NOON - timedelta(seconds=5), NOON + timedelta(days=365), NOON + timedelta(seconds=1)]
    left = iter(shown)
    monkeypatch.setattr(clock, "datetime", SimpleNamespace(now=lambda _zone: next(left)))
    ours = SystemClock()
    assert [ours.now() for _ in shown] == [NOON, NOON, shown[2], shown[3]]
