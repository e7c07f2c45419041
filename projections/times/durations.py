"""Durations in buckets that can be added up: short ones each its own, above that so many in each doubling."""

from __future__ import annotations

BUCKETS = 128
"""In each doubling: below 256 seconds each its own, above that less than a hundredth wide."""
PARTS = 64 * BUCKETS
"""In each doubling, where buckets are told by their parts."""
SECONDS = 1 << 40
"""Where each second is a bucket of its own."""


def bucket_of(lasted_s: int, fine: int = BUCKETS) -> int:
    doublings = max(0, lasted_s.bit_length() - fine.bit_length())
    return doublings * fine + (lasted_s >> doublings)


def first_of(bucket: int, fine: int = BUCKETS) -> int:
    """The shortest duration of a bucket, in seconds; the longest is just below the first of the next."""
    doublings = max(0, bucket // fine - 1)
    return (bucket - doublings * fine) << doublings
