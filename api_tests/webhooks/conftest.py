"""Somebody who receives, and a courier who does not take his time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api_tests.receiver import Receiver
from api_tests.webhooks.asking import SOON
from service.webhooks import courier, deliveries


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver().at_work() as receiver:
        yield receiver


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "BETWEEN", 0.02)
    monkeypatch.setattr(courier, "PATIENCE", 0.1)
    monkeypatch.setattr(deliveries, "WAITS", SOON)
