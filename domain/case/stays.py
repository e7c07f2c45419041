"""A stay: one segment of a case's life, from entering a tier to leaving it. A transfer inside the tier continues it."""

from dataclasses import dataclass
from datetime import datetime

from domain.case.events import Assigned, StayOpened
from domain.case.terms import Exit
from domain.decider import altered
from domain.org import Tier
from domain.rules.deadlines import Pause


@dataclass(frozen=True, kw_only=True)
class Holding:
    """Which unit of the tier held the case, and until when."""

    unit: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Stay:
    tier: Tier
    unit: str
    town: str | None
    accountable: str | None
    entry_no: int
    entered_at: datetime
    by_unit: str | None
    units: tuple[Holding, ...]
    left_at: datetime | None = None
    exit: Exit | None = None
    void: bool = False
    charged_to: str | None = None
    premature: bool = False
    first_response_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    paused_since: datetime | None = None
    disputes: int = 0
    rejected_disputes: int = 0
    transfers: int = 0
    information_requests: int = 0
    extensions: int = 0
    refuted: bool = False
    """Its end was claimed to be a solution, and found to be none."""
    signed_by: str | None = None
    """Who headed the unit when it was solved there."""
    pressed: bool = False
    """The citizen did not mean a withdrawal, or judged its end better than he had before."""

    @property
    def attributed_to(self) -> str:
        """The unit whose time it is; a void stay is charged to the dispatcher's unit."""
        return self.charged_to if self.void and self.charged_to else self.unit

    def pauses_until(self, now: datetime) -> tuple[Pause, ...]:
        if self.paused_since is None or now <= self.paused_since:
            return self.pauses
        return (*self.pauses, Pause(start=self.paused_since, end=now))

    def left(self, at: datetime, exit: Exit | None) -> "Stay":
        """Ended; without an exit where an imported log breaks off."""
        return altered(
            self,
            left_at=at,
            exit=exit,
            units=_until(self.units, at),
            pauses=self.pauses_until(at),
            paused_since=None,
        )

    def passed_to(self, unit: str, town: str | None, accountable: str | None, at: datetime) -> "Stay":
        return altered(
            self,
            unit=unit,
            town=town,
            accountable=accountable,
            units=(*_until(self.units, at), Holding(unit=unit, since=at)),
            transfers=self.transfers + 1,
        )

    def resumed(self, at: datetime) -> "Stay":
        return altered(self, pauses=self.pauses_until(at), paused_since=None)

    def restored(self, *, waiting: bool) -> "Stay":
        """The stay as before it ended, for a report that is unmerged; `waiting`: the wait for the citizen goes on.

        A wait that had ended because the matter proved urgent stays ended.
        """
        units = (*self.units[:-1], altered(self.units[-1], until=None))
        going_on = altered(self, left_at=None, exit=None, units=units)
        if not waiting or not self.pauses or self.pauses[-1].end != self.left_at:
            return going_on
        return altered(going_on, pauses=self.pauses[:-1], paused_since=self.pauses[-1].start)


@dataclass(frozen=True, kw_only=True)
class Suspension:
    """Why a case is on the pending list, since when, and when it is reviewed next. It ends at `ends_at` at the latest."""

    reason: str
    plan: str
    since: datetime
    review_due_at: datetime
    ends_at: datetime
    overdue: bool = False
    over: bool = False


def opened(event: StayOpened, at: datetime) -> Stay:
    return Stay(
        tier=event.tier,
        unit=event.unit,
        town=event.town,
        accountable=event.accountable,
        entry_no=event.entry_no,
        entered_at=at,
        by_unit=event.by_unit if isinstance(event, Assigned) else None,
        units=(Holding(unit=event.unit, since=at),),
    )


def _until(units: tuple[Holding, ...], at: datetime) -> tuple[Holding, ...]:
    return (*units[:-1], altered(units[-1], until=at))
