"""The district's clock: when a day begins there, and by what its instants are told. All of China has one."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

DISTRICT = ZoneInfo("Asia/Shanghai")


def midnight(day: date) -> datetime:
    """When a day begins in the district."""
    return datetime.combine(day, time(), DISTRICT)
