"""Median and 90th percentile of durations of which some are not over yet (Kaplan and Meier)."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from projections.times.durations import SECONDS, bucket_of, first_of

ROUNDING = 1e-12

FEW = 200
"""Up to this many, the order within each bucket matters, and not only in the one that decides."""


@dataclass(kw_only=True)
class Lasted:
    """How long some things have lasted: those that are `over`, and `others` that still go on or were lost from sight.

    Durations in seconds, each with how many; of those in `over_in` and `others_in` only the bucket is known, of which
    there are `fine` in each doubling.
    """

    over: Counter[int] = field(default_factory=Counter)
    others: Counter[int] = field(default_factory=Counter)
    over_in: Counter[int] = field(default_factory=Counter)
    others_in: Counter[int] = field(default_factory=Counter)
    fine: int = SECONDS

    @cached_property
    def n(self) -> int:
        return sum(each.total() for each in (self.over, self.others, self.over_in, self.others_in))

    @cached_property
    def ended(self) -> Buckets:
        """All that are over."""
        return Buckets(self._with(self.over_in, self.over))

    @cached_property
    def lost(self) -> Buckets:
        """All others. Those seen longer than anything was over are left out: they say nothing more."""
        end = first_of(max(self.ended.n, default=0) + 1, self.fine)
        return Buckets(self._with(self.others_in, {one: n for one, n in self.others.items() if one < end}))

    def _with(self, in_buckets: Counter[int], known: Mapping[int, int]) -> Counter[int]:
        if not known:
            return in_buckets
        found = Counter(in_buckets)
        for lasted, n in known.items():
            found[bucket_of(lasted, self.fine)] += n
        return found

    def opening(self, bucket: int) -> Opening:
        first, last = first_of(bucket, self.fine), first_of(bucket + 1, self.fine)
        over, others = (
            Counter({lasted: n for lasted, n in known.items() if first <= lasted < last})
            for known in (self.over, self.others)
        )
        inside = Lasted(over=over, others=others, fine=self.fine)
        return Opening(first, last, self.over_in[bucket], self.others_in[bucket], inside)


class Buckets:
    """How many there are in each bucket, and in all buckets before it."""

    def __init__(self, n: Counter[int]) -> None:
        self.n, self.all = n, sorted(n)
        self.before = [0, *accumulate(map(n.__getitem__, self.all))]


class Opening(NamedTuple):
    """A bucket from `first_s` up to `last_s` that has to be opened, and how many there are of which no more is known.

    Their seconds are to be added `inside`, where those are that are known already; or the finer bucket of each.
    """

    first_s: int
    last_s: int
    over: int
    others: int
    inside: Lasted


class Curve:
    """The Kaplan-Meier curve, of what share still goes on after so many seconds, followed down to where a share is over.

    That is `typical_s`, once no more `openings` are left; None where too many are not over yet.
    """

    def __init__(self, lasted: Lasted, share: float) -> None:
        self.typical_s: int | None = None
        self._n, self._goes_on, self._until = lasted.n, 1.0, 1 - share + ROUNDING
        self._few = self._n <= FEW
        self.openings = self._follow(lasted)
        """What has to be opened to follow it further: the bucket that decides, and of FEW durations all buckets in which
        the order matters. In others, what is not over counts as if lost in the middle of the bucket.
        """

    def _follow(self, lasted: Lasted) -> Iterator[Collection[Opening]]:
        """Bucket by bucket, the shortest durations first; many in one step where none decides. Below `wide`, each bucket is
        one second.
        """
        ended, lost, wide = lasted.ended, lasted.lost, 2 * lasted.fine
        mixed = ended.n.keys() & lost.n.keys() if self._few else ()
        opened = {bucket: lasted.opening(bucket) for bucket in mixed if bucket >= wide}
        if opened:
            yield opened.values()
        at = seen = 0
        while at < len(ended.all):
            bucket = ended.all[at]
            gone = bisect_left(lost.all, bucket, seen)
            self._n -= lost.before[gone] - lost.before[seen]
            seen, over, others = gone, ended.n[bucket], lost.n.get(bucket, 0)
            if not others and (to := self._next_that_decides(ended, lost, at, seen)) > at:
                self._pass(ended.before[to] - ended.before[at])
                at = to
                continue
            unseen, left = others if bucket >= wide else 0, self._n - over - others
            if over and self._goes_on * (1 - over / max(over, self._n - unseen)) <= self._until:
                if bucket < wide:
                    self.typical_s = bucket
                    return
                if bucket not in opened:
                    opened[bucket] = lasted.opening(bucket)
                    yield [opened[bucket]]
            if bucket in opened:
                yield from self._follow(opened[bucket].inside)
                if self.typical_s is not None:
                    return
            else:
                self._pass(over, unseen / 2)
            self._n, at, seen = left, at + 1, seen + bool(others)

    def _next_that_decides(self, ended: Buckets, lost: Buckets, at: int, seen: int) -> int:
        """Up to which bucket the share is not over and nothing is lost from sight."""
        alone = bisect_left(ended.all, lost.all[seen], at) if seen < len(lost.all) else len(ended.all)
        enough = ended.before[at] + self._n * (1 - self._until / self._goes_on)
        return bisect_left(ended.before, enough, at + 1, alone + 1) - 1

    def _pass(self, over: int, unseen: float = 0) -> None:
        """Pass so many that are over; so many others, `unseen`, were lost before."""
        if over:
            self._goes_on *= 1 - over / (self._n - unseen)
            self._n -= over
