"""Median and 90th percentile of durations of which some are not over yet (Kaplan and Meier; domain.md 4.6)."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from projections.times.durations import BUCKETS, bucket_of, first_of

ROUNDING = 1e-12

FEW = 200
"""Up to this many, the order within each bucket matters, and not only in the one that decides."""


@dataclass(kw_only=True)
class Lasted:
    """How long some things have lasted: those that are `over`, and `others` that still go on or were lost from sight.

    Durations in seconds, each with how many; in `over_in` and `others_in` only the bucket is known, until it is opened.
    There are `fine` buckets in each doubling.
    """

    over: Counter[int] = field(default_factory=Counter)
    others: Counter[int] = field(default_factory=Counter)
    over_in: Counter[int] = field(default_factory=Counter)
    others_in: Counter[int] = field(default_factory=Counter)
    fine: int = BUCKETS
    opened: dict[int, Lasted] = field(default_factory=dict)

    def all(self) -> int:
        return sum(each.total() for each in (self.over, self.others, self.over_in, self.others_in))

    def by_second(self) -> Iterator[tuple[int, int, int]]:
        """Each duration with how many were over and how many were last seen then; the shortest first."""
        over, others = self.over, self.others
        return ((lasted, over[lasted], others[lasted]) for lasted in sorted({*over, *others}))

    @cached_property
    def buckets(self) -> Buckets:
        """All of them by bucket. Others that were seen longer than anything was over are left out: they say nothing more."""
        over = self._with(self.over_in, self.over)
        end = first_of(max(over, default=0) + 1, self.fine)
        return Buckets(over, self._with(self.others_in, {one: n for one, n in self.others.items() if one < end}))

    def _with(self, in_buckets: Counter[int], known: Mapping[int, int]) -> Counter[int]:
        if not known:
            return in_buckets
        found = Counter(in_buckets)
        for lasted, n in known.items():
            found[bucket_of(lasted, self.fine)] += n
        return found

    def open(self, bucket: int, inside: Lasted) -> None:
        """Replace a bucket by what is known of its durations, and of those here that are known to the second."""
        inside.over.update(self._known(self.over, bucket))
        inside.others.update(self._known(self.others, bucket))
        self.opened[bucket] = inside

    def inside(self, bucket: int) -> Lasted | None:
        """What a bucket was replaced by; None if it has to be opened."""
        if bucket not in self.opened and not self.in_bucket(bucket):
            self.open(bucket, Lasted())
        return self.opened.get(bucket)

    def in_bucket(self, bucket: int) -> int:
        """How many durations there are of which only this bucket is known."""
        return self.over_in[bucket] + self.others_in[bucket]

    def ends(self, bucket: int) -> tuple[int, int]:
        """The shortest duration of a bucket, and of the next one."""
        return first_of(bucket, self.fine), first_of(bucket + 1, self.fine)

    def _known(self, seconds: Mapping[int, int], bucket: int) -> dict[int, int]:
        first, last = self.ends(bucket)
        return {lasted: n for lasted, n in seconds.items() if first <= lasted < last}


class Buckets:
    """How many were over and how many others were last seen in each bucket, and in all buckets before it."""

    def __init__(self, over: Counter[int], others: Counter[int]) -> None:
        self.over, self.others = over, others
        self.ends, self.seen = sorted(over), sorted(others)
        self.ended = [0, *accumulate(map(over.__getitem__, self.ends))]
        self.lost = [0, *accumulate(map(others.__getitem__, self.seen))]


class Unclear(NamedTuple):
    """A bucket that has to be opened."""

    lasted: Lasted
    bucket: int


def typical_of(lasted: Lasted, *shares: float) -> tuple[list[int | None], list[Unclear]]:
    """After how many seconds each share was over, by Kaplan and Meier; None where too many are not over yet.

    Also the buckets that have to be opened for that: the one that decides, and up to FEW durations all before it in which
    the order matters. In others, what is not over counts as if lost in the middle of the bucket.
    """
    found = Survival(lasted.all(), shares)
    found.pass_all(lasted)
    return found.times, found.unclear


class Survival:
    """The Kaplan-Meier curve: the share that still goes on after longer and longer durations."""

    def __init__(self, n: int, shares: Sequence[float]) -> None:
        self.times: list[int | None] = [None] * len(shares)
        self.unclear: list[Unclear] = []
        self._left = [1 - share + ROUNDING for share in shares]
        self._n, self._few = n, n <= FEW
        self._surviving = 1.0

    def pass_all(self, lasted: Lasted) -> None:
        """Pass seconds one after the other, and buckets up to the next that decides in one step."""
        if not lasted.over_in and not lasted.others_in:
            self._pass_by(lasted.by_second())
            return
        told, at, before = lasted.buckets, 0, 0
        while at < len(told.ends) and self._left:
            if (to := self._next_that_decides(told, at, before)) > at:
                self._pass(0, told.ended[to] - told.ended[at], 0)
                at = to
                continue
            bucket = told.ends[at]
            gone = bisect_left(told.seen, bucket, before)
            self._n -= told.lost[gone] - told.lost[before]
            self._pass_bucket(lasted, bucket, told.over[bucket], told.others[bucket])
            at, before = at + 1, gone + (bucket in told.others)

    def _next_that_decides(self, told: Buckets, at: int, before: int) -> int:
        """Up to which bucket no share is reached and nothing is lost from sight."""
        alone = bisect_left(told.ends, told.seen[before], at) if before < len(told.seen) else len(told.ends)
        if alone == at:
            return at
        enough = told.ended[at] + self._n * (1 - self._left[0] / self._surviving)
        return bisect_left(told.ended, enough, at + 1, alone + 1) - 1

    def _pass_bucket(self, lasted: Lasted, bucket: int, over: int, others: int) -> None:
        decides = over and self._surviving * (1 - over / max(over, self._n - others)) <= self._left[0]
        if decides or (over and others and self._few):
            if inside := lasted.inside(bucket):
                rest = self._n - over - others
                self.pass_all(inside)
                self._n = rest
                return
            self.unclear.append(Unclear(lasted, bucket))
        self._pass(first_of(bucket, lasted.fine), over, others / 2)
        self._n -= others

    def _pass_by(self, ordered: Iterable[tuple[int, int, int]]) -> None:
        for lasted, over, others in ordered:
            self._pass(lasted, over, 0)
            self._n -= others
            if not self._left:
                break

    def _pass(self, lasted: int, over: int, unseen: float) -> None:
        """Pass so many that are over; so many others, `unseen`, were lost before."""
        if not over:
            return
        self._surviving *= 1 - over / (self._n - unseen)
        self._n -= over
        while self._left and self._surviving <= self._left[0]:
            self.times[-len(self._left)] = lasted
            del self._left[0]
