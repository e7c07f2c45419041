"""Views built anew by two processes: response times cost as much as most others together, so they have one of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from projections import PROJECTIONS
from service.keeping.garbage import look_seldom
from service.keeping.rebuilding import BESIDE, Rebuilding

HEAVY, APART = ("response_times",), "apart"


def built(url: str, names: Sequence[str], told: Callable[[int, int], object]) -> int:
    """Build these views, or all; answers the position that all have reached. `told` hears how far the greater share is."""
    wanted = [one.name for one in PROJECTIONS if not names or one.name in names]
    heavy = [name for name in wanted if name in HEAVY]
    light = [name for name in wanted if name not in HEAVY]
    if not (heavy and light):
        return _build(url, wanted, BESIDE, told)
    with ProcessPoolExecutor(1, get_context("spawn")) as aside:
        apart = aside.submit(_build, url, heavy, APART)
        reached = _build(url, light, BESIDE, told)
        return min(reached, apart.result())


def _build(url: str, names: Sequence[str], place: str, told: Callable[[int, int], object] = lambda *_: None) -> int:
    look_seldom()
    building = Rebuilding(url, names, place)
    try:
        return building.run(told)
    finally:
        building.close()
