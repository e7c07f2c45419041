"""The state of a case, folded from its events."""

from dataclasses import dataclass
from datetime import datetime

from domain.case import events as e
from domain.case.changes import changes_of
from domain.case.clocks import Clock, ClockKind, Clocks, Stopped, changed
from domain.case.numbers import number_of
from domain.case.reporters import Answer, Reporter
from domain.case.stays import Stay, Suspension
from domain.case.terms import BOARDS, OPEN, Board, Confidentiality, Grade, Kind, Outcome, Status
from domain.decider import Recorded, altered
from domain.org import Tier
from domain.rules.deadlines import Pause

LAPSING = frozenset(ClockKind) - {ClockKind.FIRST_RESPONSE, ClockKind.DISPUTE_WINDOW, ClockKind.CALL_BACK}
"""Clocks whose end makes something happen; the others are only read as breached or expired."""


@dataclass(frozen=True, kw_only=True)
class Case:
    id: str
    version: int = 0
    status: Status = Status.UNKNOWN
    kind: Kind = Kind.REQUEST
    grade: Grade = Grade.ORDINARY
    village: str | None = None
    town: str | None = None
    category: str | None = None
    household: str | None = None
    confidentiality: Confidentiality = Confidentiality.OPEN
    subjects: frozenset[str] = frozenset()
    report: e.Reported | None = None
    reported_at: datetime | None = None
    recorded_at: datetime | None = None
    updated_at: datetime | None = None
    reporters: tuple[Reporter, ...] = ()
    brought_by: tuple[str, ...] = ()
    """Everybody who ever brought it. Whoever asked to stay unknown stays so after his report has left the case."""
    answers: tuple[Answer, ...] = ()
    reports: int = 0
    joined: tuple[e.ReportJoined, ...] = ()
    dated_by: str | None = None
    clocks: Clocks = ()
    stays: tuple[Stay, ...] = ()
    tasks: tuple[e.TaskGiven, ...] = ()
    corrections: tuple[e.EntryCorrected, ...] = ()
    status_before: Status | None = None
    declines: tuple[str, ...] = ()
    challenges: int = 0
    challenge_pending: bool = False
    challenge_to: str | None = None
    diverted_to: str | None = None
    extension_asked: e.ExtensionRequested | None = None
    extension_asked_by: str | None = None
    suspension_asked: str | None = None
    suspension: Suspension | None = None
    suspensions: tuple[Pause, ...] = ()
    resolved_at: datetime | None = None
    outcome: Outcome | None = None
    unreasoned: bool = False
    follow_up_waits: tuple[Pause, ...] = ()
    reopen_count: int = 0
    reviewed: bool = False
    hearing_since: datetime | None = None
    hearings: tuple[Pause, ...] = ()
    withdrawal_asked: bool = False
    withdrawal_to: str | None = None
    merged_into: str | None = None
    set_aside: tuple[Stopped, ...] = ()
    ended_at: datetime | None = None
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    supervisor: str | None = None

    @property
    def number(self) -> str:
        """What people read out on the telephone. Derived from the id, so it tells nothing of how many there are."""
        assert self.recorded_at is not None
        code = number_of(self.id)
        year = (self.report and self.report.year) or self.recorded_at.year
        return f"{year}-{code[:5]}-{code[5:]}"

    def entry(self, field: str) -> str | None:
        """What is written down in a field that can be corrected; the last correction counts."""
        if corrected := [correction for correction in self.corrections if correction.field == field]:
            return corrected[-1].new
        written = getattr(self if field in ("village", "category", "household") else self.report, field)
        return written.isoformat() if isinstance(written, datetime) else written and str(written)

    @property
    def stay(self) -> Stay | None:
        """The stay that is going on."""
        last = self.stays[-1] if self.stays else None
        return last if last is not None and last.left_at is None else None

    @property
    def tier(self) -> Tier | None:
        return self.stays[-1].tier if self.stays else None

    @property
    def unit(self) -> str | None:
        return self.stays[-1].unit if self.stays else None

    @property
    def tasked(self) -> frozenset[str]:
        """The units that have or had a task in it: they are judged by it, and may appeal against that."""
        return frozenset(clock.unit for clock in self.clocks if clock.kind is ClockKind.TASK)

    @property
    def board(self) -> Board | None:
        return BOARDS.get(self.status)

    @property
    def open(self) -> bool:
        return self.status in OPEN

    @property
    def imported(self) -> str | None:
        """The log of another system that its history comes from."""
        return self.report.imported if self.report else None

    @property
    def collector(self) -> str | None:
        """The official who wrote it down; None if he reported for himself and asked to stay unknown."""
        report = self.report
        if report is None or (report.collector == report.reporter and self.confidentiality is not Confidentiality.OPEN):
            return None
        return report.collector

    @property
    def hidden_names(self) -> dict[str, str]:
        """The names under which reporters who asked to stay unknown are shown, always the same."""
        if self.confidentiality is Confidentiality.OPEN:
            return {}
        return {id: f"hidden-{number}" for number, id in enumerate(self.brought_by, start=1)}

    @property
    def sealed(self) -> bool:
        return self.confidentiality is Confidentiality.SEALED

    @property
    def refused(self) -> bool:
        """Whether it was not supported, with reasons given to the citizen in writing."""
        return self.outcome is Outcome.NOT_SUPPORTED and not self.unreasoned

    @property
    def unreachable(self) -> bool:
        """Whether everybody who brought it was called as often as the policy asks, and nobody was reached."""
        return bool(self.reporters) and all(one.unreachable for one in self.reporters)

    @property
    def last_answers(self) -> tuple[Answer, ...]:
        """What those who brought it say of its last result."""
        reporters, last = {one.id for one in self.reporters}, len(self.stays) - 1
        return tuple(one for one in self.answers if one.stay == last and one.reporter in reporters)

    def entries(self, tier: Tier) -> int:
        """How often it has entered a tier; void stays do not count."""
        return sum(stay.tier is tier and not stay.void for stay in self.stays)

    @property
    def deadline(self) -> Clock | None:
        """The next clock whose end makes something happen."""
        lapsing = (
            clock
            for clock in self.clocks
            if clock.stopped_at is None and clock.due_at is not None and not clock.lapsed and clock.kind in LAPSING
        )
        return min(
            lapsing, key=lambda clock: (clock.due_at, clock.kind is not ClockKind.TASK, clock.kind), default=None
        )

    @property
    def next_deadline(self) -> datetime | None:
        """When something happens to this case by itself, if nobody acts before.

        Never before its last event: a clock that is already late when it resumes lapses at that moment.
        """
        clock = self.deadline
        instants = [clock.due_at] if clock and clock.due_at else []
        if self.status is Status.SUSPENDED and self.suspension and not self.suspension.over:
            review, ends = self.suspension.review_due_at, self.suspension.ends_at
            instants.append(ends if self.suspension.overdue else min(review, ends))
        return max(min(instants), self.updated_at) if instants and self.updated_at else None

    def evolve(self, recorded: Recorded[e.CaseEvent], /) -> "Case":
        event, at = recorded.event, recorded.at
        changes = changes_of(self, event, at, recorded.by)
        if event.starts or event.stops or event.moves:
            changes["clocks"] = changed(self.clocks, event, at)
        if isinstance(event, e.Reported):
            changes["recorded_at"] = recorded.recorded_at
        return altered(self, version=recorded.version, updated_at=at, **changes)
