"""The district's time zone: when a day begins there, and how instants are shown. All of China has one."""

from calendar import monthrange
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


def months_later(at: datetime, months: int) -> datetime:
    """The same day and time in the district some calendar months later; the last of the month where there is no such day."""
    here = at.astimezone(DISTRICT)
    month = here.month - 1 + months
    year, month = here.year + month // 12, month % 12 + 1
    later = here.replace(year=year, month=month, day=min(here.day, monthrange(year, month)[1]))
    return later.astimezone(at.tzinfo)
