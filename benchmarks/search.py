"""A page of what is searched for costs nearly the same with a thousand cases and with a million."""

from collections.abc import Mapping
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
    """Many say it, or few; the list is in any case no longer than a page."""
    asked = {name: f"q={quote(sought)}" for name, sought in SOUGHT.items()}
    return few_and_many(by_two(asked), seconds, rounds, ratio=3, p95=100)


def by_two(lists: Mapping[str, str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Lists of cases, by name, each asked for by who sees everything and by the head of one town of 28."""
    return {
        f"{name}, {who}": (f"/v1/cases?{asked}", reader)
        for name, asked in lists.items()
        for who, reader in (("auditor", AUDITOR), ("town head", HEAD))
    }
