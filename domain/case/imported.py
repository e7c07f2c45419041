"""Cases imported from another system's log: they are history only, and do not continue here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.case import events as e
from domain.case.custody import StayFields
from domain.case.state import Case
from domain.case.terms import Channel, Confidentiality, Grade, Kind, Outcome, Source, Status, Title, Words
from domain.decider import Act, Entry, command
from domain.ids import Id
from domain.org import Tier
from domain.refusals import Invalid, LimitReached


class Lasting(StrEnum):
    """The state of a case between two lines of a log."""

    WAITING = "waiting"
    HANDLED = "handled"
    PAUSED = "paused"
    RESOLVED = "resolved"
    CLOSED = "closed"


OVER = frozenset({Lasting.RESOLVED, Lasting.CLOSED})


@dataclass(frozen=True, kw_only=True)
class Line:
    """From this instant on a unit of a tier had the case, which was in this state; `said` is the log's own word for it."""

    at: datetime
    unit: Id
    tier: Tier
    state: Lasting
    said: Words


@command
class ImportCase:
    """Write down the whole history of a case from a log, with its own times. A case that is there already stays as it is;
    a log that has grown since is imported under another name, beside the earlier one (LimitReached says so).

    No clock is started and nobody is accountable: the rules of this system did not hold there. What the log leaves open
    ends with the log, at `ends`, so that it does not grow older for ever. Raises Invalid where times run backwards.
    """

    log: Words
    external_id: Annotated[str, MinLen(1), MaxLen(200)]
    title: Title
    kind: Kind = Kind.REQUEST
    grade: Grade = Grade.ORDINARY
    category: Words | None = None
    lines: Annotated[tuple[Line, ...], MinLen(1), MaxLen(10_000)]
    ends: datetime | None = None

    def decide(self, case: Case, act: Act, /) -> Iterator[e.Happening]:
        if case.imported == self.log:
            if sum(1 for _ in self._history(act)) > case.version:
                raise LimitReached(
                    "the log tells more of it now than when it was imported", "日志中该事项的记录多于已导入的记录"
                )
            return
        if case.status is not Status.UNKNOWN:
            raise LimitReached("another case has this id", "该编号已被其他事项使用")
        times = [line.at for line in self.lines] + ([self.ends] if self.ends else [])
        if times != sorted(times) or times[-1] > act.at:
            raise Invalid(
                "the lines of a case are in the order of time, and in the past", "记录须按时间先后，且不晚于现在"
            )
        yield from self._history(act)

    def _history(self, act: Act) -> Iterator[Entry[e.CaseEvent]]:
        yield Entry(at=self.lines[0].at, event=self._reported(act))
        translator = Translator()
        for line in self.lines:
            yield from (Entry(at=line.at, event=event) for event in translator.events(line))
        if translator.held and self.ends:
            yield Entry(at=self.ends, event=e.Closed(reason="log_ended"))

    def _reported(self, act: Act) -> e.Reported:
        return e.Reported(
            title=self.title,
            kind=self.kind,
            grade=self.grade,
            description="",
            category=self.category,
            village=None,
            town=None,
            channel=Channel.OTHER,
            source=Source.OTHER,
            confidentiality=Confidentiality.OPEN,
            reporter=act.by.id,
            collector=None,
            petitioner=None,
            subjects=(),
            household=None,
            proxy=False,
            location=None,
            external_id=self.external_id,
            occurred_at=None,
            receipt="",
            imported=self.log,
        )


class Translator:
    """Turns the lines of a log, one after the other, into the events of a case."""

    def __init__(self) -> None:
        self.held: Line | None = None
        """The line by which a unit has the case now; None before the first line, and while the case is resolved."""
        self._begun = False
        self._paused = False
        self._closed = False
        self._at_work = False
        self._reopened = 0
        self._entries: Counter[Tier] = Counter()

    def events(self, line: Line) -> Iterator[e.CaseEvent]:
        """The events of a line. A case is resolved where it was before; a line after that reopens it."""
        if self.held is None and self._begun and line.state in OVER:
            yield from self._closing(line)
            return
        if self.held is None or line.state not in OVER:
            yield from self._arriving(line)
        yield from self._changing(line)

    def _arriving(self, line: Line) -> Iterator[e.CaseEvent]:
        before, self.held = self.held, line
        if before is not None and before.tier is line.tier:
            if before.unit != line.unit:
                town = line.unit if line.tier is Tier.TOWN else None
                yield e.Transferred(unit=line.unit, town=town, accountable=None, reason=None)
            return
        self._entries[line.tier] += 1
        stay: StayFields = {
            "tier": line.tier,
            "unit": line.unit,
            "town": line.unit if line.tier is Tier.TOWN else None,
            "accountable": None,
            "entry_no": self._entries[line.tier],
        }
        self._paused = self._at_work = self._closed = False
        if not self._begun:
            self._begun = True
            yield e.Assigned(**stay, by_unit=line.unit)
        elif before is None:
            self._reopened += 1
            opened = e.StayOpened(**stay)
            yield e.Reopened(reason="imported", count=self._reopened, leader_takes_it=False, stay=opened)
        elif line.tier in (before.tier.above, Tier.DISTRICT):
            yield e.Escalated(**stay, trigger="imported", ground=None, tried=())
        else:
            yield e.Remanded(**stay, instructions="", premature=False)

    def _changing(self, line: Line) -> Iterator[e.CaseEvent]:
        if line.state in OVER:
            self.held = None
            yield e.Resolved(outcome=Outcome.SOLVED, proof=(), reply=None, signed_by=None)
            yield from self._closing(line)
        elif line.state is Lasting.PAUSED and not self._paused:
            self._paused = True
            yield e.InformationRequested(items=(line.said,), delivered="")
        elif line.state is not Lasting.PAUSED and self._paused:
            self._paused, self._at_work = False, True
            yield e.InformationProvided(note=None)
        elif line.state is Lasting.HANDLED and not self._at_work:
            self._at_work = True
            yield e.WorkStarted()

    def _closing(self, line: Line) -> Iterator[e.CaseEvent]:
        if line.state is Lasting.CLOSED and not self._closed:
            self._closed = True
            yield e.Closed(reason="imported")
