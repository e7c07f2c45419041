"""The day, month and year of an instant in the district; cached, since the same instants are asked for repeatedly."""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from domain.zone import day_at, midnight

KEPT = 65_536


@lru_cache(KEPT)
def day_of(at: datetime) -> str:
    return day_at(at).isoformat()


def morning(at: datetime) -> datetime:
    """When the day of an instant began."""
    return midnight(day_at(at))


@lru_cache(KEPT)
def year_of(at: datetime) -> int:
    return day_at(at).year


def spans_of(at: datetime) -> tuple[str, str]:
    """The month (`m:2025-03`) and the day (`d:2025-03-09`) under which sums count an instant."""
    day = day_of(at)
    return f"m:{day[:7]}", f"d:{day}"


def spans_before(day: str) -> Iterator[tuple[str, str]]:
    """The spans that add up to all that came before a day: the earlier months, and the earlier days of its month."""
    yield "m:", f"m:{day[:7]}"
    yield f"d:{day[:7]}", f"d:{day}"
