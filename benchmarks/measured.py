"""A figure and how it was come by: answers timed one by one, sides taken in turn, targets they must meet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One round: the rate in answers a second, latencies in milliseconds, and how many answers were not a success."""

    answered: int
    unsuccessful: int
    rate: float
    p50: float
    p95: float
    p99: float


def measured(latencies: Sequence[float], elapsed: float, unsuccessful: int = 0) -> Measured:
    """A round from the latencies of its answers; latencies and elapsed time are in seconds."""
    if not latencies:
        raise RuntimeError("nothing was answered")
    ordered = sorted(latencies)

    def at(share: float) -> float:
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return Measured(
        answered=len(ordered),
        unsuccessful=unsuccessful,
        rate=len(ordered) / elapsed,
        p50=at(0.50),
        p95=at(0.95),
        p99=at(0.99),
    )


Rounds = dict[str, list[Measured]]


def in_turn(sides: Mapping[str, Callable[[], Measured]], rounds: int) -> Rounds:
    """Each side once as a warm-up that does not count, then A B A B ..., so that whatever disturbs, disturbs both."""
    for side in sides.values():
        side()
    taken: Rounds = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            one = side()
            if one.unsuccessful:
                raise RuntimeError(f"{name}: {one.unsuccessful} of {one.answered} answers were not a success")
            taken[name].append(one)
    return taken


def median_rate(rounds: Sequence[Measured]) -> float:
    return median(one.rate for one in rounds)


def median_p50(rounds: Sequence[Measured]) -> float:
    return median(one.p50 for one in rounds)


def median_p95(rounds: Sequence[Measured]) -> float:
    return median(one.p95 for one in rounds)


def print_table(title: str, taken: Rounds) -> None:
    """Medians over the rounds, and the rate of every round."""
    print(f"\n{title}\n{'':28}{'rate/s':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}   each round")
    for name, rounds in taken.items():
        p95, p99 = median(one.p95 for one in rounds), median(one.p99 for one in rounds)
        each = " ".join(f"{one.rate:.0f}" for one in rounds)
        print(f"{name:28}{median_rate(rounds):9.0f}{median_p50(rounds):9.2f}{p95:9.2f}{p99:9.2f}   {each}")


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a figure has to reach, or must not exceed."""

    what: str
    figure: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool:
        """A target without any bound is met by everything."""
        return (self.at_least is None or self.figure >= self.at_least) and (
            self.at_most is None or self.figure <= self.at_most
        )

    def __str__(self) -> str:
        bounds = [
            f"{word} {bound:g}" for word, bound in (("at least", self.at_least), ("at most", self.at_most)) if bound
        ]
        return f"{'met   ' if self.met else 'MISSED'}  {self.what}: {self.figure:.2f} ({', '.join(bounds)})"
