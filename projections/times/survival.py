"""Median and 90th percentile of durations of which some are not over yet (Kaplan and Meier; domain.md 4.6)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from projections.times.durations import bucket_of, first_of

ROUNDING = 1e-12

FEW = 200
"""Up to this many, the order within each bucket matters, and not only in the one that decides."""


@dataclass(kw_only=True)
class Lasted:
    """How long some things have lasted: those that are `over`, and `others` that still go on or were lost from sight.

    Durations in seconds, each with how many; in `over_in` and `others_in` only the bucket is known.
    """

    over: Counter[int]
    others: Counter[int] = field(default_factory=Counter)
    over_in: Counter[int] = field(default_factory=Counter)
    others_in: Counter[int] = field(default_factory=Counter)

    def clear_up(self, bucket: int, over: Mapping[int, int], others: Mapping[int, int]) -> None:
        """Replaces a bucket by its seconds."""
        self.over.update(over)
        self.others.update(others)
        del self.over_in[bucket], self.others_in[bucket]

    @property
    def clear(self) -> bool:
        return not self.over_in and not self.others_in

    def all(self) -> int:
        return sum(each.total() for each in (self.over, self.others, self.over_in, self.others_in))

    def by_second(self, end: float = inf) -> Iterator[tuple[int, int, int]]:
        """Each duration with how many were over and how many were last seen then; the shortest first."""
        over, others = self.over, self.others
        seen = sorted({lasted for each in (over, others) for lasted in each if lasted < end})
        return ((lasted, over[lasted], others[lasted]) for lasted in seen)

    def by_bucket(self) -> Iterator[tuple[int, Sequence[tuple[int, int, int]], int, int]]:
        """Each bucket with the seconds known in it, and how many were over and how many were last seen in it.

        Up to the last bucket in which anything was over: a longer one says nothing more.
        """
        over_in, others_in = self.over_in, self.others_in
        end = first_of(1 + max((*over_in, *map(bucket_of, self.over)), default=0))
        known: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        for one in self.by_second(end):
            known[bucket_of(one[0])].append(one)
        for bucket in sorted({*known, *over_in, *others_in}):
            over, others, here = over_in.get(bucket, 0), others_in.get(bucket, 0), known.get(bucket, ())
            for _, more, more_others in here:
                over, others = over + more, others + more_others
            yield bucket, here, over, others


def typical_of(lasted: Lasted, *shares: float) -> tuple[list[int | None], set[int]]:
    """After how many seconds each share was over, by Kaplan and Meier; None where too many are not over yet.

    Also the buckets whose seconds are needed for that: the one that decides, and up to FEW durations all before it in
    which the order matters. In others, what is not over counts as if lost in the middle of the bucket.
    """
    all_, unclear = lasted.all(), set[int]()
    found = Survival(all_, shares)
    if lasted.clear:
        found.pass_by(lasted.by_second())
        return found.times, set()
    for bucket, known, over, others in lasted.by_bucket():
        if not others and (not over or found.outlasts(over)):
            continue
        if over and (found.decides(over, others) or (others and all_ <= FEW)):
            if lasted.over_in[bucket] or lasted.others_in[bucket]:
                unclear.add(bucket)
                found.pass_together(first_of(bucket), over, others)
            else:
                found.pass_by(known)
        else:
            found.pass_together(first_of(bucket), over, others)
        if found.done:
            break
    return found.times, unclear


class Survival:
    """The Kaplan-Meier curve: the share that still goes on after longer and longer durations."""

    def __init__(self, n: int, shares: Sequence[float]) -> None:
        self.times: list[int | None] = [None] * len(shares)
        self._left = [1 - share + ROUNDING for share in shares]
        self._n = n
        self._surviving = 1.0

    @property
    def done(self) -> bool:
        return not self._left

    def decides(self, over: int, others: int) -> bool:
        """Whether the next share may be reached within a bucket."""
        return self._surviving * (1 - over / max(over, self._n - others)) <= self._left[0]

    def outlasts(self, over: int) -> bool:
        """Pass a bucket in which nothing was lost from sight; False, and nothing is passed, if the next share is
        reached in it.
        """
        surviving = self._surviving * (1 - over / self._n)
        if surviving <= self._left[0]:
            return False
        self._surviving = surviving
        self._n -= over
        return True

    def pass_by(self, ordered: Iterable[tuple[int, int, int]]) -> None:
        """One after the other."""
        for lasted, over, others in ordered:
            self._pass(lasted, over, self._n)
            self._n -= over + others
            if self.done:
                break

    def pass_together(self, lasted: int, over: int, others: int) -> None:
        """Pass a bucket as one step, with what is not over in the middle of it."""
        self._pass(lasted, over, self._n - others / 2)
        self._n -= over + others

    def _pass(self, lasted: int, over: int, of: float) -> None:
        if not over:
            return
        self._surviving *= 1 - over / of
        while self._left and self._surviving <= self._left[0]:
            self.times[-len(self._left)] = lasted
            del self._left[0]
