"""Rates: how many of how many, with their confidence interval, and drawn towards the mean of comparable units."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from domain.rules.scheme import Scheme

PLACES = 6
"""Digits that are told of a rate: fewer than machines differ in."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    low: float
    high: float

    def overlaps(self, other: "Interval") -> bool:
        return self.low <= other.high and other.low <= self.high


@dataclass(frozen=True, kw_only=True)
class Rate:
    """`hits` of `n`; a rate of nothing is none. What counts for a part only makes `hits` no whole number."""

    n: int
    hits: float
    raw: float | None
    interval: Interval | None


def rate(hits: float, n: int, scheme: Scheme) -> Rate:
    """A rate with its interval."""
    if n == 0:
        return Rate(n=0, hits=0, raw=None, interval=None)
    return Rate(n=n, hits=hits, raw=round(hits / n, PLACES), interval=wilson(hits, n, scheme.confidence_pct))


def wilson(hits: float, n: int, confidence_pct: int) -> Interval:
    """Where the true rate lies, by Wilson; it holds for few answers, too. Raises ZeroDivisionError for none at all."""
    z = NormalDist().inv_cdf(0.5 + confidence_pct / 200)
    p, spread = hits / n, z * z / n
    middle = p + spread / 2
    reach = z * sqrt(p * (1 - p) / n + spread / n / 4)
    low, high = (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)
    return Interval(low=round(max(low, 0), PLACES), high=round(min(high, 1), PLACES))


def shrunk(one: Rate, peers: float | None, scheme: Scheme) -> float | None:
    """The rate joined with some answers of the peer group's mean, so that few answers do not decide."""
    if one.n == 0 or peers is None:
        return one.raw
    return round((one.hits + scheme.shrinkage * peers) / (one.n + scheme.shrinkage), PLACES)


def satisfied(satisfied: int, basically: int, dissatisfied: int, scheme: Scheme) -> Rate:
    """Those basically satisfied count for a part."""
    hits = satisfied + basically * scheme.basically_satisfied_pct / 100
    return rate(hits, satisfied + basically + dissatisfied, scheme)
