"""The district's clock: when a day begins there, and by what its instants are told. All of China has one."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

DISTRICT = ZoneInfo("Asia/Shanghai")


def day_at(at: datetime) -> date:
    """The day it is in the district at an instant."""
    return at.astimezone(DISTRICT).date()


def midnight(day: date) -> datetime:
    """When a day begins in the district."""
    return datetime.combine(day, time(), DISTRICT)


def just_before(end: datetime) -> datetime:
    """The last instant of a time that ends then: up to it, but not including it."""
    return end - datetime.resolution
