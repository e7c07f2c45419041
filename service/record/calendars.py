"""The calendars that ship: the State Council's notices for 2004 to 2026, as the package `chinesecalendar` has them."""

from collections.abc import Iterator
from importlib.metadata import version

from chinese_calendar.constants import holidays, workdays

from domain.rules.calendars import Calendars, PublishCalendar

REGION = "cn"


def shipped() -> Iterator[PublishCalendar]:
    """Every year the installed package knows, oldest first."""
    source = f"State Council notice, by chinesecalendar {version('chinesecalendar')}"
    for year in sorted({day.year for day in holidays}):
        yield PublishCalendar(
            region=REGION,
            year=year,
            holidays=tuple(sorted(day for day in holidays if day.year == year)),
            makeup_workdays=tuple(sorted(day for day in workdays if day.year == year)),
            source=source,
        )


def missing(calendars: Calendars) -> Iterator[PublishCalendar]:
    """The years that nobody has published yet; what somebody has published stays as it is."""
    known = calendars.working(REGION)
    return (notice for notice in shipped() if not known.knows(notice.year))
