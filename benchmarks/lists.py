"""A page of a list of which there are few, or none, costs nearly the same with a thousand cases and with a million."""

from benchmarks.measured import Target
from benchmarks.search import HEAD
from benchmarks.views import AUDITOR, few_and_many

RARE = {
    "a status that few have": "status=suspended",
    "a status that nobody has": "status=merged",
    "what was due long ago": "due_before=2020-01-01T00:00:00Z",
}


def run(seconds: float, rounds: int) -> list[Target]:
    """Asked by who sees everything, and by the head of one town of 28."""
    questions = {
        f"{name}, {who}": (f"/v1/cases?{asked}", reader)
        for name, asked in RARE.items()
        for who, reader in (("auditor", AUDITOR), ("town head", HEAD))
    }
    return few_and_many(questions, seconds, rounds, ratio=10, p95=100)
