"""Merging reports of one matter into the earliest case, and separating them again; no reporter loses a right."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.case import events as e
from domain.case.clocks import ClockKind, ClockState, Moved, Started, running, stop, the
from domain.case.confirmation import confirmed
from domain.case.feedback import all_heard, called_back, settled
from domain.case.gate import CaseCommand, going_on_here, permitted, visible
from domain.case.outcome import call_back
from domain.case.reopening import closed_before, reopened
from domain.case.state import Case
from domain.case.subjects import taken_away, withdrawn
from domain.case.terms import ALIVE, Basis, Kind, Status
from domain.decider import Act, Entry, Recorded, command
from domain.ids import Id
from domain.refusals import AlreadyFinalised, ConflictOfInterest, Invalid, TooLate, WrongStatus
from domain.streams import case_stream

UNJOINABLE = frozenset({Status.DECLINED, Status.DIVERTED, Status.WITHDRAWN, Status.MERGED})


@command
class Merge(CaseCommand):
    """Join this report to an earlier one of the same matter. That one's clocks are untouched; its reporters are more.

    Into a case closed not long ago, it is reopened: the matter was not settled. A petition joins a petition alone, so
    that it keeps the time of the law.
    """

    verb = "merge"
    when = ALIVE

    into: Id
    basis: Basis

    def also(self, case: Case, /) -> tuple[str, ...]:
        return () if self.into == case.id else (case_stream(self.into),)

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Happening]:
        if self.into == case.id:
            raise Invalid("a case is not merged into itself", "事项不能并入自身")
        primary = counterpart(self.into, act, self.verb)
        joinable(case, primary, act)
        yield e.Merged(
            into=primary.id,
            basis=self.basis,
            stops=stop(running(case.clocks, *ClockKind), act, ClockState.LEFT),
        )
        joined = e.ReportJoined(case=case.id, basis=self.basis, reports=tuple(brought(case)), count=case.reports)
        calls = called_anew(after(primary, joined, act), act)
        yield Entry(stream=case_stream(primary.id), event=replace(joined, starts=calls))
        if primary.status is Status.CLOSED:
            for entry in reopened(primary, act, reason="reported_again"):
                yield replace(entry, stream=case_stream(primary.id))


def brought(case: Case) -> Iterator[e.JoinedReport]:
    """Every report merged into this case, its own first, also several of one person."""
    for one in case.reporters:
        if one.case == case.id:
            yield e.JoinedReport(case=one.case, reporter=one.id, reported_at=one.reported_at)
    for join in case.joined:
        yield from join.reports


def called_anew(case: Case, act: Act) -> tuple[Started, ...]:
    """A call-back clock for somebody who joins a resolved case after all others have been called."""
    if case.status is not Status.RESOLVED or case.kind is Kind.PETITION or the(case.clocks, ClockKind.CALL_BACK):
        return ()
    return (call_back(case, act),) if any(one.waited_for for one in case.reporters) else ()


def counterpart(case_id: str, act: Act, right: str) -> Case:
    """The other case, if the actor may do this to it too. What he may not see does not exist."""
    other: Case = act.others.get(case_stream(case_id)) or Case(id=case_id)
    visible(other, act)
    permitted(other, act, right)
    return other


def joinable(case: Case, primary: Case, act: Act) -> None:
    """Raises a refusal unless this case may go into that one."""
    going_on_here(primary)
    if primary.status is Status.FINALISED:
        raise AlreadyFinalised("nothing more can be done about it", "该事项已终结")
    if primary.status in UNJOINABLE or (primary.status is Status.CLOSED and not primary.stays):
        raise WrongStatus(f"the other case is {primary.status}", "目标事项当前状态下不能并入")
    if primary.confidentiality is not case.confidentiality:
        raise Invalid("the two cases are not equally confidential", "两件事项的保密级别不同")
    if case.kind is Kind.PETITION and primary.kind is not Kind.PETITION:
        raise Invalid(
            "a petition would lose the time of the law: the other case must be one, too",
            "信访事项须依法定期限办理，只能并入信访事项",
        )
    if case.subjects != primary.subjects:
        raise ConflictOfInterest(
            "one of the cases is known to those the other is about: name them in both", "须先使两件事项的被反映人一致"
        )
    assert case.reported_at is not None
    assert primary.reported_at is not None
    if case.reported_at < primary.reported_at:
        raise Invalid("the earlier report is the one that stays", "只能并入更早登记的事项")
    if closed_before(act.rules.policy.merge_reopening(), primary, act):
        raise TooLate("the other case was closed too long ago", "目标事项结案时间过长")


@command
class Unmerge(CaseCommand):
    """Let the report stand on its own again, its clocks as they were: one that is late by now lapses at once."""

    verb = "unmerge"
    when = frozenset({Status.MERGED})

    reason: Annotated[str, MinLen(1), MaxLen(2000)]

    def also(self, case: Case, /) -> tuple[str, ...]:
        return (case_stream(case.merged_into),) if case.merged_into else ()

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Happening]:
        assert case.merged_into is not None
        primary = counterpart(case.merged_into, act, self.verb)
        if primary.status is Status.FINALISED:
            raise AlreadyFinalised("nothing more can be done about it", "该事项已终结")
        if primary.status is Status.MERGED:
            raise WrongStatus("the other case has been merged itself; part that one first", "目标事项本身已并入他件")
        alone = e.Unmerged(reason=self.reason, moves=tuple(restored(case, act)))
        standing = after(case, alone, act)
        known = confirmed(running(standing.clocks, *ClockKind), standing, act)
        yield replace(alone, moves=(*alone.moves, *known, *withdrawn(standing, act)))
        yield from taken_away(standing, act)
        left = e.ReportLeft(case=case.id, reports=case.reports)
        going_on = after(primary, left, act)
        called = stop(called_back(going_on), act)
        yield Entry(stream=case_stream(primary.id), event=replace(left, stops=called))
        if all_heard(going_on):
            content = all(one.solved for one in going_on.last_answers)
            yield replace(settled(going_on, act, solved=content), stream=case_stream(primary.id))


def restored(case: Case, act: Act) -> Iterator[Moved]:
    """The clocks that merging stopped, except tasks of units that may no longer know of the case."""
    for clock in case.set_aside:
        if clock.kind is not ClockKind.TASK or not act.org.unit_tainted(clock.unit, case.subjects, act.at):
            yield Moved(kind=clock.kind, unit=clock.unit, restored=True)


def after(case: Case, event: e.CaseEvent, act: Act) -> Case:
    """The case after these events."""
    by, version = act.by.id, case.version + 1
    return case.evolve(Recorded(stream=case.id, version=version, at=act.at, recorded_at=act.at, by=by, event=event))
