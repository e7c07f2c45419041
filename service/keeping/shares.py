"""Rebuilding views in two processes: banks and times in one, the others in the second, half the work each.

From a short log one process has built them before another has begun.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context, parent_process
from threading import Thread

from projections import PROJECTIONS
from service.keeping.rebuilding import BESIDE, Rebuilding
from service.record.recorder import Recorder
from service.storage.database import open_database

APART = "apart"
BANKS = ("response_times", "problem_bank", "flows")
SHORT = 10_000
"""Events that one process folds in the time it takes to start another."""


def built(url: str, names: Sequence[str], on_progress: Callable[[int, int], object]) -> int:
    """Build these views, or all; answers the position that all have reached.

    `on_progress` gets the position of this process and the end of the log.
    """
    wanted = [one.name for one in PROJECTIONS if not names or one.name in names]
    banks = [name for name in wanted if name in BANKS]
    others = [name for name in wanted if name not in BANKS]
    if not (banks and others) or _recorded(url) < SHORT:
        return _build(url, wanted, BESIDE, on_progress)
    with process_aside() as aside:
        apart = aside.submit(_build, url, banks, APART)
        reached = _build(url, others, BESIDE, on_progress)
        return min(reached, apart.result())


def process_aside() -> ProcessPoolExecutor:
    """A child process that ends with this one, whatever ends this one."""
    return ProcessPoolExecutor(1, get_context("spawn"), initializer=_end_with_parent)


def _end_with_parent() -> None:
    """End when the parent does: a child left behind would hold the lock, and wait for its next errand for ever."""
    parent = parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    Thread(target=wait, name="lifeline", daemon=True).start()


def _build(
    url: str, names: Sequence[str], place: str, on_progress: Callable[[int, int], object] = lambda *_: None
) -> int:
    with closing(Rebuilding(url, names, place)) as building:
        return building.run(on_progress)


def _recorded(url: str) -> int:
    engine = open_database(url, pool=1)
    try:
        return Recorder(engine).max_notification_id() or 0
    finally:
        engine.dispose()
