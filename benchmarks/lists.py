"""A page of a list of which there are few, or none, costs nearly the same with a thousand cases and with a million."""

from benchmarks.measured import Target
from benchmarks.search import by_two
from benchmarks.views import few_and_many

RARE = {
    "a status that few have": "status=suspended",
    "a status that nobody has": "status=merged",
    "what was due long ago": "due_before=2020-01-01T00:00:00Z",
}


def run(seconds: float, rounds: int) -> list[Target]:
    """A list may be looked along for a while before another way is taken."""
    return few_and_many(by_two(RARE), seconds, rounds, ratio=10, p95=100)
