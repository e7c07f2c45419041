"""A tally: how many of what, under names and numbers. Tallies can be added to one another and taken from one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import orjson

Mark = tuple[str, int, int]
"""A name, a number under it (a bucket, an hour, a day; 0 where there is but one), and how many."""


def every_one(_name: str) -> tuple[float, float]:
    return float("-inf"), float("inf")


class Tally:
    def __init__(self) -> None:
        self._counted: dict[str, dict[int, int]] = {}

    def __getitem__(self, name: str) -> Counter[int]:
        return Counter(self._counted.get(name))

    def __bool__(self) -> bool:
        return any(any(numbers.values()) for numbers in self._counted.values())

    def count(self, marks: Iterable[Mark], sign: int = 1) -> None:
        for name, number, n in marks:
            numbers = self._counted.get(name)
            if numbers is None:
                self._counted[name] = {number: sign * n}
            else:
                numbers[number] = numbers.get(number, 0) + sign * n

    def total(self, name: str) -> int:
        return sum(self._counted.get(name, {}).values())

    def read(self, text: str, within: Callable[[str], tuple[float, float] | None] = every_one) -> None:
        """Add what another one wrote down: of each name the numbers from one up to, but not including, another."""
        written: dict[str, list[list[int]]] = orjson.loads(text)
        for name, (numbers, amounts) in written.items():
            if (asked := within(name)) is None:
                continue
            counter, (first, last) = self._counted.setdefault(name, {}), asked
            for number, n in zip(numbers, amounts, strict=True):
                if first <= number < last:
                    counter[number] = counter.get(number, 0) + n

    def written(self) -> str:
        """The same text for the same tally, however it came about."""
        told: dict[str, Any] = {}
        for name, counter in sorted(self._counted.items()):
            kept = sorted((number, n) for number, n in counter.items() if n)
            if kept:
                told[name] = [[number for number, _ in kept], [n for _, n in kept]]
        return orjson.dumps(told).decode()
