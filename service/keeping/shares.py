"""Views built anew by two processes: the banks and the times in one, everything else in the other, half the work each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from projections import PROJECTIONS
from service.keeping.garbage import look_seldom
from service.keeping.rebuilding import BESIDE, Rebuilding

APART = "apart"
BANKS = ("response_times", "problem_bank", "flows")


def built(url: str, names: Sequence[str], told: Callable[[int, int], object]) -> int:
    """Build these views, or all; answers the position that all have reached. `told` hears how far this process is."""
    wanted = [one.name for one in PROJECTIONS if not names or one.name in names]
    banks = [name for name in wanted if name in BANKS]
    others = [name for name in wanted if name not in BANKS]
    if not (banks and others):
        return _build(url, wanted, BESIDE, told)
    with ProcessPoolExecutor(1, get_context("spawn")) as aside:
        apart = aside.submit(_build, url, banks, APART)
        reached = _build(url, others, BESIDE, told)
        return min(reached, apart.result())


def _build(url: str, names: Sequence[str], place: str, told: Callable[[int, int], object] = lambda *_: None) -> int:
    look_seldom()
    building = Rebuilding(url, names, place)
    try:
        return building.run(told)
    finally:
        building.close()
