"""Why a case is where it is, and why it is red: which event, which rule, which clock, and every day that was counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby

from domain.case import Case
from domain.case.clocks import ClockKind, ClockState
from domain.decider import Act
from domain.org import Tier
from domain.rules import CalendarYear, WorkingCalendar
from domain.rules.counting import Day, DayKind, days
from domain.rules.deadlines import ONE_DAY, TimeUnit
from domain.streams import CALENDARS, case_stream
from projections.cases.waits import waits
from service.record.aggregates import blank
from service.record.codec import to_line, to_recorded
from service.record.ledger import Ledger
from service.telling.history import Telling
from service.telling.rulebook import rule_of
from service.telling.spoken import due, moment
from service.telling.trail import Traced, trail
from service.telling.words import word

UNUSUAL = frozenset({DayKind.MAKEUP_WORKDAY, DayKind.HOLIDAY, DayKind.PAUSED, DayKind.ROLLED})


@dataclass(frozen=True, kw_only=True)
class DayView:
    day: str
    counts: bool
    why: DayKind
    said: str


@dataclass(frozen=True, kw_only=True)
class ClockStory:
    """One clock: what started it, which rule gave it how much time, and how its days were counted.

    `events` are the versions that changed it in between. Without `days` it was set in hours, or by an order.
    """

    kind: ClockKind
    unit: str
    unit_name: str | None
    state: ClockState
    amount: int
    amount_unit: TimeUnit
    rule: str
    policy: str
    calendar: str
    provisional: bool
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    started_by: int
    events: tuple[int, ...]
    stopped_by: int | None
    days: list[DayView]
    sentence: str


@dataclass(frozen=True, kw_only=True)
class WaitView:
    unit: str
    unit_name: str | None
    why: str
    due_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """`here` is the version of the event that brought it where it is, `status_by` of the one that gave it its status."""

    id: str
    version: int
    at: datetime
    status: str
    status_by: int
    tier: Tier | None
    unit: str | None
    unit_name: str | None
    here: int | None
    why_here: str
    waiting_for: list[WaitView]
    red: list[str]
    """The sentences of the clocks that are overdue."""
    clocks: list[ClockStory]


def explanation(ledger: Ledger, case: Case, act: Act, chinese: bool) -> Explanation:
    """Explain a case as it stands in `case`, to whoever `act` is, at that moment."""
    return Explaining(ledger, case, act, chinese).explanation()


@dataclass
class Explaining:
    ledger: Ledger
    case: Case
    act: Act
    chinese: bool

    def explanation(self) -> Explanation:
        case, local = self.case, self.act.rules.local
        lines = self._lines
        found = trail(blank(case_stream(case.id)), map(to_recorded, lines))
        clocks = [self._clock(traced) for traced in found.clocks]
        version = found.came or found.became
        return Explanation(
            id=case.id,
            version=case.version,
            at=local(self.act.at),
            status=case.status,
            status_by=found.became,
            tier=case.tier,
            unit=case.unit,
            unit_name=self._name(case.unit),
            here=found.came or None,
            why_here=self._telling.sentence(to_line(lines[version - 1])),
            waiting_for=[
                WaitView(unit=unit, unit_name=self._name(unit), why=wait.why, due_at=wait.due_at and local(wait.due_at))
                for unit, wait in waits(case).items()
            ],
            red=[clock.sentence for clock in clocks if clock.state is ClockState.BREACHED],
            clocks=clocks,
        )

    @cached_property
    def _telling(self) -> Telling:
        return Telling.of(self.case, self.act, self.chinese)

    @cached_property
    def _lines(self) -> Sequence[bytes]:
        stream = case_stream(self.case.id)
        return [line.state for line in self.ledger.recorder.select_events(stream, lte=self.case.version)]

    def _calendar(self, label: str) -> WorkingCalendar:
        """The calendar that an event names, each year in the version of that time."""
        region = label.partition("-")[0]
        years = {one.label: one for one in self.ledger.calendars.working(region).years.values()}
        if not years.keys() >= set(label.split("+")):
            years = self._superseded
        notices = [years[one] for one in label.split("+") if one in years]
        return WorkingCalendar(region=region, years={notice.year: notice for notice in notices})

    @cached_property
    def _superseded(self) -> dict[str, CalendarYear]:
        """Every version of every year's notice, by the label that events remember."""
        found: dict[str, CalendarYear] = {}
        calendars = blank(CALENDARS)
        for line in self.ledger.recorder.select_streams([CALENDARS])[CALENDARS]:
            calendars = calendars.evolve(recorded := to_recorded(line))
            notice = calendars.working(recorded.event.region).years[recorded.event.year]
            found[notice.label] = notice
        return found

    def _name(self, unit: str | None) -> str | None:
        known = self.act.org.unit(unit) if unit else None
        return known.name if known else None

    def _clock(self, traced: Traced) -> ClockStory:
        clock, local = traced.clock, self.act.rules.local
        counted = self._counted(traced)
        state = clock.read_at(self.act.at)
        return ClockStory(
            kind=clock.kind,
            unit=clock.unit,
            unit_name=self._name(clock.unit),
            state=state,
            amount=clock.span.amount,
            amount_unit=clock.span.unit,
            rule=rule_of(traced, self.ledger.policies),
            policy=clock.policy,
            calendar=clock.calendar,
            provisional=clock.provisional,
            started_at=local(clock.started_at),
            due_at=local(clock.due_at) if clock.due_at else None,
            stopped_at=local(clock.stopped_at) if clock.stopped_at else None,
            started_by=traced.started,
            events=traced.changed,
            stopped_by=traced.stopped,
            days=[self._day(day) for day in counted],
            sentence=self._sentence(traced, state, counted),
        )

    def _counted(self, traced: Traced) -> list[Day]:
        """The days that were counted for the stored due instant; none where they do not give it."""
        clock = traced.clock
        if clock.due_at is None:
            return []
        zone, calendar = self.act.rules.zone, self._calendar(clock.calendar)
        start, end = clock.started_at.astimezone(zone).date(), clock.due_at.astimezone(zone)
        counted = list(days(calendar, zone, start, clock.span, traced.pauses))
        return counted if counted and counted[-1].day + ONE_DAY == end.date() and not end.hour else []

    def _day(self, day: Day) -> DayView:
        return DayView(day=day.day.isoformat(), counts=day.counts, why=day.why, said=self._in_words(day))

    def _in_words(self, day: Day, until: Day | None = None) -> str:
        """A day or a run of days in words: Sun 28 Sep works; Wed 1 Oct to Wed 8 Oct holiday."""
        span = self._named(day) if until in (None, day) else f"{self._named(day)}{self._to}{self._named(until)}"
        return f"{span}{'' if self.chinese else ' '}{word('day', day.why, self.chinese)}"

    def _named(self, day: Day) -> str:
        weekday = word("weekday", day.day.weekday(), self.chinese)
        if self.chinese:
            return f"{day.day.month}月{day.day.day}日（{weekday}）"
        return f"{weekday} {day.day.day} {day.day:%b}"

    @property
    def _to(self) -> str:
        return "至" if self.chinese else " to "

    def _special(self, counted: Sequence[Day]) -> Iterator[str]:
        """The runs of days that are not as in a plain week: holidays, make-up workdays, pauses."""
        for why, run in groupby(counted, lambda day: day.why):
            first, *more = run
            if why in UNUSUAL:
                yield self._in_words(first, more[-1] if more else first)

    def _sentence(self, traced: Traced, state: ClockState, counted: Sequence[Day]) -> str:
        parts = list(self._parts(traced, state, counted))
        return "；".join(parts) + "。" if self.chinese else "; ".join(parts) + "."

    def _parts(self, traced: Traced, state: ClockState, counted: Sequence[Day]) -> Iterator[str]:
        clock, chinese = traced.clock, self.chinese
        kind = word("clock", clock.kind, chinese)
        holder = word("holder", clock.unit, chinese) or self._telling.named("unit", clock.unit)
        one = not chinese and clock.span.amount == 1
        unit = str(word("span", clock.span.unit, chinese)).removesuffix("s" if one else "")
        amount = f"{clock.span.amount}{'' if chinese else ' '}{unit}"
        start, event = counted_from(traced)
        since = moment(start, chinese)
        if chinese:
            yield f"{kind}（{holder}）：自{since}起{amount}（第{event}号事件），依据{clock.policy}"
        else:
            yield f"{kind} ({holder}): {amount} from {since} (event {event}), by {clock.policy}"
        if clock.calendar:
            yield f"日历{clock.calendar}" if chinese else f"calendar {clock.calendar}"
        if special := list(self._special(counted)):
            yield ("、" if chinese else ", ").join(special)
        if clock.due_at is not None:
            yield due(clock.due_at, clock.provisional, chinese).strip()
        if traced.stopped is not None and clock.stopped_at is not None:
            at = moment(clock.stopped_at, chinese)
            yield f"{at}停止（第{traced.stopped}号事件）" if chinese else f"stopped at {at} (event {traced.stopped})"
        yield str(word("clock_state", state, chinese))


def counted_from(traced: Traced) -> tuple[datetime, int]:
    """The instant from which the time is counted, and the event that says so: of what was hurried, the hours count
    anew.
    """
    hours = traced.began
    if traced.hurried is None or hours.due_at is None:
        return traced.clock.started_at, traced.started
    return hours.due_at - timedelta(**{hours.span.unit: hours.span.amount}), traced.hurried
