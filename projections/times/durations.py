"""Durations in buckets that can be added up: below 256 seconds each its own, above that less than a hundredth wide."""

from __future__ import annotations

FINE = 128
"""Buckets for each doubling."""


def bucket_of(lasted_s: int) -> int:
    doublings = max(0, lasted_s.bit_length() - 8)
    return doublings * FINE + (lasted_s >> doublings)


def first_of(bucket: int) -> int:
    """The shortest duration of a bucket, in seconds; the longest is just below the first of the next."""
    doublings = max(0, bucket // FINE - 1)
    return (bucket - doublings * FINE) << doublings
