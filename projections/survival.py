"""The typical time of something that for some is not over yet: leaving those out would flatter (domain.md 4.6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

from projections.durations import bucket_of, first_of

ROUNDING = 1e-12

Spell = tuple[int, bool]
"""How long it has lasted, and whether it is over."""

FEW = 200
"""As many of a bucket are looked up where it is not the deciding one, but some in it are not over."""


def typical(spells: Iterable[Spell], *shares: float) -> list[int | None]:
    """After how long it was over for each share of all, by Kaplan and Meier; None where so many are not over yet."""
    ordered = sorted(spells)
    found = Survival(len(ordered), shares)
    found.pass_by(ordered)
    return found.times


def typical_of(
    over: Mapping[int, int],
    kept: Mapping[int, int],
    running: Sequence[tuple[int, int]],
    exact: Callable[[int], Sequence[Spell]],
    *shares: float,
) -> list[int | None]:
    """The same from buckets: how many were over, and how many were taken out of sight, in each; and after how long so
    many others are going on still. `exact` tells the spells of one bucket: of the one that decides, and of those before
    it in which the order matters. Where that would be too many, those not over count as if in the middle of the others.
    """
    going_on: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for lasted, n in running:
        going_on[bucket_of(lasted)].append((lasted, n))
    found = Survival(sum(over.values()) + sum(kept.values()) + sum(n for _, n in running), shares)
    for bucket in sorted({*over, *kept, *going_on}):
        ended, others = over.get(bucket, 0), kept.get(bucket, 0) + sum(n for _, n in going_on[bucket])
        if ended and (found.decides(ended, others) or (others and ended + others <= FEW)):
            spells = [*exact(bucket), *((lasted, False) for lasted, n in going_on[bucket] for _ in range(n))]
            found.pass_by(sorted(spells))
        else:
            found.pass_together(first_of(bucket), ended, others)
        if None not in found.times:
            break
    return found.times


class Survival:
    """How many are going on still, after longer and longer."""

    def __init__(self, n: int, shares: Sequence[float]) -> None:
        self.times: list[int | None] = [None] * len(shares)
        self._shares = shares
        self._n = n
        self._surviving = 1.0

    def decides(self, ended: int, others: int) -> bool:
        """Whether a share may be reached among these."""
        least = self._surviving * (1 - ended / max(ended, self._n - others))
        return any(
            time is None and least <= 1 - share + ROUNDING for time, share in zip(self.times, self._shares, strict=True)
        )

    def pass_by(self, ordered: Sequence[Spell]) -> None:
        """One after the other."""
        for lasted, same in groupby(ordered, key=lambda spell: spell[0]):
            ended = [over for _, over in same]
            self._pass(lasted, sum(ended), self._n)
            self._n -= len(ended)

    def pass_together(self, lasted: int, ended: int, others: int) -> None:
        """Many at once, those not over as if in the middle of the others."""
        self._pass(lasted, ended, self._n - others / 2)
        self._n -= ended + others

    def _pass(self, lasted: int, ended: int, of: float) -> None:
        if not ended:
            return
        self._surviving *= 1 - ended / of
        for place, share in enumerate(self._shares):
            if self.times[place] is None and self._surviving <= 1 - share + ROUNDING:
                self.times[place] = lasted
