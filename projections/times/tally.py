"""A tally: how many of what, under names and numbers. Tallies are added to and subtracted from one another."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator

import orjson

Count = tuple[str, int, int]
"""A name, a number under it (a duration, an hour, a day; 0 where there is but one), and how many."""


class Tally:
    def __init__(self) -> None:
        self._counted: dict[str, dict[int, int]] = {}

    def __getitem__(self, name: str) -> Counter[int]:
        return Counter(self._counted.get(name))

    def __bool__(self) -> bool:
        return any(any(numbers.values()) for numbers in self._counted.values())

    def add(self, counts: Iterable[Count], sign: int = 1) -> None:
        for name, number, n in counts:
            numbers = self._counted.get(name)
            if numbers is None:
                self._counted[name] = {number: sign * n}
            else:
                numbers[number] = numbers.get(number, 0) + sign * n

    def counts(self) -> Iterator[Count]:
        return ((name, number, n) for name, numbers in self._counted.items() for number, n in numbers.items())

    def total(self, name: str) -> int:
        return sum(self._counted.get(name, {}).values())

    def read(self, text: str, sign: int = 1) -> None:
        """Add what another tally wrote down, or subtract it."""
        for name, (numbers, amounts) in _parsed(text).items():
            counter = self._counted.get(name)
            if counter is None and sign == 1:
                self._counted[name] = dict(zip(numbers, amounts, strict=True))
                continue
            counter = self._counted.setdefault(name, {})
            for number, n in zip(numbers, amounts, strict=True):
                counter[number] = counter.get(number, 0) + sign * n

    def read_between(self, text: str, first: float, last: float, sign: int = 1) -> None:
        """Add, or subtract, how many another tally wrote down under the numbers from `first` up to, but not including, `last`."""
        for name, (numbers, amounts) in _parsed(text).items():
            n = sum(amounts[bisect_left(numbers, first) : bisect_left(numbers, last)])
            self.add([(name, 0, n)], sign)

    def written(self) -> str:
        """The same text for the same tally, however it came about; none for nothing."""
        kept: dict[str, tuple[list[int], list[int]]] = {}
        for name, counter in sorted(self._counted.items()):
            numbers = [number for number, n in counter.items() if n]
            if numbers:
                numbers.sort()
                kept[name] = numbers, [counter[number] for number in numbers]
        return orjson.dumps(kept).decode() if kept else ""


def _parsed(text: str) -> dict[str, tuple[list[int], list[int]]]:
    """Of each name its numbers, in order, and how many of each."""
    parsed: dict[str, tuple[list[int], list[int]]] = orjson.loads(text)
    return parsed
