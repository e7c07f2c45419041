"""When time is up, against a slow reference that takes one day after the other."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from domain.rules.deadlines import Pause, Span, due
from domain.rules.policy import natural_days, working_days
from domain.tests.hanbin import CALENDAR, at

S07_WAIT = Pause(start=at("2025-04-28 15:00"), end=at("2025-05-07 09:30"))

ZONES = [ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")]

instants = st.integers(0, 4 * 365 * 24 * 60).map(lambda n: datetime(2024, 6, 1, tzinfo=UTC) + timedelta(minutes=n))
lengths = st.integers(0, 20 * 24 * 60).map(lambda n: timedelta(minutes=n))
zones = st.sampled_from(ZONES)


@st.composite
def clocks(draw: st.DrawFn) -> tuple[datetime, list[Pause]]:
    """A start, and pauses near it: overlapping, touching, in any order, some from midnight to midnight."""
    start, zone = draw(instants), draw(zones)
    pauses = []
    for offset, length, whole in draw(st.lists(st.tuples(lengths, lengths, st.booleans()), max_size=5)):
        first, last = start + offset, start + offset + length
        if whole:
            first, last = (
                datetime.combine(i.astimezone(zone).date(), time(0), zone).astimezone(UTC) for i in (first, last)
            )
        pauses.append(Pause(start=first, end=last))
    return start, pauses


def walked(zone: ZoneInfo, start: datetime, span: Span, pauses: Sequence[Pause]) -> datetime:
    """The deadline function word for word, one day after the other."""

    def midnight(day: date) -> datetime:
        return datetime.combine(day, time(0), zone).astimezone(UTC)

    def paused(day: date) -> bool:
        reached = midnight(day)
        for pause in sorted(pauses, key=lambda pause: pause.start):
            if pause.start <= reached:
                reached = max(reached, pause.end)
        return reached >= midnight(day + timedelta(days=1))

    day, left = start.astimezone(zone).date(), span.amount
    while left:
        day += timedelta(days=1)
        if (span.unit == "natural_days" or CALENDAR.is_working_day(day)) and not paused(day):
            left -= 1
    while span.unit == "natural_days" and not CALENDAR.is_working_day(day):
        day += timedelta(days=1)
    return midnight(day + timedelta(days=1))


@given(
    clocks(), st.builds(lambda n, of: of(n), st.integers(1, 90), st.sampled_from([working_days, natural_days])), zones
)
@example((at("2025-04-24 11:00"), [S07_WAIT]), working_days(7), ZONES[0])
@example((at("2025-04-01 11:00"), [S07_WAIT]), natural_days(7), ZONES[0])
def test_counting_in_one_step_equals_walking_day_by_day(
    clock: tuple[datetime, list[Pause]], span: Span, zone: ZoneInfo
) -> None:
    start, pauses = clock
    assert due(CALENDAR, zone, start, span, pauses).at == walked(zone, start, span, pauses)
