"""A page of what is searched for costs nearly the same with a thousand cases and with a million."""

from urllib.parse import quote

from benchmarks.measured import Target
from benchmarks.views import AUDITOR, TOWN, few_and_many

HEAD = ("town_head", "--unit", TOWN)
SOUGHT = {
    "what every second says": "户",
    "what one in twenty says": "粉尘",
    "what few say": "伍河村",
    "what one says": "第 77 件",
    "what nobody says": "粉户",
}


def run(seconds: float, rounds: int) -> list[Target]:
    """Asked by who sees everything, and by the head of one town of 28."""
    questions = {
        f"{name}, {who}": (f"/v1/cases?q={quote(sought)}", reader)
        for name, sought in SOUGHT.items()
        for who, reader in (("auditor", AUDITOR), ("town head", HEAD))
    }
    return few_and_many(questions, seconds, rounds, ratio=3, p95=100)
