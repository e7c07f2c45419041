"""Visits: who was met, what was said, what is needed. One counts if the household signed for it too."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.decider import Act, altered, command
from domain.household import events as e
from domain.household.captured import captured
from domain.household.classes import verified_at_home
from domain.household.gate import AUDIT, VISIT, HouseholdCommand
from domain.household.sealing import sealed_words
from domain.household.state import Household
from domain.household.terms import HouseholdClass, Need
from domain.refusals import Invalid, NotPermitted, WrongStatus
from domain.rules.helping import Rhythm
from domain.zone import months_later


def due_by(household: Household, rhythm: Rhythm) -> datetime | None:
    """By when it is to be visited next: within so many months of the last visit that counts, or of its class.

    One that was merged into another is visited there.
    """
    if household.merged_into is not None:
        return None
    since = [at for at in (household.visited_at, household.since) if at is not None]
    return due_after(max(since), household.klass, rhythm) if since else None


def due_after(last: datetime, klass: HouseholdClass, rhythm: Rhythm) -> datetime:
    """By when a household of a class is to be visited again."""
    months = {"priority": rhythm.priority, "attention": rhythm.attention, "secure": rhythm.secure}[klass]
    return months_later(last, months)


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

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        captured(self.captured_at, act)
        yield e.VisitRecorded(
            visitor=act.by.id,
            cases=(None,) * len(self.needs),
            countersigned=self.countersigned,
            captured_at=self.captured_at,
            to_audit=drawn(household, act),
            told=sealed_words(household, act, met="、".join(self.met), notes=self.notes, needs=in_words(self.needs)),
        )


def drawn(household: Household, act: Act) -> bool:
    """Whether the household is asked by telephone: a few of a hundred, which nobody can tell beforehand."""
    lot = act.vault.lot(f"visit:{household.id}:{household.version + 1}")
    return lot % 100 < act.rules.policy.helping.audited_pct


@command
class AuditVisit(HouseholdCommand):
    """Ask the household by telephone whether somebody came. Nobody asks about his own visits, and each once."""

    verb = "audit-visit"
    right = AUDIT

    visit: int
    """The version under which it was recorded."""
    happened: bool
    finding: Annotated[str, MaxLen(2000)] = ""

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        visit = next((one for one in household.visits if one.version == self.visit), None)
        if visit is None:
            raise Invalid("there is no such visit", "没有这次走访")
        if visit.visitor == act.by.id:
            raise NotPermitted("another person asks about a visit", "须由他人核查走访")
        if visit.confirmed is not None:
            raise WrongStatus("it has been asked about", "该次走访已核查")
        yield e.VisitAudited(
            visit=self.visit, happened=self.happened, told=sealed_words(household, act, finding=self.finding)
        )
        others = altered(household, visits=tuple(one for one in household.visits if one is not visit))
        if household.notice is not None and not self.happened and not verified_at_home(others):
            yield e.NoticeEnded(withdrawn=True)


def in_words(needs: Iterable[Need]) -> str:
    """What was needed, and what was answered to it, a line each."""
    return "\n".join(" → ".join(filter(None, (need.title, need.answer))) for need in needs)
