"""Visits: who was met, what was said, what is needed. One counts if the household signed for it too."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any

from annotated_types import MaxLen, MinLen

from domain.decider import Act, command
from domain.household import events as e
from domain.household.classification import months_later
from domain.household.gate import VISIT, HouseholdCommand
from domain.household.state import Household
from domain.household.terms import Need
from domain.household.told import told
from domain.refusals import Invalid, TooLate, WrongStatus
from domain.rules.helping import Rhythm

LATE = timedelta(days=30)
"""How old a note from the door may be when it reaches the register [P]."""


def due_by(household: Household, rhythm: Rhythm) -> datetime | None:
    """By when it is to be visited next: within so many months of the last visit that counts, or of its class."""
    since = [at for at in (household.visited_at, household.since) if at is not None]
    months: int = getattr(rhythm, household.klass)
    return months_later(max(since), months) if since else None


@command
class RecordVisit(HouseholdCommand):
    """Write down a visit. What was not answered at the door opens a case, brought by the visitor for the household.

    `captured_at` is when it was noted where there was no signal; when it was recorded stays apart from it.
    """

    verb = "record-visit"
    right = VISIT

    met: Annotated[tuple[Annotated[str, MinLen(1), MaxLen(60)], ...], MinLen(1), MaxLen(20)]
    notes: Annotated[str, MaxLen(4000)] = ""
    needs: Annotated[tuple[Need, ...], MaxLen(20)] = ()
    countersigned: bool = False
    captured_at: datetime | None = None

    def rule(self, household: Household, act: Act, /) -> Iterator[Any]:
        if household.merged_into is not None:
            raise WrongStatus("it has been merged into another household", "该户已并入他户")
        seen = self.captured_at or act.at
        if seen.utcoffset() is None or seen > act.at:
            raise Invalid("captured_at is an instant that has passed", "captured_at 须为已过去的时刻")
        if act.at - seen > LATE:
            raise TooLate(f"a visit is recorded within {LATE.days} days", f"走访须在{LATE.days}日内登记")
        yield e.VisitRecorded(
            visitor=act.by.id,
            cases=(None,) * len(self.needs),
            countersigned=self.countersigned,
            captured_at=self.captured_at,
            told=told(household, act, met="、".join(self.met), notes=self.notes, needs=said(self.needs)),
        )


def said(needs: Iterable[Need]) -> str:
    """What was needed, and what was answered to it, a line each."""
    return "\n".join(" → ".join(filter(None, (need.title, need.answer))) for need in needs)
