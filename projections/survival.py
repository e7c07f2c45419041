"""The typical time of something that for some is not over yet: leaving those out would flatter (domain.md 4.6)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

ROUNDING = 1e-12


def typical(spells: Iterable[tuple[int, bool]], *shares: float) -> list[int | None]:
    """After how long it was over for each share of all, by Kaplan and Meier; None where so many are not over yet.

    A spell is how long it has lasted, and whether it is over.
    """
    ordered = sorted(spells)
    times: list[int | None] = [None] * len(shares)
    going_on, surviving = len(ordered), 1.0
    for lasted, same in groupby(ordered, key=lambda spell: spell[0]):
        ended = [over for _, over in same]
        if any(ended):
            surviving *= 1 - sum(ended) / going_on
            for place, share in enumerate(shares):
                if times[place] is None and surviving <= 1 - share + ROUNDING:
                    times[place] = lasted
        going_on -= len(ended)
    return times
