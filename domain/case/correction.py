"""Correcting the record: a case is classified anew, or a field corrected by an entry that keeps both values."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.case import events as e
from domain.case.clocks import Clock, ClockKind, Started, running, the
from domain.case.custody import triaging
from domain.case.gate import CaseCommand, grading, sealed_from_the_start
from domain.case.homes import fitting_grade, home_of, homes, raised_to_fit, registered
from domain.case.intake import TRIAGE, statutory, triage_clocks_to
from domain.case.pausing import reckoned
from domain.case.reporting import EARLIEST, legible, placed
from domain.case.state import Case
from domain.case.suspension import reactivated
from domain.case.terms import ANY, OPEN, Grade, Kind, Status, Words
from domain.case.urgency import hurried
from domain.decider import SYSTEM, Act, Entry, command
from domain.refusals import Invalid, NotPermitted

Reason = Annotated[str, MinLen(1), MaxLen(2000)]


@command
class Reclassify(CaseCommand):
    """Say that it is of another kind, grade or category. Only future clocks follow, unless it proves urgent.

    What proves to be a petition has the time of the law from then on, beside the clocks that run.
    What proves urgent comes off the pending list in the same breath.
    Nothing becomes an accusation here unless it is sealed already: what others have read cannot be sealed any more.
    """

    verb = "reclassify"
    when = OPEN

    kind: Kind | None = None
    grade: Grade | None = None
    category: Words | None = None
    reason: Reason

    def also(self, case: Case, /) -> tuple[str, ...]:
        return homes(case.household)

    def right(self, case: Case, _act: Act, /) -> str:
        return grading(case, self.grade, self.verb)

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Happening]:
        kind, grade, category = self.kind or case.kind, self.grade or case.grade, self.category or case.category
        grade = fitting_grade(grade, category, home_of(case.household, act))
        if (kind, grade, category) == (case.kind, case.grade, case.category):
            raise Invalid("nothing is different", "没有任何变更")
        sealed_from_the_start(case, kind)
        hurries = grade is Grade.URGENT and case.status is Status.SUSPENDED
        yield e.Reclassified(
            kind=kind,
            grade=grade,
            category=category,
            reason=self.reason,
            starts=() if hurries else by_law(case, kind, act),
            moves=tuple(hurried(case, kind, grade, act)),
        )
        if hurries:
            urgent = replace(case, kind=kind, grade=grade)
            yield Entry(by=SYSTEM.id, event=reactivated(urgent, act, plan=None))


def by_law(case: Case, kind: Kind, act: Act) -> tuple[Started, ...]:
    """The statutory time of a case that proves to be a petition once accepted: from now on, for the law does not say."""
    if case.status is Status.REPORTED or the(case.clocks, ClockKind.STATUTORY) is not None:
        return ()
    unit = case.unit or triaging(case.village, case.subjects, act, sealed=case.sealed)
    return statutory(kind, unit, act)


class Field(StrEnum):
    """What may be corrected. Who brought it, and who is complained about, have commands of their own."""

    TITLE = "title"
    DESCRIPTION = "description"
    CATEGORY = "category"
    VILLAGE = "village"
    HOUSEHOLD = "household"
    OCCURRED_AT = "occurred_at"


LONGEST = {Field.TITLE: 200, Field.DESCRIPTION: 8000, Field.CATEGORY: 200, Field.VILLAGE: 64, Field.HOUSEHOLD: 64}


@command
class Correct(CaseCommand):
    """Put right what was written down wrongly; the old value stays readable beside the new one.

    When it began decides clocks, so it takes a second person: not the one who said so last.
    """

    verb = "correct"
    when = ANY

    field: Field
    value: Annotated[str, MinLen(1), MaxLen(8000)]
    reason: Reason

    def named(self) -> tuple[str | None, ...]:
        return (self.value,) if self.field is Field.VILLAGE else ()

    def also(self, case: Case, /) -> tuple[str, ...]:
        return homes(self._of(case))

    def rule(self, case: Case, act: Act, /) -> Iterator[e.EntryCorrected | e.Reclassified]:
        old = case.entry(self.field)
        if self.field is Field.OCCURRED_AT:
            yield self._dated(case, act, old)
            return
        if len(self.value) > LONGEST[self.field]:
            raise Invalid("value is longer than this field may be", "value 超过该字段长度上限")
        unchanged(self.value, old)
        if self.field is Field.TITLE:
            legible(self.value)
        home = home_of(self._of(case), act)
        if self.field is Field.HOUSEHOLD:
            registered(self.value, act)
        town = placed(self.value, act) if self.field is Field.VILLAGE else None
        moves = triage_clocks_to(case, triaging(self.value, case.subjects, act, sealed=case.sealed)) if town else ()
        yield e.EntryCorrected(field=self.field, old=old, new=self.value, reason=self.reason, town=town, moves=moves)
        yield from raised_to_fit(case, self.value if self.field is Field.CATEGORY else case.category, home)

    def _of(self, case: Case) -> str | None:
        """The household to grade the case by, if this correction can raise its grade."""
        return {Field.HOUSEHOLD: self.value, Field.CATEGORY: case.household}.get(self.field)

    def _dated(self, case: Case, act: Act, old: str | None) -> e.EntryCorrected:
        since = instant(self.value)
        assert case.recorded_at is not None
        if not EARLIEST <= since <= case.recorded_at:
            raise Invalid(
                "occurred_at lies after the report was written down, or before 2004",
                "occurred_at 不能晚于登记时间或早于 2004 年",
            )
        if act.by.id == case.dated_by:
            raise NotPermitted("a second person corrects what decides clocks", "影响时限的更正须由另一人作出")
        unchanged(since.isoformat(), old)
        moves = tuple(reckoned(clock, case, act, since=since) for clock in since_the_report(case))
        return e.EntryCorrected(
            field=self.field, old=old, new=since.isoformat(), reason=self.reason, reported_at=since, moves=moves
        )


def since_the_report(case: Case) -> Iterator[Clock]:
    """The clocks that count from the report: no intake that began anew later, and none recomputed as urgent."""
    assert case.report is not None
    in_minutes = case.report.grade is Grade.URGENT and case.report.kind is not Kind.PETITION
    for clock in running(case.clocks, *TRIAGE):
        hurried = clock.span.unit == "minutes" and not in_minutes
        if clock.started_at == case.reported_at and not hurried:
            yield clock


def unchanged(value: str, old: str | None) -> None:
    if value == old:
        raise Invalid("the value is the same as before", "更正值与原值相同")


def instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        if at.utcoffset() is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Invalid("value is not an instant with its offset", "value 须为带时区的时间")
