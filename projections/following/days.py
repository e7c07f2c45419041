"""Which day, and which year, an instant belongs to in the district. The same instants are asked for again and again."""

from datetime import datetime
from functools import lru_cache

from domain.org.state import SHANGHAI

KEPT = 65_536


@lru_cache(KEPT)
def day_of(at: datetime) -> str:
    return at.astimezone(SHANGHAI).date().isoformat()


def midnight(at: datetime) -> datetime:
    """When the day of an instant began."""
    return at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)


@lru_cache(KEPT)
def year_of(at: datetime) -> int:
    return at.astimezone(SHANGHAI).year
